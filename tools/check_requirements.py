"""Checks that the pinned requirements are plain pins and fit ``pyproject.toml``.

They must install anywhere, so they name no index, address, path or option, and they
must be current: each dependency that ``pyproject.toml`` states is pinned in its range.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[A-Za-z0-9.!+]+)( ; .*)?"
)
FOREIGN = re.compile(r"https?:|file:/|--|@ ")
"""What a comment must not hold either: addresses, options, direct references."""


def main() -> int:
    """Print every problem; gives the exit code."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    run = project["dependencies"]
    wanted = {
        "requirements.txt": run,
        "requirements-dev.txt": run + project["optional-dependencies"]["dev"],
        "requirements-ocr.txt": run + project["optional-dependencies"]["ocr"],
    }
    pins: dict[str, dict[str, str]] = {}
    problems: list[str] = []
    for name, dependencies in wanted.items():
        text = (ROOT / name).read_text("utf-8")
        pins[name] = pinned(text)
        problems += [f"{name}: {problem}" for problem in foreign_lines(text)]
        problems += [
            f"{name}: {problem}" for problem in unmet(dependencies, pins[name])
        ]
    problems += [
        f"{name} does not hold all of requirements.txt"
        for name in wanted
        if not pins["requirements.txt"].items() <= pins[name].items()
    ]
    for problem in problems:
        print(f"{problem}. Run `make lock`.", file=sys.stderr)
    return int(bool(problems))


def pinned(text: str) -> dict[str, str]:
    """Give the pinned version of each package in a requirements file."""
    found = (PIN.fullmatch(line) for line in text.splitlines())
    return {canonicalize_name(pin["name"]): pin["version"] for pin in found if pin}


def foreign_lines(text: str) -> list[str]:
    """Name the lines that are neither a pin nor a harmless comment."""
    return [
        f"line {number} is no plain pin: {line}"
        for number, line in enumerate(text.splitlines(), start=1)
        if line
        and not PIN.fullmatch(line)
        and (FOREIGN.search(line) or not line.lstrip().startswith("#"))
    ]


def unmet(dependencies: Iterable[str], pins: Mapping[str, str]) -> list[str]:
    """Name the stated dependencies that no pin fulfils."""
    problems = []
    for stated in map(Requirement, dependencies):
        version = pins.get(canonicalize_name(stated.name))
        if version is None:
            problems.append(f"{stated.name} is not pinned")
        elif version not in stated.specifier:
            problems.append(f"{stated.name} {version} does not fit {stated.specifier}")
    return problems


if __name__ == "__main__":
    sys.exit(main())
