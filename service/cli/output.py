"""Where commands write: results to standard output, remarks to standard error."""

import sys
from typing import Any

import msgspec
from rich.console import Console

from service.cli.text import printable


def stdout() -> Console:
    """Give the console for what was asked for."""
    return Console(highlight=False, soft_wrap=False)


def note(text: str) -> None:
    """Say something to the person that is no part of the output."""
    sys.stderr.write(f"{text}\n")


def write_text(text: str) -> None:
    """Write a document's text: at a terminal without what would steer it."""
    if sys.stdout.isatty():
        text = "\n".join(map(printable, text.expandtabs().splitlines()))
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")


def write_json(value: Any) -> None:
    """Write one JSON value: indented at a terminal, else on one line."""
    encoded = msgspec.json.encode(value)
    if sys.stdout.isatty():
        encoded = msgspec.json.format(encoded, indent=2)
    sys.stdout.write(encoded.decode() + "\n")
