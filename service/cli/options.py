"""Options that several commands have, and how their values are read."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from service.errors import InvalidRequestError

if TYPE_CHECKING:
    from service.domain.options import ProcessingOptions

DEFAULT_SERVER = "http://127.0.0.1:8000"

T = TypeVar("T")

Server = Annotated[
    str,
    typer.Option(
        "--server",
        envvar="DOCMILL_SERVER",
        metavar="URL",
        help="Where Docmill listens.",
    ),
]
JobArgument = Annotated[
    str, typer.Argument(metavar="JOB", help="Id of a job, like job_01m2…")
]
Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILES",
        help="Files to process.",
        exists=True,
        dir_okay=False,
        readable=True,
        show_default=False,
    ),
]
JobType = Annotated[
    str | None,
    typer.Option(
        "--type", metavar="TYPE", help="What to do, like DATA_EXTRACTION (the default)."
    ),
]
Processing = Annotated[
    list[str] | None,
    typer.Option(
        "--processing",
        "-p",
        metavar="KEY=VALUE",
        help="What is done to each document: ocr, ocrLanguages, pages, tables, "
        "expandAttachments or model; like ocr=off, pages=1-3,7 or ocrLanguages=en,de.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON, for programs to read.")]
Port = Annotated[
    int | None,
    typer.Option(
        "--port", min=0, max=65_535, help="Port to listen on.", show_default="8000"
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        file_okay=False,
        help="Folder for the database and the files.",
        show_default="docmill-data",
    ),
]


def pairs(values: Sequence[str] | None, flag: str) -> dict[str, str]:
    """Read ``key=value`` options.

    Raises:
        typer.BadParameter: One has no key or no equals sign.
    """
    read: dict[str, str] = {}
    for text in values or ():
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise typer.BadParameter(f"{text!r} is not key=value", param_hint=flag)
        read[key] = value
    return read


def processing_options(values: Sequence[str] | None) -> "ProcessingOptions":
    """Read ``--processing key=value`` options.

    Raises:
        typer.BadParameter: One is none, or has a value that it does not take.
    """
    from service.processing.options import options_of_text

    flag = "--processing"
    try:
        return options_of_text(pairs(values, flag))
    except InvalidRequestError as error:
        raise typer.BadParameter(error.message, param_hint=flag) from error


def typed(values: dict[str, str]) -> dict[str, Any]:
    """Read each value as JSON where it is JSON, else as text."""
    return {key: _typed(value) for key, value in values.items()}


def _typed(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value
