"""What every transport does, whatever carries it. Subclasses give `transport`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import dramatiq
import msgspec

from service.domain.model import DocumentId, JobId, Owner, TaskId
from service.messages import (
    Command,
    Event,
    FinishBatch,
    JobNotice,
    LogEntry,
    ProcessDocument,
    StartBatch,
    TaskReturned,
    TaskStarted,
)
from service.transport import Mailbox, Transport
from tests.support import eventually

OWNER = Owner("local")
JOB = JobId("job_1")
NOW = datetime(2026, 11, 9, 10, 0, 0, tzinfo=UTC)
WAIT_S = 15.0


def about(number: int) -> dict[str, Any]:
    """Give what every message of a task says."""
    return {
        "message_id": f"m{number}",
        "owner": OWNER,
        "occurred_at": NOW,
        "job_id": JOB,
        "task_id": TaskId(f"{JOB}.{number:06d}"),
        "generation": 1,
    }


def started(number: int) -> TaskStarted:
    """Give an event."""
    return TaskStarted(**about(number), worker_id="w")


def process_document(number: int, **fields: Any) -> ProcessDocument:
    """Give a command."""
    values = {
        **about(number),
        "job_type": "NOOP",
        "document_id": DocumentId(f"doc_{number}"),
        "name": "a.txt",
        "blob_key": "documents/a",
        "size_bytes": 0,
        "sha256": "0" * 64,
        "time_limit_s": 20.0,
        **fields,
    }
    return ProcessDocument(**values)


def start_batch(number: int = 0) -> StartBatch:
    """Give a command of the other queue."""
    return StartBatch(**about(number), job_type="NOOP", time_limit_s=20.0)


def finish_batch(number: int = 1) -> FinishBatch:
    """Give another one."""
    return FinishBatch(**about(number), job_type="NOOP", time_limit_s=20.0)


def drain(mailbox: Mailbox, number: int, *, timeout_s: float = WAIT_S) -> list[Event]:
    """Read until there are `number` events; none is acknowledged."""
    events: list[Event] = []

    def all_there() -> bool:
        events.extend(mailbox.drain(limit=number - len(events), timeout_s=0.2))
        return len(events) == number

    eventually(all_there, timeout_s=timeout_s)
    return events


class TransportContract:
    """Tests that hold for every transport."""

    def test_a_published_event_is_confirmed_and_drained(
        self, transport: Transport
    ) -> None:
        confirmed: list[bool] = []
        transport.publish_event(started(1), on_confirm=confirmed.append)
        mailbox = transport.mailbox()
        assert drain(mailbox, 1) == [started(1)]
        eventually(lambda: confirmed == [True])
        mailbox.ack()

    def test_events_come_in_the_order_of_one_publisher(
        self, transport: Transport
    ) -> None:
        for number in range(1_000):
            transport.publish_event(started(number))
        mailbox = transport.mailbox()
        assert drain(mailbox, 1_000) == [started(number) for number in range(1_000)]
        mailbox.ack()
        eventually(mailbox.caught_up)

    def test_a_start_arrives_whatever_it_follows(self, transport: Transport) -> None:
        mailbox = transport.mailbox()
        for number in range(10):
            ended = TaskReturned(**about(number), worker_id="w", reason="shutdown")
            pair: list[Event] = [ended, started(number)]
            for event in pair:
                transport.publish_event(event)
            assert drain(mailbox, 2) == pair
            transport.publish_event(started(100 + number))
            assert drain(mailbox, 1) == [started(100 + number)]
            mailbox.ack()

    def test_what_is_put_back_is_drained_again_in_its_order(
        self, transport: Transport
    ) -> None:
        mailbox = transport.mailbox()
        for number in range(10):
            transport.publish_event(started(number))
        first = drain(mailbox, 7)
        mailbox.nack()
        assert drain(mailbox, 10) == [*first, *map(started, range(7, 10))]
        mailbox.ack()

    def test_acknowledging_one_event_leaves_the_others_of_its_group(
        self, transport: Transport
    ) -> None:
        mailbox = transport.mailbox()
        for number in range(10):
            transport.publish_event(started(number))
        assert drain(mailbox, 1) == [started(0)]
        mailbox.ack()
        assert drain(mailbox, 9) == [started(number) for number in range(1, 10)]
        mailbox.ack()
        assert mailbox.drain(limit=1, timeout_s=0.1) == []

    def test_what_a_closed_mailbox_left_is_for_the_next_reader(
        self, transport: Transport
    ) -> None:
        mailbox = transport.mailbox()
        transport.publish_event(started(1))
        assert drain(mailbox, 1) == [started(1)]
        mailbox.close()
        heir = transport.mailbox()
        assert drain(heir, 1) == [started(1)]
        heir.ack()
        heir.close()
        assert drain_nothing(heir)

    def test_a_mailbox_may_be_read_again_after_it_was_closed(
        self, transport: Transport
    ) -> None:
        mailbox = transport.mailbox()
        assert drain_nothing(mailbox)
        mailbox.close()
        transport.publish_event(started(1))
        assert drain(mailbox, 1) == [started(1)]
        mailbox.ack()

    def test_a_silent_mailbox_gives_nothing_after_the_wait(
        self, transport: Transport
    ) -> None:
        assert transport.mailbox().drain(limit=10, timeout_s=0.01) == []

    def test_each_command_reaches_the_actor_of_its_name(
        self, transport: Transport, broker: dramatiq.Broker
    ) -> None:
        sent: Sequence[Command] = (process_document(1), start_batch(), finish_batch())
        transport.send(sent)
        transport.send([])
        received = [take(broker, queue, 1) for queue in ("documents", "batches")]
        [document], [start] = received
        assert (document.actor_name, start.actor_name) == (
            "process_document",
            "start_batch",
        )
        assert document.message_id == "m1"
        assert document.args == (msgspec.to_builtins(process_document(1)),)

    def test_notices_are_heard_by_those_who_watch_the_job(
        self, transport: Transport
    ) -> None:
        heard: list[JobNotice] = []
        other: list[JobNotice] = []
        stop = transport.subscribe(JOB, heard.append)
        stop_other = transport.subscribe(JobId("job_2"), other.append)
        notice = JobNotice(job_id=JOB, owner=OWNER, rows=(row(),), final=True)

        def reaches() -> bool:
            transport.publish_notice(notice)
            return bool(heard)

        eventually(reaches)
        assert heard[0].rows[0].type == "batch.created"
        stop()
        stop_other()
        stop()
        assert other == []

    def test_nobody_has_to_listen_to_what_is_published(
        self, transport: Transport
    ) -> None:
        transport.publish_notice(JobNotice(job_id=JOB, owner=OWNER))
        transport.publish_lifecycle([row()], OWNER)
        transport.publish_lifecycle([], OWNER)
        transport.publish_event(started(1))
        mailbox = transport.mailbox()
        assert drain(mailbox, 1) == [started(1)]
        mailbox.ack()
        assert transport.connected


def row() -> LogEntry:
    """Give a row of a job's log."""
    return LogEntry(
        job_id=JOB,
        seq=1,
        type="batch.created",
        timestamp=NOW,
        data=msgspec.Raw(b"{}"),
    )


def drain_nothing(mailbox: Mailbox) -> bool:
    """Say whether the mailbox stays silent."""
    return mailbox.drain(limit=10, timeout_s=0.2) == []


def take(broker: dramatiq.Broker, queue: str, number: int) -> list[Any]:
    """Take messages off a queue as a worker does."""
    consumer = broker.consume(queue, prefetch=number, timeout=200)
    taken: list[Any] = []

    def all_there() -> bool:
        message = next(consumer)
        if message is not None:
            taken.append(message)
        return len(taken) == number

    try:
        eventually(all_there)
    finally:
        consumer.close()
    return taken
