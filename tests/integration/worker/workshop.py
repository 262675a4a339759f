"""A worker on a real in-memory broker, with a real sandbox and real blobs."""

import threading
from pathlib import Path
from typing import Any

from actors import app as actor_app
from actors.documents import DocumentWorker
from actors.middleware import AtWork, Lifecycle
from actors.sandbox import Sandbox, SandboxLimits
from actors.worker import Worker
from service.blobs import Blobs
from service.clock import SystemClock
from service.domain.model import LOCAL_OWNER, DocumentId, JobId, TaskId
from service.domain.task_ids import document_task_id
from service.messages import (
    Event,
    ProcessDocument,
    TaskCompleted,
    TaskFailed,
    TaskReturned,
)
from service.transport.memory import MemoryBroker, MemoryTransport
from tests.blobs import claimed_blobs
from tests.support import eventually

CLOCK = SystemClock()
JOB = JobId("job_1")


class Workshop:
    """A worker for documents, and the mailbox that hears of them."""

    def __init__(self, folder: Path, limits: SandboxLimits | None = None) -> None:
        self.blobs: Blobs = claimed_blobs((folder / "blobs").as_uri())
        self.broker = MemoryBroker()
        self.transport = MemoryTransport(self.broker)
        self.at_work = AtWork()
        self.stopping = threading.Event()
        self.work_dir = folder / "work"
        self.work_dir.mkdir()
        lifecycle = Lifecycle(
            publish=self.transport.publish_event,
            clock=CLOCK,
            worker_id="w",
            at_work=self.at_work,
        )
        for middleware in actor_app.middleware(lifecycle):
            self.broker.add_middleware(middleware)
        modules = ["tests.made_up_work", "tests.integration.sandbox.odd_work"]
        self.sandbox = Sandbox(modules, limits or SandboxLimits())
        documents = DocumentWorker(
            publish=self.transport.publish_event,
            blobs=self.blobs,
            sandbox=self.sandbox,
            clock=CLOCK,
            worker_id="w",
            work_dir=self.work_dir,
            stopping=self.stopping,
        )
        actor_app.register(self.broker, documents=documents)
        self.worker = Worker(self.broker, queue="documents", threads=2, idle_s=0.05)
        self.broker.emit_after("process_boot")
        self.worker.start()
        self._number = 0
        self.heard: list[Event] = []

    def close(self) -> None:
        self.stopping.set()
        self.worker.stop(timeout=5_000)
        self.sandbox.close()

    def send(self, job_type: str, content: bytes = b"", **fields: Any) -> TaskId:
        task_id = document_task_id(JOB, self._number)
        self._number += 1
        key = f"documents/doc_{self._number}"
        self.blobs.put_bytes(key, content)
        command = ProcessDocument(
            **{
                "message_id": f"m{self._number}",
                "owner": LOCAL_OWNER,
                "occurred_at": CLOCK.now(),
                "job_id": JOB,
                "task_id": task_id,
                "generation": 1,
                "job_type": job_type,
                "document_id": DocumentId(f"doc_{self._number}"),
                "name": "a.txt",
                "blob_key": key,
                "size_bytes": len(content),
                "sha256": "0" * 64,
                "time_limit_s": 20.0,
                **fields,
            }
        )
        self.transport.send([command])
        return task_id

    def end_of(self, task_id: TaskId) -> Event:
        return self.wait_for(
            task_id, TaskCompleted | TaskFailed | TaskReturned, timeout_s=25
        )

    def completed(self, task_id: TaskId, number: int) -> list[TaskCompleted]:
        """Wait until a task was completed so often, and give the ends in order."""

        def found() -> list[TaskCompleted]:
            self.heard += self.transport.mailbox().drain(limit=100, timeout_s=0.05)
            ends = [e for e in self.heard if isinstance(e, TaskCompleted)]
            mine = [end for end in ends if end.task_id == task_id]
            return mine if len(mine) == number else []

        return eventually(found, timeout_s=25)

    def wait_for(self, task_id: TaskId, kind: Any, *, timeout_s: float = 10) -> Event:
        def found() -> Event | None:
            self.heard += self.transport.mailbox().drain(limit=100, timeout_s=0.05)
            return next(
                (
                    event
                    for event in self.heard
                    if isinstance(event, kind)
                    and getattr(event, "task_id", None) == task_id
                ),
                None,
            )

        event = eventually(found, timeout_s=timeout_s)
        assert event is not None
        return event
