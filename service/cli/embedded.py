"""The whole service in one process: the embedded default.

The same actors, aggregator and gateway as anywhere else; only transport, store, blobs
are the local ones. The broker's messages die with the process, so every start takes
back what was out and releases it anew.
"""

import fcntl
import shutil
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final

from starlette.applications import Starlette

from actors import app as actor_app
from actors.batches import BatchWorker
from actors.documents import DocumentWorker
from actors.heartbeat import Heartbeat
from actors.middleware import AtWork, Lifecycle
from actors.model_steps import ModelSandbox
from actors.pool import ThreadPool
from actors.sandbox import Sandbox
from actors.worker import Worker
from gateway.app import create_app
from service.bootstrap import Parts, build_parts
from service.cli.making import (
    BATCH_THREADS,
    make_aggregator,
    make_sandbox,
    model_steps,
    serves_scans,
)
from service.cli.names import worker_name
from service.errors import ConflictError
from service.messages import ProcessDocument, ProcessScan, StartBatch
from service.settings import Settings
from service.transport.memory import MILLISECONDS, MemoryBroker, MemoryTransport

TEMPORARY: Final = Path("tmp") / "work"
"""Within the data folder: files of documents at work."""
SWITCH_INTERVAL_S = 0.0005
"""How long a thread may keep the others of this process from running: at Python's 5 ms
a worker waits for a released document until the aggregator has done all the rest of
its turn (measured in docs/benchmarks.md)."""
STOP_LIMIT_S = 10.0
"""Longest wait for documents at work when stopping; their children are killed."""


class Embedded:
    """Gateway, workers and aggregator of one process.

    Attributes:
        app: The gateway, to be served while this is started.
    """

    def __init__(self, settings: Settings) -> None:
        """Take the data folder, open everything in it; nothing runs yet.

        Raises:
            ConflictError: Another process has the folder (``data_dir_in_use``).
            SettingsError: Something the settings name cannot be used.
            TransientError: The store does not answer.
        """
        self._lock = _lock(settings.data_dir)
        self._parts = parts = build_parts(settings)
        self._stopping = threading.Event()
        self._broker = broker = MemoryBroker()
        self._transport = transport = MemoryTransport(broker)
        self._temporary = _emptied(settings.data_dir.absolute() / TEMPORARY)
        self._sandbox = make_sandbox(settings, self._temporary)
        self._scans = _scans(settings, self._temporary)
        self._closing = ExitStack()
        self._steps = self._closing.enter_context(model_steps(parts))
        name, at_work = worker_name(), AtWork()
        self._add_actors(name, at_work)
        slots = {ProcessDocument.queue: settings.worker_slots}
        self._worker = Worker(
            broker, queue=ProcessDocument.queue, threads=settings.worker_slots
        )
        broker.give_to(ProcessDocument.queue, self._worker.take)
        self._pools = [ThreadPool(broker, StartBatch.queue, threads=BATCH_THREADS)]
        if self._scans is not None:
            slots[ProcessScan.queue] = settings.ocr_slots
            self._pools.append(
                ThreadPool(broker, ProcessScan.queue, threads=settings.ocr_slots)
            )
        self._heartbeats = self._make_heartbeats(slots, name, at_work)
        self._aggregator = make_aggregator(parts, transport, holder=name)
        self._aggregator_stopping = threading.Event()
        self._aggregator_thread = threading.Thread(
            target=self._aggregator.run,
            args=(self._aggregator_stopping,),
            name="aggregator",
            daemon=True,
        )
        self.app = _gateway(parts, transport)

    def start(self) -> None:
        """Take back what was out and begin to work.

        Raises:
            TransientError: The store does not answer.
        """
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        for sandbox in self._sandboxes:
            sandbox.start()
        threading.Thread(
            target=self._parts.blobs.remove_unfinished,
            kwargs={"before": self._parts.clock.now()},
            name="unfinished-blobs",
            daemon=True,
        ).start()
        self._aggregator.take_over()
        self._aggregator_thread.start()
        self._broker.emit_after("process_boot")
        self._worker.start()
        for pool in self._pools:
            pool.start()
        for heartbeat in self._heartbeats:
            heartbeat.start()

    def stop(self) -> None:
        """Hand back what is at work, commit what was said of it, and close."""
        for heartbeat in self._heartbeats:
            heartbeat.stop()  # First: what is handed back is not released again.
        self._stopping.set()
        self._worker.stop(timeout=round(STOP_LIMIT_S * MILLISECONDS))
        for pool in self._pools:
            pool.stop()
        self._aggregator_stopping.set()
        self._heartbeats[0].say_goodbye()  # It wakes the aggregator.
        self._aggregator_thread.join()
        self._aggregator.finish()
        self._closing.close()
        for sandbox in self._sandboxes:
            sandbox.close()
        self._parts.store.close()
        self._lock.close()

    @property
    def _sandboxes(self) -> list[Sandbox]:
        return [self._sandbox] + ([self._scans] if self._scans is not None else [])

    def _add_actors(self, worker_id: str, at_work: AtWork) -> None:
        parts, publish = self._parts, self._transport.publish_event
        lifecycle = Lifecycle(
            publish=publish, clock=parts.clock, worker_id=worker_id, at_work=at_work
        )
        for middleware in actor_app.middleware(lifecycle):
            self._broker.add_middleware(middleware)
        documents, *scans = (
            DocumentWorker(
                publish=publish,
                blobs=parts.blobs,
                sandbox=ModelSandbox(sandbox, self._steps, parts.clock),
                clock=parts.clock,
                worker_id=worker_id,
                work_dir=self._temporary,
                stopping=self._stopping,
            )
            for sandbox in self._sandboxes
        )
        actor_app.register(
            self._broker,
            documents=documents,
            scans=scans[0] if scans else None,
            batches=BatchWorker(
                publish=publish,
                store=parts.store,
                blobs=parts.blobs,
                registry=parts.registry,
                clock=parts.clock,
                worker_id=worker_id,
            ),
        )

    def _make_heartbeats(
        self, slots: Mapping[str, int], worker_id: str, at_work: AtWork
    ) -> list[Heartbeat]:
        return [
            Heartbeat(
                self._transport,
                clock=self._parts.clock,
                worker_id=worker_id,
                queue=queue,
                slots=number,
                at_work=at_work,
            )
            for queue, number in slots.items()
        ]


def _gateway(parts: Parts, transport: MemoryTransport) -> Starlette:
    return create_app(
        settings=parts.settings,
        store=parts.store,
        blobs=parts.blobs,
        transport=transport,
        registry=parts.registry,
        clock=parts.clock,
        metrics=parts.metrics,
    )


def _scans(settings: Settings, temporary: Path) -> Sandbox | None:
    """Give the sandbox in which text is recognised, if that is installed."""
    if not serves_scans(settings):
        return None
    return make_sandbox(settings, temporary, scans=True)


def _emptied(folder: Path) -> Path:
    """Make the folder anew: what a killed process left in it is nobody's."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _lock(folder: Path) -> IO[str]:
    """Hold the data folder for this process, until the file is closed or it dies."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise ConflictError(
            f"Another Docmill is running on the data folder {folder}. Stop it, or "
            "choose another folder with --data-dir.",
            code="data_dir_in_use",
        ) from error
    return lock
