"""Around the actors: stopping, heartbeats, the pool, errors by kind."""

from pathlib import Path

import dramatiq
import pytest

from actors.heartbeat import Heartbeat
from actors.middleware import AtWork, classify
from actors.pool import ThreadPool
from service.domain.model import TaskId
from service.errors import ChildDiedError, DocumentError, TransientError
from service.messages import TaskReturned, TaskStarted, WorkerHeartbeat
from service.transport.memory import MemoryBroker, MemoryTransport
from tests.integration.worker.workshop import CLOCK, Workshop
from tests.support import eventually


def test_a_stopping_worker_hands_back_what_is_at_work(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    try:
        task_id = workshop.send("SLEEP", b"15000")
        workshop.wait_for(task_id, TaskStarted)
        eventually(lambda: workshop.at_work.ids() == (task_id,))
        workshop.stopping.set()
        end = workshop.end_of(task_id)
        assert isinstance(end, TaskReturned)
        assert end.reason == "shutdown"
    finally:
        workshop.close()


def test_a_heartbeat_names_what_is_at_work_and_says_goodbye() -> None:
    transport = MemoryTransport(MemoryBroker())
    at_work = AtWork()
    at_work.add(TaskId("t"))
    beat = Heartbeat(
        transport,
        clock=CLOCK,
        worker_id="w",
        queue="documents",
        slots=3,
        at_work=at_work,
    )
    beat.start()
    [first] = transport.mailbox().drain(limit=1, timeout_s=5)
    beat.stop()
    [last] = transport.mailbox().drain(limit=1, timeout_s=5)
    assert isinstance(first, WorkerHeartbeat)
    assert isinstance(last, WorkerHeartbeat)
    assert (first.slots, first.busy) == (3, (TaskId("t"),))
    assert last.slots == 0


def test_the_pool_runs_the_middleware_around_its_actors() -> None:
    broker = MemoryBroker()
    seen: list[str] = []

    class Recorder(dramatiq.Middleware):
        def before_process_message(
            self, broker: dramatiq.Broker, message: dramatiq.MessageProxy
        ) -> None:
            if message.args == ("skip",):
                raise dramatiq.middleware.SkipMessage("skip")

        def after_skip_message(
            self, broker: dramatiq.Broker, message: dramatiq.MessageProxy
        ) -> None:
            seen.append("skipped")

        def after_process_message(
            self,
            broker: dramatiq.Broker,
            message: dramatiq.MessageProxy,
            *,
            result: object = None,
            exception: BaseException | None = None,
        ) -> None:
            seen.append("failed" if exception else "done")

    broker.add_middleware(Recorder())

    def work(what: str) -> None:
        if what == "fail":
            raise ValueError(what)

    actor = dramatiq.actor(queue_name="q", broker=broker)(work)
    pool = ThreadPool(broker, "q", threads=1)
    for what in ("good", "skip", "fail"):
        actor.send(what)
    pool.start()
    eventually(lambda: len(seen) == 3)
    pool.stop()
    assert seen == ["done", "skipped", "failed"]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (DocumentError("x", code="encrypted"), ("encrypted", False, None)),
        (DocumentError("x", code="made_up"), ("internal", False, None)),
        (ChildDiedError("x", code="out_of_memory"), ("out_of_memory", True, None)),
        (
            TransientError("x", retry_after_s=7.0),
            ("upstream_unavailable", True, 7.0),
        ),
        (
            dramatiq.middleware.TimeLimitExceeded("x"),
            ("document_timeout", False, None),
        ),
        (MemoryError(), ("out_of_memory", True, None)),
        (ValueError(), ("internal", False, None)),
    ],
)
def test_errors_are_classified(
    error: BaseException, expected: tuple[str, bool, float | None]
) -> None:
    assert classify(error) == expected
