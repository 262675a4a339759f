"""What an operator of RabbitMQ needs from the code."""

from pathlib import Path
from typing import Annotated

import typer


def definitions(
    passwords: Annotated[
        Path | None,
        typer.Option(
            "--passwords",
            file_okay=False,
            help="Folder with one file a user, named as the user, that holds the "
            "password; without it nobody can log in.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", dir_okay=False, help="File to write instead of printing."
        ),
    ] = None,
) -> None:
    """Give RabbitMQ's definitions file: queues, users and their permissions."""
    from service.settings import load_settings
    from service.transport.definitions import definitions_file, read_passwords

    content = definitions_file(
        load_settings().queue_type,
        passwords=read_passwords(passwords) if passwords else None,
    )
    if output is None:
        typer.echo(content, nl=False)
    else:
        output.write_text(content, encoding="utf-8")
