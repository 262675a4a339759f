"""Writes every file that is made from the code, or checks that they are up to date.

A new one is a row in `GENERATED`: its path, and the function that gives its content.
"""

import argparse
import difflib
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from service.transport.definitions import definitions_file
from tools.metrics_page import metrics_page
from tools.quality_page import quality_page
from tools.settings_page import settings_page

ROOT = Path(__file__).resolve().parent.parent

GENERATED: Mapping[str, Callable[[], str]] = {
    "docs/metrics.md": metrics_page,
    "docs/quality.md": quality_page,
    "docs/settings.md": settings_page,
    "rabbitmq/definitions.json": definitions_file,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files, or with ``--check`` show what differs; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    if not parser.parse_args(arguments).check:
        write(ROOT, GENERATED)
        return 0
    differences = compare(ROOT, GENERATED)
    print(*differences.values(), sep="", end="")
    if differences:
        print(f"Stale: {', '.join(differences)}. Run `make docs`.", file=sys.stderr)
    return int(bool(differences))


def write(root: Path, generated: Mapping[str, Callable[[], str]]) -> None:
    """Write every file anew, below `root`."""
    for path, make in generated.items():
        (root / path).write_text(make(), encoding="utf-8")


def compare(root: Path, generated: Mapping[str, Callable[[], str]]) -> dict[str, str]:
    """Give the difference of each file below `root` that is not up to date."""
    differences = {}
    for path, make in generated.items():
        file = root / path
        present = file.read_text(encoding="utf-8") if file.exists() else ""
        lines = difflib.unified_diff(
            present.splitlines(keepends=True),
            make().splitlines(keepends=True),
            path,
            f"{path} (generated)",
        )
        if difference := "".join(lines):
            differences[path] = difference
    return differences


if __name__ == "__main__":
    sys.exit(main())
