"""What one process knows of a watched job, and when the event loop must hear of it."""

import asyncio
from typing import Any

import msgspec

from gateway.streams.watch import MAX_RECEIVED, JobWatch
from service.domain.model import LOCAL_OWNER, JobId
from service.messages import JobNotice, LogEntry
from tests.factories import NOW

JOB = JobId("job_1")
PROGRESS = msgspec.Raw(b'{"progress":50}')
MOVED = msgspec.Raw(b'{"documentId":"doc_1","fraction":0.5}')


def row(seq: int, kind: str = "task.completed") -> LogEntry:
    data = msgspec.Raw(b'{"documentId":"doc_1"}')
    return LogEntry(job_id=JOB, seq=seq, type=kind, timestamp=NOW, data=data)


def notice(*rows: LogEntry, **fields: Any) -> JobNotice:
    return JobNotice(job_id=JOB, owner=LOCAL_OWNER, rows=rows, **fields)


def watched(*wanted: str) -> tuple[JobWatch, asyncio.Event]:
    watch, flag = JobWatch(JOB), asyncio.Event()
    watch.add(flag, frozenset(wanted))
    return watch, flag


def test_only_what_somebody_waits_for_is_due_at_once() -> None:
    watch, _ = watched("batch.completed")
    assert not watch.receive(notice(row(2), progress=PROGRESS, tasks=(MOVED,)), NOW)
    assert watch.receive(notice(row(3, "batch.completed"), final=True), NOW)
    for wanted in ("task.completed", "batch.progress", "task.progress"):
        watch, _ = watched("batch.completed", wanted)
        due = notice(row(2), progress=PROGRESS, tasks=(MOVED,))
        assert watch.receive(due, NOW)


def test_what_was_kept_back_comes_in_order_with_the_next() -> None:
    watch, flag = watched("batch.completed")
    for seq in (1, 2, 3):
        watch.receive(notice(row(seq)), NOW)
    assert watch.known_seq == 0
    watch.receive(notice(row(4, "batch.completed"), final=True), NOW)
    watch.catch_up()
    assert flag.is_set()
    assert (watch.known_seq, watch.final_seq) == (4, 4)
    assert [each.seq for each in watch.rows_after(1) or []] == [2, 3, 4]


def test_not_too_much_is_kept_back() -> None:
    watch, _ = watched("batch.completed")
    due = [watch.receive(notice(row(seq)), NOW) for seq in range(1, MAX_RECEIVED + 1)]
    assert due == [False] * (MAX_RECEIVED - 1) + [True]


def test_a_new_client_finds_what_was_kept_back() -> None:
    watch, _ = watched("batch.completed")
    watch.receive(notice(row(1), progress=PROGRESS), NOW)
    watch.add(asyncio.Event(), frozenset({"task.completed"}))
    assert watch.known_seq == 1
    assert watch.receive(notice(row(2)), NOW)


def test_what_a_client_that_left_waited_for_is_kept_back_again() -> None:
    watch, flag = watched("task.completed")
    other = asyncio.Event()
    watch.add(other, frozenset({"batch.completed"}))
    watch.remove(flag)
    assert watch.watched
    assert not watch.receive(notice(row(1)), NOW)
    watch.remove(other)
    assert not watch.watched


def test_progress_of_a_document_ends_with_it() -> None:
    watch, _ = watched("task.progress", "batch.progress")
    watch.receive(notice(row(1), progress=PROGRESS, tasks=(MOVED,)), NOW)
    watch.catch_up()
    both = frozenset({"task.progress", "batch.progress"})
    assert watch.progress_after(0, both).count(b"data:") == 2
    watch.receive(notice(row(2), progress=PROGRESS), NOW)
    watch.catch_up()
    assert watch.progress_after(0, both).count(b"data:") == 1
