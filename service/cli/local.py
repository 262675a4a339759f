"""Commands that work on this machine, without a running service."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.options import (
    DataDir,
    Files,
    JobType,
    Port,
    Processing,
    processing_options,
)


def up(
    host: Annotated[
        str | None,
        typer.Option(
            "--host",
            help="This machine's address to listen on.",
            show_default="127.0.0.1",
        ),
    ] = None,
    port: Port = None,
    data_dir: DataDir = None,
) -> None:
    """Start the whole service in this process; Ctrl-C stops it."""
    from service.cli.output import note
    from service.cli.ports import check_port
    from service.cli.serve import serve
    from service.settings import Role, load_settings

    settings = load_settings(Role.EMBEDDED, host=host, port=port, data_dir=data_dir)
    check_port(settings.host, settings.port)
    serve(settings, on_ready=lambda url: note(f"Docmill is ready at {url}"))


def demo(
    samples: Annotated[
        Path,
        typer.Option(
            "--samples",
            exists=True,
            file_okay=False,
            help="Folder with files and an expected.json.",
        ),
    ] = Path("samples"),
    once: Annotated[bool, typer.Option("--once", help="Stop after the batch.")] = False,
    port: Port = None,
    data_dir: DataDir = None,
) -> None:
    """Start the service and process a batch of sample files, live.

    A batch that was interrupted goes on where it was. With --once the exit code is 0
    only if every document ended as expected.json says.
    """
    from service.cli.demo import run_demo
    from service.cli.ports import check_port
    from service.settings import Role, load_settings

    settings = load_settings(Role.EMBEDDED, port=port, data_dir=data_dir)
    if "log_level" not in settings.model_fields_set:  # the batch is on the screen
        settings = settings.model_copy(update={"log_level": "warning"})
    check_port(settings.host, settings.port)
    raise typer.Exit(run_demo(settings, samples, once=once))


def process(
    files: Files,
    job_type: JobType = None,
    processing: Processing = None,
    timeout_s: Annotated[
        float,
        typer.Option("--timeout", min=0.1, help="Time limit of one file, in seconds."),
    ] = 30.0,
    text: Annotated[
        bool,
        typer.Option("--text", help="Print each file's whole text instead."),
    ] = False,
) -> None:
    """Process files right here, without the service; prints each result as JSON."""
    from service.cli.process import process_files
    from service.logs import configure_logging
    from service.settings import load_settings

    options = processing_options(processing)
    settings = load_settings()
    asked = "log_level" in settings.model_fields_set
    configure_logging(settings.log_level if asked else "warning", settings.log_format)
    all_well = process_files(
        settings,
        files,
        job_type=job_type,
        options=options,
        time_limit_s=timeout_s,
        text=text,
    )
    raise typer.Exit(0 if all_well else 1)


def migrate(data_dir: DataDir = None) -> None:
    """Bring the database to the newest schema; `docmill up` does so by itself."""
    from service.cli.output import note
    from service.settings import load_settings
    from service.store import migrate as migrate_store

    settings = load_settings(data_dir=data_dir)
    if not settings.store_url:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate_store(settings.effective_store_url)
    note("The database has the newest schema.")


def version() -> None:
    """Print Docmill's version."""
    from importlib.metadata import version as installed

    typer.echo(f"docmill {installed('docmill')}")
