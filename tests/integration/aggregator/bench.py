"""An aggregator on a real store, turned by hand, with a clock that is moved by hand."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from actors.aggregator import Aggregator, Limits
from actors.aggregator.holding import STARTED_WITHIN_S
from service.domain.model import JobId, JobOptions, Task
from service.errors import TransientError
from service.messages import (
    BatchPlanned,
    Command,
    Event,
    JobNotice,
    ProcessDocument,
    TaskCompleted,
    TaskFailed,
    TaskStarted,
    WorkerHeartbeat,
)
from service.metrics import Metrics
from service.store import Store, migrate, open_store
from service.store.rows import JobView, NewJob
from service.transport.memory import MemoryBroker, MemoryTransport
from tests.blobs import claimed_blobs
from tests.factories import make_documents, make_job, make_new_job
from tests.support import ManualClock

OWNER = make_job().owner


class RecordingTransport(MemoryTransport):
    """The in-memory transport, whose sent commands are looked at instead of run."""

    def __init__(self) -> None:
        super().__init__(MemoryBroker())
        self.sent: list[Command] = []
        self.failing = False

    def send(self, commands: Sequence[Command]) -> None:
        if self.failing:
            raise TransientError("the broker is away")
        self.sent += commands


class Bench:
    """An aggregator and everything a test wants to do to it."""

    def __init__(self, folder: Path, *, slots: int = 4, **limits: Any) -> None:
        self.url = f"sqlite:///{folder}/test.sqlite3"
        self.folder = folder
        self.clock = ManualClock()
        self.metrics = Metrics(CollectorRegistry())
        self.blobs = claimed_blobs((folder / "blobs").as_uri())
        self.limits = Limits(**limits)
        self.slots = slots
        migrate(self.url)
        self.store: Store = open_store(self.url)
        self.transport = RecordingTransport()
        self.aggregator = self.new_aggregator()
        self.aggregator.take_over()
        self.beat()

    def new_aggregator(self) -> Aggregator:
        return Aggregator(
            store=self.store,
            blobs=self.blobs,
            transport=self.transport,
            clock=self.clock,
            metrics=self.metrics,
            limits=self.limits,
            holder="test",
        )

    def restart(self) -> None:
        """The process is gone with its broker; a new one takes over."""
        self.transport = RecordingTransport()
        self.aggregator = self.new_aggregator()
        self.aggregator.take_over()
        self.beat()

    def close(self) -> None:
        self.store.close()

    # What the world does.

    def submit(self, documents: int = 1, **options: Any) -> JobId:
        """A job arrives and is planned."""
        job_id = self.submit_unplanned(documents, **options)
        self.turn(self.planned(job_id, documents))
        return job_id

    def submit_unplanned(self, documents: int = 1, **options: Any) -> JobId:
        rows = make_documents(documents, created_at=self.clock.now())
        fields = {k: options.pop(k) for k in ("has_finish", "type") if k in options}
        new: NewJob = make_new_job(
            rows,
            options=JobOptions(**options),
            created_at=self.clock.now(),
            **fields,
        )
        return self.store.create_job(new, rows).job_id

    def planned(self, job_id: JobId, documents: int, generation: int = 1) -> Event:
        ids = [
            row.task_id
            for row in self.store.planning_rows(job_id, after_index=-1, limit=documents)
        ]
        return BatchPlanned(
            message_id="m",
            owner=OWNER,
            occurred_at=self.clock.now(),
            job_id=job_id,
            task_id=f"{job_id}.plan",  # type: ignore[arg-type]
            generation=generation,
            part=0,
            parts=1,
            costs_ms=dict.fromkeys(ids, 1_000),
        )

    def beat(self, *, slots: int | None = None, busy: Sequence[Any] = ()) -> None:
        self.turn(self.heartbeat(slots=slots, busy=busy))

    def heartbeat(
        self, *, slots: int | None = None, busy: Sequence[Any] = ()
    ) -> WorkerHeartbeat:
        return WorkerHeartbeat(
            message_id="m",
            owner=OWNER,
            occurred_at=self.clock.now(),
            worker_id="w",
            queue="documents",
            slots=self.slots if slots is None else slots,
            busy=tuple(busy),
        )

    def turn(self, *events: Event) -> None:
        """The events arrive and the aggregator turns once."""
        for event in events:
            self.transport.publish_event(event)
        if not events:
            self.clock.advance(1.0)
        elif all(isinstance(event, TaskStarted) for event in events):
            self.aggregator.turn()  # holds them
            self.clock.advance(STARTED_WITHIN_S)
        self.aggregator.turn()

    def wait(self, seconds: float, *, alive: bool = True) -> None:
        """Time passes in turns of at most two seconds: a loop that keeps turning."""
        while seconds > 0:
            step = min(2.0, seconds)
            seconds -= step
            self.clock.advance(step)
            if alive:
                self.beat(busy=[task.id for task in self.out()])
            else:
                self.aggregator.turn()

    # What workers say.

    def about(self, command: Command) -> dict[str, Any]:
        return {
            "message_id": "m",
            "owner": command.owner,
            "occurred_at": self.clock.now(),
            "job_id": command.job_id,
            "task_id": command.task_id,
            "generation": command.generation,
            "attempt": command.attempt,
            "worker_id": "w",
        }

    def started(self, command: Command) -> Event:
        return TaskStarted(**self.about(command))

    def completed(self, command: Command, **fields: Any) -> Event:
        return TaskCompleted(**self.about(command), processing_s=1.0, **fields)

    def failed(
        self, command: Command, code: str = "crashed", *, retryable: bool = True
    ) -> Event:
        return TaskFailed(
            **self.about(command), code=code, message="Why.", retryable=retryable
        )

    # What there is to see.

    def take(self) -> list[ProcessDocument]:
        """Give the documents released since the last time."""
        sent, self.transport.sent = self.transport.sent, []
        return [c for c in sent if isinstance(c, ProcessDocument)]

    def view(self, job_id: JobId) -> JobView:
        return self.store.job(OWNER, job_id)

    def out(self) -> list[Task]:
        with self.store.leading(self.epoch) as tx:
            return tx.out_tasks(after=None, limit=1_000)

    @property
    def epoch(self) -> int:
        return self.aggregator.epoch

    def listen(self, job_id: JobId) -> tuple[list[JobNotice], Callable[[], None]]:
        heard: list[JobNotice] = []
        return heard, self.transport.subscribe(job_id, heard.append)

    def log(self, job_id: JobId) -> list[str]:
        return [entry.type for entry in self.store.events_after(job_id, 0, 1_000)]

    def metric(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(name, labels) or 0.0
