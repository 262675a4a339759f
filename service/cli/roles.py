"""Commands that run one role of the service each, for many processes and machines."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import typer

from service.cli.options import DataDir, Port

HealthPort = Annotated[
    int | None,
    typer.Option(
        "--health-port",
        min=0,
        max=65_535,
        help="Port for /livez, /readyz and /metrics; 0 takes a free one.",
        show_default="9101",
    ),
]


def gateway(
    host: Annotated[
        str | None,
        typer.Option("--host", help="Address to listen on.", show_default="127.0.0.1"),
    ] = None,
    port: Port = None,
    data_dir: DataDir = None,
) -> None:
    """Serve HTTP, live events and the pages; any number of these."""
    from service.cli.gateway_role import run_gateway
    from service.cli.output import note
    from service.settings import Role, load_settings

    settings = load_settings(Role.GATEWAY, host=host, port=port, data_dir=data_dir)
    run_gateway(settings, on_ready=lambda url: note(f"Docmill is ready at {url}"))


def worker(
    queues: Annotated[
        Literal["documents", "documents.ocr", "batches"] | None,
        typer.Option(
            "--queues",
            help="The queues to serve, in this process; left out, one process for each "
            "group is started.",
        ),
    ] = None,
    concurrency: Annotated[
        int | None,
        typer.Option(
            "--concurrency",
            min=1,
            help="Documents processed at once.",
            show_default="cores, at least 5; with OCR half of them",
        ),
    ] = None,
    recycle_after: Annotated[
        int | None,
        typer.Option(
            "--recycle-after",
            min=1,
            help="Documents one child process reads before it is replaced.",
            show_default="500",
        ),
    ] = None,
    health_port: HealthPort = None,
    data_dir: DataDir = None,
    supervised: Annotated[bool, typer.Option("--supervised", hidden=True)] = False,
) -> None:
    """Process documents, and plan batches; any number of these."""
    from service.cli.supervisor import GROUPS, supervise
    from service.settings import Role, load_settings

    # Beside other groups it has a setting of its own.
    own = queues == "documents.ocr" and not supervised
    given = {
        "ocr_concurrency" if own else "concurrency": concurrency,
        "recycle_after": recycle_after,
        "data_dir": data_dir,
    }
    roles = (GROUPS[queues],) if queues else (Role.DOCUMENTS, Role.BATCHES)
    settings = load_settings(*roles, health_port=health_port, **given)
    if queues is None:
        from service.cli.making import serves_scans

        raise typer.Exit(
            supervise(
                health_port=settings.health_port,
                options=_as_options(given),
                without=() if serves_scans(settings) else ("documents.ocr",),
            )
        )
    from service.cli.worker_role import run_batch_worker, run_document_worker

    if queues == "batches":
        run_batch_worker(settings, supervised=supervised)
    else:
        scans = queues == "documents.ocr"
        run_document_worker(settings, supervised=supervised, scans=scans)


def aggregator(health_port: HealthPort = None, data_dir: DataDir = None) -> None:
    """Lead, or stand by until the leader is gone; one leads of any number."""
    from service.cli.aggregator_role import run_aggregator
    from service.settings import Role, load_settings

    run_aggregator(
        load_settings(Role.AGGREGATOR, health_port=health_port, data_dir=data_dir)
    )


def _as_options(given: Mapping[str, int | Path | None]) -> list[str]:
    return [
        part
        for name, value in given.items()
        if value is not None
        for part in (f"--{name.replace('_', '-')}", str(value))
    ]
