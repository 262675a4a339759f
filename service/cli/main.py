"""The ``docmill`` command."""

import sys
from collections.abc import Mapping, Sequence
from typing import Final, NoReturn

import typer

from service.cli import broker, jobs, local, roles
from service.cli.text import printable
from service.errors import DocmillError, InvalidRequestError, SettingsError

FAILED: Final = 1
USAGE: Final = 2
UNREACHABLE: Final = 3

EXAMPLES: Final = """
Examples:

docmill up                                   start the service on this machine

docmill submit --follow *.pdf                process files and watch

docmill results JOB                          see what came of them

docmill results JOB DOCUMENT > result.json   get one result

docmill process invoice.pdf                  process a file without it
"""

HERE: Final = "Run it here"
ROLES: Final = "Run it on many machines"
SERVICE: Final = "Use a running service"
COMMANDS: Final = (
    (HERE, "up", local.up),
    (HERE, "demo", local.demo),
    (HERE, "process", local.process),
    (HERE, "version", local.version),
    (ROLES, "gateway", roles.gateway),
    (ROLES, "worker", roles.worker),
    (ROLES, "aggregator", roles.aggregator),
    (ROLES, "migrate", local.migrate),
    (ROLES, "definitions", broker.definitions),
    (SERVICE, "submit", jobs.submit),
    (SERVICE, "status", jobs.status),
    (SERVICE, "watch", jobs.watch),
    (SERVICE, "list", jobs.list_jobs),
    (SERVICE, "results", jobs.results),
    (SERVICE, "cancel", jobs.cancel),
    (SERVICE, "retry", jobs.retry),
)


def build_app() -> typer.Typer:
    """Give the command with all its subcommands."""
    app = typer.Typer(
        name="docmill",
        help="Turns batches of documents into structured results and shows live where "
        "each one stands.",
        epilog=EXAMPLES,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for panel, name, command in COMMANDS:
        app.command(name, rich_help_panel=panel)(command)
    return app


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 well, 1 failed, 2 wrong use, 3 unreachable.

    Args:
        arguments: None = those of this process.
    """
    try:
        build_app()(arguments, prog_name="docmill")
    except DocmillError as error:
        _fail(error)
    except OSError as error:
        _leave(f"{error.filename or 'Docmill'}: {error.strerror or error}", FAILED)
    sys.exit(0)


def _fail(error: DocmillError) -> NoReturn:
    details: Sequence[Mapping[str, str]] = getattr(error, "errors", ())
    lines = [error.message]
    if len(details) == 1 and details[0].get("pointer"):
        lines = [f"{details[0]['pointer']}: {error.message}"]
    elif len(details) > 1:
        lines += [f"  {each.get('pointer', '')} {each['detail']}" for each in details]
    _leave("\n".join(lines), _exit_code(error))


def _exit_code(error: DocmillError) -> int:
    if error.code == "unreachable":
        return UNREACHABLE
    refused = getattr(error, "status", None) in {400, 413, 422}
    wrong = isinstance(error, InvalidRequestError | SettingsError)
    nowhere = error.code == "invalid_address"
    return USAGE if refused or wrong or nowhere else FAILED


def _leave(text: str, code: int) -> NoReturn:
    for line in text.splitlines():
        sys.stderr.write(printable(line) + "\n")
    sys.exit(code)
