"""``docmill worker --queues …``: a process that runs the actors of one queue group.

SIGTERM: nothing more is taken, documents at work may finish for a while, then they are
killed and handed back; what was said of them is published before the process ends.
"""

import threading
from pathlib import Path
from typing import Final

from actors import app as actor_app
from actors.batches import BatchWorker
from actors.documents import DocumentWorker
from actors.draining import take_no_more
from actors.heartbeat import Heartbeat
from actors.middleware import AtWork, Lifecycle
from actors.model_steps import ModelSandbox
from actors.watchdog import Watchdog
from actors.worker import Worker
from service.bootstrap import Tools, build_tools
from service.cli.collecting import collect_rarely
from service.cli.folders import own_folder
from service.cli.health import HealthServer, Looks, Readiness
from service.cli.making import BATCH_THREADS, make_sandbox, model_steps
from service.cli.names import worker_name
from service.cli.opening import opened_store
from service.cli.signals import stop_with_parent, told_to_stop
from service.clock import Clock
from service.logs import configure_logging, get_logger
from service.messages import ProcessDocument, ProcessScan, StartBatch
from service.settings import Role, Settings, for_role
from service.transport.dramatiq_message import MILLISECONDS
from service.transport.rabbitmq import RabbitmqTransport

HAND_BACK_S: Final = 10.0
"""Longest wait for documents to be handed back; their children are killed."""
TEMPORARY: Final = Path("tmp") / "workers"
"""Within the data folder: one folder for each worker that uses it."""

_log = get_logger(__name__)


def run_document_worker(
    settings: Settings, *, supervised: bool = False, scans: bool = False
) -> None:
    """Process documents until told to stop; the store is never opened.

    Args:
        settings: Of the process.
        supervised: Stop when standard input ends, too.
        scans: Whether to serve the queue of those in which text is to be recognised.

    Raises:
        ConflictError: The health port is taken.
        SettingsError: Something the settings name cannot be used.
    """
    configure_logging(settings.log_level, settings.log_format)
    if settings.store_url:
        _log.warning("store_url_ignored", problem="document workers get no database")
    settings = for_role(settings, Role.OCR if scans else Role.DOCUMENTS)
    tools = build_tools(settings)
    folders = settings.data_dir.absolute() / TEMPORARY
    with told_to_stop() as stopping, own_folder(folders) as folder:
        if supervised:
            stop_with_parent(stopping)
        process = _Process(
            tools,
            queue=ProcessScan.queue if scans else ProcessDocument.queue,
            threads=settings.ocr_slots if scans else settings.worker_slots,
        )
        with (
            make_sandbox(settings, folder, scans=scans) as plain,
            model_steps(tools) as steps,
        ):
            documents = DocumentWorker(
                publish=process.transport.publish_event,
                blobs=tools.blobs,
                sandbox=ModelSandbox(plain, steps, tools.clock),
                clock=tools.clock,
                worker_id=process.name,
                work_dir=folder,
                stopping=process.handing_back,
            )
            actor_app.register(
                process.broker,
                documents=None if scans else documents,
                scans=documents if scans else None,
            )
            process.run(stopping)


def run_batch_worker(settings: Settings, *, supervised: bool = False) -> None:
    """Plan and finish batches until told to stop; the store is only read.

    Args:
        settings: Of the process.
        supervised: Stop when standard input ends, too.

    Raises:
        ConflictError: The health port is taken.
        SettingsError: Something the settings name cannot be used.
    """
    configure_logging(settings.log_level, settings.log_format)
    settings = for_role(settings, Role.BATCHES)
    tools = build_tools(settings)
    with told_to_stop() as stopping:
        if supervised:
            stop_with_parent(stopping)
        store = opened_store(settings.store_url, stopping)
        if store is None:
            return
        process = _Process(tools, queue=StartBatch.queue, threads=BATCH_THREADS)
        process.needs["store"] = Looks(store.healthy, tools.clock).well
        batches = BatchWorker(
            publish=process.transport.publish_event,
            store=store,
            blobs=tools.blobs,
            registry=tools.registry,
            clock=tools.clock,
            worker_id=process.name,
        )
        actor_app.register(process.broker, batches=batches)
        process.run(stopping)
        store.close()


class _Process:
    """Dramatiq's worker on one queue, and what belongs to it.

    Attributes:
        name: Of the worker.
        transport: Takes what is said of tasks.
        broker: Where actors are registered.
        handing_back: Set when documents at work are to be handed back.
        needs: What it cannot do without, and whether that is well.
    """

    def __init__(self, tools: Tools, *, queue: str, threads: int) -> None:
        settings = tools.settings
        self.name = worker_name()
        self.handing_back = threading.Event()
        self._drain_s = settings.drain_s
        self.transport = RabbitmqTransport(
            settings.broker_url,
            clock=tools.clock,
            queue_type=settings.queue_type,
            count=tools.metrics.count_incident,
        )
        self.broker = self.transport.dramatiq_broker()
        at_work = AtWork()
        self._watchdog = Watchdog(
            connected=lambda: self.transport.connected, clock=tools.clock
        )
        self.needs = {
            "broker": self._watchdog.ready,
            "files": Looks(tools.blobs.available, tools.clock).well,
        }
        self._add_middleware(tools.clock, at_work)
        self._worker = Worker(self.broker, queue=queue, threads=threads)
        self._heartbeat = Heartbeat(
            self.transport,
            clock=tools.clock,
            worker_id=self.name,
            queue=queue,
            slots=threads,
            at_work=at_work,
        )
        self._health = HealthServer(
            settings.health_host,
            settings.health_port,
            registry=tools.metrics.registry,
            live=self._watchdog.healthy,
            ready=self._readiness,
        )

    def run(self, stopping: threading.Event) -> None:
        """Work until told to stop, then drain."""
        collect_rarely()
        self._health.start()
        self.transport.start()
        self.broker.emit_after("process_boot")
        self._worker.start()
        self._heartbeat.start()
        _log.info("worker_started", health=self._health.url)
        stopping.wait()
        self._drain()
        _log.info("worker_stopped")

    def _add_middleware(self, clock: Clock, at_work: AtWork) -> None:
        lifecycle = Lifecycle(
            publish=self.transport.publish_event,
            clock=clock,
            worker_id=self.name,
            at_work=at_work,
        )
        for middleware in actor_app.middleware(lifecycle, self._watchdog):
            self.broker.add_middleware(middleware)

    def _readiness(self) -> Readiness:
        return Readiness(parts={part: well() for part, well in self.needs.items()})

    def _drain(self) -> None:
        """Stop in this order, so that nothing that was done is done again."""
        self._heartbeat.take_no_more()
        given_back = take_no_more(self._worker)
        _log.info("worker_drains", seconds=self._drain_s, given_back=given_back)
        patience = threading.Timer(self._drain_s, self.handing_back.set)
        patience.daemon = True
        patience.start()
        # It waits for its threads, then for the confirmations of what they said.
        self._worker.stop(timeout=round((self._drain_s + HAND_BACK_S) * MILLISECONDS))
        patience.cancel()
        self._heartbeat.stop()
        self.transport.close()
        self._health.stop()
