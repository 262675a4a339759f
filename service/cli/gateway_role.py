"""``docmill gateway``: HTTP, live events and pages, before broker and store."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from gateway.app import SPOOL, create_app
from service.bootstrap import Parts, build_tools, with_store
from service.cli.folders import own_folder
from service.cli.opening import opened_store
from service.cli.ports import check_port
from service.cli.serve import serve_app
from service.cli.signals import told_to_stop
from service.logs import configure_logging
from service.settings import Role, Settings, for_role
from service.transport.rabbitmq import RabbitmqTransport

SPOOLS: Final = SPOOL.with_name("gateways")
"""Within the data folder: one folder for each gateway that uses it."""


def run_gateway(
    settings: Settings, *, on_ready: Callable[[str], None] | None = None
) -> None:
    """Serve until told to stop: streams end, requests finish, then it closes.

    Args:
        settings: Of the process.
        on_ready: Called on another thread with the base URL once requests are accepted.

    Raises:
        ConflictError: The port is taken.
        SettingsError: Something the settings name cannot be used.
    """
    settings = for_role(settings, Role.GATEWAY)
    configure_logging(settings.log_level, settings.log_format)
    check_port(settings.host, settings.port)
    tools = build_tools(settings)
    spools = settings.data_dir.absolute() / SPOOLS
    with told_to_stop() as stopping:
        store = opened_store(settings.store_url, stopping)
        if store is None:
            return
        with own_folder(spools) as folder:
            _serve(with_store(tools, store), folder, stopping, on_ready=on_ready)


def _serve(
    parts: Parts,
    folder: Path,
    stopping: threading.Event,
    *,
    on_ready: Callable[[str], None] | None,
) -> None:
    transport = RabbitmqTransport(
        parts.settings.broker_url,
        clock=parts.clock,
        queue_type=parts.settings.queue_type,
        count=parts.metrics.count_incident,
    )
    app = create_app(
        settings=parts.settings,
        store=parts.store,
        blobs=parts.blobs,
        transport=transport,
        registry=parts.registry,
        clock=parts.clock,
        metrics=parts.metrics,
        spool=folder / "uploads",
    )

    def stop() -> None:
        transport.close()
        parts.store.close()

    serve_app(
        app,
        parts.settings,
        start=transport.start,
        stop=stop,
        on_ready=on_ready,
        stopping=stopping,
    )
