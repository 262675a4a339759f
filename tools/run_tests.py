"""Runs test tiers one after the other and holds the coverage gates over all of them.

Each tier has a time budget. It is printed, not enforced: the time depends on the
machine, and a slow one must not fail a correct change.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
API_FUZZ = "tests/e2e/test_api_fuzz.py"
STACK = "tests/e2e/stack"
OPS = "tests/integration/ops"


class Tier(NamedTuple):
    """What pytest is given for a tier, and how many seconds it should take."""

    budget_s: int
    arguments: tuple[str, ...]
    python: str = sys.executable


# Processes at once, each with servers of its own: two where the tests compute, three
# where they also wait. Where the servers of a file take longer than its tests no file
# is split; elsewhere one that is done takes half of what the other has left. The tests
# of requests nobody thought of are one, and the gateway's may not go by file: xdist
# then runs one of those that schemathesis names alike.
TWO, THREE = "--numprocesses=2", "--numprocesses=3"
SPLIT, BY_FILE = "--dist=worksteal", "--dist=loadfile"
BY_STACK = "--dist=loadscope"
"""As tests/e2e/stack/conftest.py shares them."""

TIERS = {
    "unit": Tier(180, ("tests/unit", TWO)),
    "contract": Tier(60, ("tests/contract", TWO, BY_FILE)),
    "integration": Tier(240, ("tests/integration", f"--ignore={OPS}", THREE, SPLIT)),
    "ops": Tier(50, (OPS, TWO, BY_FILE)),
    "e2e": Tier(
        180,
        ("tests/e2e", f"--ignore={API_FUZZ}", f"--ignore={STACK}", THREE, BY_FILE),
    ),
    "stack": Tier(150, (STACK, THREE, BY_STACK)),
    "api-fuzz": Tier(120, (API_FUZZ,)),
    # Where docmill[ocr] is installed; the other tiers show what happens without it.
    "ocr": Tier(90, ("tests/ocr", TWO, BY_FILE), python=f"{ROOT}/.venv-ocr/bin/python"),
}


class Gate(NamedTuple):
    """Share of lines and branches of some files that tests must reach."""

    name: str
    percent: int
    options: tuple[str, ...]


GATES = (
    Gate("service/domain", 100, ("--include=service/domain/*",)),
    Gate("everything", 90, ()),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tiers that were asked for; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tiers", nargs="+", choices=TIERS)
    parser.add_argument("--no-cov", action="store_true", help="do not measure coverage")
    parser.add_argument("--slow", action="store_true", help="run slow tests too")
    chosen, for_pytest = parser.parse_known_args(arguments)
    options = [*for_pytest] if chosen.slow else ["-m", "not slow", *for_pytest]
    command = ["pytest"] if chosen.no_cov else ["coverage", "run", "-m", "pytest"]
    if not chosen.no_cov:
        _run("coverage", "erase")
    lines = []
    failed = False
    for name in chosen.tiers:
        tier = TIERS[name]
        started = time.monotonic()
        code = _run(*command, *tier.arguments, *options, python=tier.python)
        took_s = time.monotonic() - started
        failed |= code != 0
        verdict = "ok" if code == 0 else "FAILED"
        lines.append(f"{name}: {took_s:.0f} s of {tier.budget_s} s, {verdict}")
    print(*lines, sep="\n", flush=True)
    if not chosen.no_cov and not failed:
        failed = not _covered()
    return int(failed)


def _covered() -> bool:
    _run("coverage", "combine", "--quiet")
    kept = True
    for gate in GATES:
        print(f"coverage of {gate.name}: at least {gate.percent} %", flush=True)
        limit = f"--fail-under={gate.percent}"
        kept &= _run("coverage", "report", limit, *gate.options) == 0
    return kept


def _run(*command: str, python: str = sys.executable) -> int:
    """Run a Python tool in the project's folder."""
    line = [python, "-m", *command]
    return subprocess.run(line, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
