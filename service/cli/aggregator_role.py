"""``docmill aggregator``: leads, or stands by until the leader is gone."""

import threading
from typing import Final

from actors.aggregator import Aggregator
from service.bootstrap import Parts, build_tools, with_store
from service.cli.collecting import collect_rarely
from service.cli.health import HealthServer, Readiness
from service.cli.making import make_aggregator
from service.cli.names import worker_name
from service.cli.opening import opened_store
from service.cli.signals import told_to_stop
from service.errors import PermanentError
from service.logs import configure_logging, get_logger
from service.settings import Role, Settings, for_role
from service.transport import Transport
from service.transport.rabbitmq import RabbitmqTransport

LOOK_EVERY_S: Final = 0.2
"""How often it is looked whether the aggregator's thread still lives."""

_log = get_logger(__name__)


def run_aggregator(settings: Settings) -> None:
    """Lead or stand by until told to stop: the commit under way is finished.

    Raises:
        ConflictError: The health port is taken.
        SettingsError: Something the settings name cannot be used.
    """
    settings = for_role(settings, Role.AGGREGATOR)
    configure_logging(settings.log_level, settings.log_format)
    tools = build_tools(settings)
    with told_to_stop() as stopping:
        store = opened_store(settings.store_url, stopping)
        if store is None:
            return
        _run(with_store(tools, store), stopping)
        store.close()


def _run(parts: Parts, stopping: threading.Event) -> None:
    settings = parts.settings
    transport = RabbitmqTransport(
        settings.broker_url,
        clock=parts.clock,
        queue_type=settings.queue_type,
        count=parts.metrics.count_incident,
    )
    aggregator = make_aggregator(parts, transport, holder=worker_name())
    thread = threading.Thread(
        target=aggregator.lead, args=(stopping,), name="aggregator", daemon=True
    )
    health = HealthServer(
        settings.health_host,
        settings.health_port,
        registry=parts.metrics.registry,
        live=lambda: _lives(thread, aggregator),
        ready=lambda: _readiness(transport, aggregator),
    )
    collect_rarely()
    health.start()
    transport.start()
    thread.start()
    _log.info("aggregator_started", health=health.url)
    while thread.is_alive():
        thread.join(LOOK_EVERY_S)
    transport.close()
    health.stop()
    if not stopping.is_set():
        raise PermanentError("The aggregator's thread died; the log says why.")
    _log.info("aggregator_stopped")


def _lives(thread: threading.Thread, aggregator: Aggregator) -> bool:
    """Say whether the thread lives and gets on, if it was started."""
    return thread.ident is None or (thread.is_alive() and aggregator.alive)


def _readiness(transport: Transport, aggregator: Aggregator) -> Readiness:
    return Readiness(
        parts={"broker": transport.connected, "store": aggregator.store_answers},
        role="leader" if aggregator.leading else "standby",
    )
