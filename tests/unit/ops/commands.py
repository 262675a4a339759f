"""Command lines of `docmill`, read as the command itself would."""

from collections.abc import Sequence
from typing import Any

import typer.main

from service.cli.main import build_app


def parsed(arguments: Sequence[str]) -> dict[str, Any]:
    """Give the options of a command line, without running it; a wrong one raises."""
    group: Any = typer.main.get_command(build_app())
    name, *rest = arguments
    options: dict[str, Any] = group.commands[name].make_context(name, rest).params
    return options
