"""Files inside a document join its job, are released, and are kept as uploads are."""

import sqlite3
from pathlib import Path

import msgspec
import pytest

from service.domain.attachments import MAX_INSIDE_BYTES
from service.domain.model import (
    Counts,
    JobStatus,
    TaskStatus,
)
from service.domain.options import ProcessingOptions
from service.errors import NotFoundError, TransientError
from service.messages import CommandRequested, Event, ProcessDocument
from tests.factories import make_attachments
from tests.integration.aggregator.bench import OWNER, Bench
from tests.support import eventually


def ended_with(
    bench: Bench, command: ProcessDocument, inside: int, **fields: int
) -> Event:
    """Store what was found inside a document, and say that it is completed."""
    added = tuple(
        msgspec.structs.replace(each, **fields)
        for each in make_attachments(command.task_id, inside)
    )
    for document in added:
        bench.blobs.put_bytes(document.blob_key, b"content")
    return bench.completed(command, added=added)


def test_what_was_inside_a_document_is_released_without_waiting_for_the_clock(
    bench: Bench,
) -> None:
    job_id = bench.submit(1)
    [command] = bench.take()
    bench.turn(ended_with(bench, command, 2))
    assert bench.view(job_id).job.counts == Counts(completed=1, pending=2)

    bench.aggregator.turn()

    inside = bench.take()
    assert [each.name for each in inside] == ["inside-1.txt", "inside-2.txt"]
    assert inside[0].blob_key == f"documents/{inside[0].document_id}"
    assert inside[0].time_limit_s == command.time_limit_s
    bench.turn(*map(bench.completed, inside))
    job = bench.view(job_id).job
    assert (job.status, job.counts) == (JobStatus.COMPLETED, Counts(completed=3))
    assert bench.metric("docmill_books_violations_total") == 0


def test_progress_and_totals_of_the_stream_hold_while_a_job_grows(bench: Bench) -> None:
    job_id = bench.submit(2)
    heard, unsubscribe = bench.listen(job_id)
    first, _ = bench.take()
    bench.turn(ended_with(bench, first, 3))
    bench.turn()
    for command in bench.take():
        bench.turn(bench.completed(command))
    unsubscribe()
    told = [msgspec.json.decode(notice.progress) for notice in heard]
    percents = [each["progress"] for each in told]
    assert percents == sorted(percents)
    assert {each["totalDocuments"] for each in told} == {5}


def test_the_same_end_again_adds_nothing_also_after_a_restart(bench: Bench) -> None:
    job_id = bench.submit(1)
    [command] = bench.take()
    end = ended_with(bench, command, 2)
    bench.turn(end)
    bench.turn(end)
    bench.restart()
    bench.turn(end)
    assert bench.view(job_id).job.counts.total == 3
    inside = bench.take()
    assert len(inside) == 2
    bench.turn(*map(bench.completed, inside))
    assert bench.view(job_id).job.counts == Counts(completed=3)
    assert bench.log(job_id).count("task.completed") == 3


def test_a_failed_commit_adds_what_was_inside_once(bench: Bench) -> None:
    job_id = bench.submit(1)
    [command] = bench.take()
    blocker = sqlite3.connect(bench.folder / "test.sqlite3", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(TransientError):
        bench.turn(ended_with(bench, command, 2))
    blocker.execute("ROLLBACK")
    blocker.close()
    bench.turn()
    assert bench.view(job_id).job.counts.total == 3


def test_in_a_cancelled_job_they_end_at_once(bench: Bench) -> None:
    job_id = bench.submit(1)
    [command] = bench.take()
    bench.store.add_command(OWNER, job_id, "cancel", bench.clock.now())
    bench.turn(
        CommandRequested(message_id="m", owner=OWNER, occurred_at=bench.clock.now())
    )
    bench.turn(ended_with(bench, command, 2))

    job = bench.view(job_id).job
    assert (job.status, job.counts) == (
        JobStatus.CANCELLED,
        Counts(completed=1, cancelled=2),
    )
    tasks = bench.store.tasks(OWNER, job_id, page_size=9).items
    assert [each.task.status for each in tasks[1:]] == [TaskStatus.CANCELLED] * 2
    assert [each.document_name for each in tasks[1:]] == [
        "inside-1.txt",
        "inside-2.txt",
    ]


def test_finishing_waits_for_what_was_inside(bench: Bench) -> None:
    job_id = bench.submit(1, has_finish=True)
    [command] = bench.take()
    bench.turn(ended_with(bench, command, 1))
    assert not bench.view(job_id).job.final
    bench.aggregator.turn()
    finish = f"{job_id}.finish"
    assert finish not in [each.task_id for each in bench.transport.sent]
    [inside] = bench.take()
    bench.turn(bench.completed(inside))
    assert finish in [each.task_id for each in bench.transport.sent]


def test_what_the_job_has_no_place_for_is_named_and_not_kept(tmp_path: Path) -> None:
    bench = Bench(tmp_path, max_documents=2)
    job_id = bench.submit(1)
    [command] = bench.take()
    kept, *refused = make_attachments(command.task_id, 3)

    bench.turn(ended_with(bench, command, 3))

    assert bench.view(job_id).job.counts.total == 2
    [said] = [
        msgspec.json.decode(entry.data)
        for entry in bench.store.events_after(job_id, 0, 100)
        if entry.type == "task.completed"
    ]
    assert (said["attachments"], said["attachmentsRefused"]) == (1, 2)
    eventually(lambda: not any(bench.blobs.exists(each.blob_key) for each in refused))
    assert bench.blobs.exists(kept.blob_key)
    bench.close()


def test_bytes_are_counted_over_what_is_inside_one_another(bench: Bench) -> None:
    job_id = bench.submit(1, processing=ProcessingOptions(expand_attachments=True))
    [command] = bench.take()
    bench.turn(ended_with(bench, command, 2, size_bytes=MAX_INSIDE_BYTES * 3 // 10))
    bench.restart()
    bench.turn()
    inside = bench.take()
    assert [each.processing.expand_bytes for each in inside] == [
        MAX_INSIDE_BYTES * 4 // 10
    ] * 2
    for inner in inside:
        bench.turn(ended_with(bench, inner, 1, size_bytes=MAX_INSIDE_BYTES * 3 // 10))

    said = [
        msgspec.json.decode(entry.data)
        for entry in bench.store.events_after(job_id, 0, 100)
        if entry.type == "task.completed"
    ]
    assert [each["attachments"] for each in said] == [2, 1, 0]
    assert said[-1]["attachmentsRefused"] == 1
    assert bench.view(job_id).job.counts.total == 4
    [deepest] = bench.take()
    assert deepest.processing.expand_bytes == MAX_INSIDE_BYTES // 10
    assert command.processing.expand_bytes is None


def test_they_are_forgotten_with_their_job(bench: Bench) -> None:
    bench.submit(1)
    [command] = bench.take()
    bench.turn(ended_with(bench, command, 1))
    bench.aggregator.turn()
    [inside] = bench.take()
    bench.turn(bench.completed(inside))
    bench.wait(120)
    assert bench.store.document(OWNER, inside.document_id).name == "inside-1.txt"

    bench.clock.advance(bench.limits.retention_s)
    bench.turn()

    with pytest.raises(NotFoundError):
        bench.store.document(OWNER, inside.document_id)
    eventually(lambda: not bench.blobs.exists(inside.blob_key))
