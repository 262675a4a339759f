"""Writes the invoices into a folder."""

import argparse
import json
import sys
from pathlib import Path

from tools.make_invoices.making import make_all

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tools.make_invoices")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for made in make_all(given.seed):
        (given.folder / made.name).write_bytes(made.content)
        truth = given.folder / f"{made.name}.json"
        truth.write_text(json.dumps(made.truth, indent=2) + "\n", encoding="utf-8")
        count += 1
    print(f"{count} documents in {given.folder}")
    sys.exit(0)
