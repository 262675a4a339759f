"""Timers, deadlines, the sweep, restarts and failures: the nets under every task."""

import os
import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from actors.aggregator.attention import SETTLE_S
from actors.aggregator.upkeep import SWEEP_EVERY_S, TEMPORARY_LIFE
from service.domain.model import Counts, JobStatus, TaskStatus
from service.errors import TransientError
from service.messages import TaskCompleted
from service.processing.images.links import TEMPORARY
from tests.integration.aggregator.bench import OWNER, Bench
from tests.support import eventually


def test_a_retry_waits_for_its_timer_and_gets_a_new_generation(bench: Bench) -> None:
    job_id = bench.submit(1, retry_delay_s=3.0)
    [first] = bench.take()
    bench.turn(bench.failed(first))
    bench.wait(2.9)
    assert bench.take() == []
    assert bench.view(job_id).job.counts == Counts(retrying=1)

    bench.wait(1.0)

    [second] = bench.take()
    assert (second.generation, second.attempt) == (2, 2)


def test_the_deadline_ends_what_waits_and_what_runs_may_finish(bench: Bench) -> None:
    job_id = bench.submit(3, max_concurrent=1, timeout_s=10.0, document_timeout_s=60.0)
    [command] = bench.take()
    bench.turn(bench.started(command))
    bench.wait(11)
    assert bench.view(job_id).job.counts == Counts(processing=1, timeout=2)

    bench.turn(bench.completed(command))

    job = bench.view(job_id).job
    assert job.status is JobStatus.TIMEOUT
    assert bench.log(job_id)[-1] == "batch.timeout"


def test_the_clock_of_a_job_stands_while_no_worker_is_live(bench: Bench) -> None:
    job_id = bench.submit(2, max_concurrent=1, timeout_s=30.0)
    bench.beat(slots=0)
    bench.wait(100, alive=False)
    assert bench.view(job_id).job.counts.timeout == 0

    bench.beat()
    bench.wait(20)
    assert bench.view(job_id).job.counts.timeout == 0

    bench.wait(15)
    assert bench.view(job_id).job.counts.timeout == 1


def test_a_message_nobody_took_is_released_anew_after_its_expiry(
    bench: Bench,
) -> None:
    job_id = bench.submit(1, timeout_s=10_000.0)
    [first] = bench.take()
    bench.wait(bench.limits.release_expiry_s)
    assert bench.take() == []

    bench.wait(10)

    [second] = bench.take()
    assert (second.generation, second.attempt) == (2, 1)
    assert bench.view(job_id).job.counts == Counts(queued=1)
    bench.turn(bench.completed(first))
    assert bench.view(job_id).job.status is JobStatus.COMPLETED


def test_a_silent_task_is_taken_back_after_its_limit(bench: Bench) -> None:
    bench.submit(1, document_timeout_s=5.0)
    [first] = bench.take()
    bench.turn(bench.started(first))
    for _ in range(20):
        bench.clock.advance(2)
        bench.beat()

    [second] = bench.take()
    assert (second.generation, second.attempt) == (2, 1)


def test_silence_in_which_the_leader_did_not_listen_is_not_held_against_a_task(
    bench: Bench,
) -> None:
    bench.submit(1, document_timeout_s=5.0)
    [command] = bench.take()
    bench.turn(bench.started(command))
    bench.clock.advance(60)
    bench.beat(busy=())
    for _ in range(6):
        bench.clock.advance(2)
        bench.beat(busy=())
    assert bench.take() == []


def test_an_old_heartbeat_is_no_sign_of_life(bench: Bench) -> None:
    bench.beat(slots=0)
    late = bench.heartbeat(slots=4)
    bench.clock.advance(30)
    bench.turn(late)
    bench.submit(1)
    assert bench.take() == []


def test_a_heartbeat_naming_a_task_keeps_it(bench: Bench) -> None:
    bench.submit(1, document_timeout_s=5.0)
    [command] = bench.take()
    bench.turn(bench.started(command))
    bench.wait(60)
    assert bench.take() == []


def test_a_restart_takes_back_what_was_out_and_uses_no_attempt(bench: Bench) -> None:
    job_id = bench.submit(3, max_concurrent=2)
    working, queued = bench.take()
    bench.turn(bench.started(working))
    bench.restart()

    again = bench.take()
    assert {c.task_id for c in again} == {working.task_id, queued.task_id}
    assert {(c.generation, c.attempt) for c in again} == {(2, 1)}
    bench.turn(bench.completed(working))
    for command in again:
        bench.turn(bench.completed(command))
    [last] = bench.take()
    bench.turn(bench.completed(last))
    assert bench.view(job_id).job.counts == Counts(completed=3)
    assert bench.view(job_id).job.status is JobStatus.COMPLETED


def test_a_document_that_takes_the_service_down_each_time_is_given_up(
    bench: Bench,
) -> None:
    job_id = bench.submit(1)
    for _ in range(3):
        [command] = bench.take()
        bench.turn(bench.started(command))
        bench.restart()
    [task] = bench.store.tasks(OWNER, job_id, page_size=1, page_token="").items
    assert task.task.failure is not None
    assert task.task.failure.code == "poison"
    assert bench.view(job_id).job.status is JobStatus.FAILED


def test_time_the_service_was_down_is_not_the_jobs(bench: Bench) -> None:
    job_id = bench.submit(2, max_concurrent=1, timeout_s=30.0)
    bench.clock.advance(3_600)
    bench.restart()
    assert bench.view(job_id).job.counts.timeout == 0


def test_an_unsent_release_is_sent_again_under_the_same_generation(
    bench: Bench,
) -> None:
    bench.transport.failing = True
    bench.submit(1)
    bench.transport.failing = False
    assert bench.take() == []

    bench.wait(4)

    [command] = bench.take()
    assert command.generation == 1
    bench.wait(10)
    assert bench.take() == []


def test_planning_whose_message_was_lost_is_sent_again(bench: Bench) -> None:
    bench.submit_unplanned(1)
    bench.wait(4)
    [plan] = bench.transport.sent
    assert plan.generation == 1


def test_planning_that_nobody_took_is_released_anew_after_its_expiry(
    bench: Bench,
) -> None:
    bench.submit_unplanned(1)
    bench.wait(bench.limits.release_expiry_s + 15)
    plans = bench.transport.sent
    assert [plan.generation for plan in plans] == [1, 2]


def test_a_failed_commit_loses_and_doubles_nothing(bench: Bench) -> None:
    job_id = bench.submit(1)
    [command] = bench.take()
    blocker = sqlite3.connect(bench.folder / "test.sqlite3", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(TransientError):
        bench.turn(bench.completed(command))
    blocker.execute("ROLLBACK")
    blocker.close()

    bench.turn()

    assert bench.view(job_id).job.counts == Counts(completed=1)
    assert bench.log(job_id).count("task.completed") == 1


def test_what_was_sent_is_not_sent_again_after_the_state_was_read_anew(
    bench: Bench,
) -> None:
    bench.submit(2)
    assert len(bench.take()) == 2
    bench.aggregator.recover()
    bench.wait(4)
    assert bench.take() == []


def test_planning_that_is_out_at_a_cancel_is_dropped_with_its_job(
    bench: Bench,
) -> None:
    job_id = bench.submit_unplanned(1)
    bench.store.add_command(OWNER, job_id, "cancel", bench.clock.now())
    bench.turn()
    ended = bench.view(job_id).job
    assert ended.status is JobStatus.CANCELLED
    assert bench.out() == []
    bench.wait(bench.limits.release_expiry_s + 20)
    assert bench.transport.sent == []
    assert bench.view(job_id).job == ended


def test_an_event_that_cannot_be_folded_is_given_up_alone(bench: Bench) -> None:
    job_id = bench.submit(2)
    broken, good = bench.take()
    about = bench.about(broken) | {"occurred_at": datetime.min.replace(tzinfo=UTC)}
    bench.transport.publish_event(TaskCompleted(**about, processing_s=1.0))
    bench.transport.publish_event(bench.completed(good))
    stopping = threading.Event()
    thread = threading.Thread(target=bench.aggregator.run, args=(stopping,))
    thread.start()
    try:
        eventually(lambda: bench.view(job_id).job.counts.completed == 1)
    finally:
        stopping.set()
        bench.transport.publish_event(bench.completed(good))
        thread.join()
    [first, _] = bench.store.tasks(OWNER, job_id, page_size=9, page_token="").items
    assert first.task.status is TaskStatus.QUEUED


def test_books_that_do_not_balance_are_noticed(bench: Bench) -> None:
    bench.submit(3, max_concurrent=1)
    bench.turn()
    assert bench.metric("docmill_books_violations_total") == 0
    database = sqlite3.connect(bench.folder / "test.sqlite3")
    with database:
        database.execute("UPDATE tasks SET status = 'FAILED' WHERE id LIKE '%.000002'")
    database.close()

    bench.turn()

    assert bench.metric("docmill_books_violations_total") == 1


def test_ended_jobs_are_removed_after_their_retention(bench: Bench) -> None:
    job_id = bench.submit(1)
    [command] = bench.take()
    bench.blobs.put_bytes(command.blob_key, b"content")
    bench.turn(bench.completed(command))
    bench.wait(120)
    assert bench.view(job_id).job.final
    assert bench.blobs.exists(command.blob_key)

    bench.clock.advance(bench.limits.retention_s)
    bench.turn()

    assert (
        bench.store.jobs(
            OWNER, statuses=(), type=None, label=None, page_size=10, page_token=""
        ).items
        == ()
    )
    eventually(lambda: not bench.blobs.exists(command.blob_key))


def test_stored_files_that_no_row_names_are_removed_once_they_are_old(
    bench: Bench,
) -> None:
    job_id = bench.submit(1)
    [command] = bench.take()
    now_s, grace_s = bench.clock.now().timestamp(), bench.limits.upload_grace_s
    old, named = "documents/doc_lost", command.blob_key
    kept = {
        "documents/doc_young": now_s - grace_s + 3 * SWEEP_EVERY_S,
        named: 0.0,
        f"results/{job_id}/{command.task_id}/1-run/text.txt": 0.0,
    }
    lost = {
        old: now_s - grace_s,
        f"{named}.2-late": 0.0,
        "results/job_gone/job_gone.000000/1-run/text.txt": now_s,
        "outputs/job_gone/job_gone.000000/text.txt": now_s,
    }
    for key, at_s in (kept | lost).items():
        bench.blobs.put_bytes(key, b"content")
        os.utime(bench.blobs.fetch(key, Path("unused")), (at_s, at_s))
    bench.wait(SWEEP_EVERY_S - 10)
    assert bench.blobs.exists(old)

    bench.wait(20)

    eventually(lambda: not any(bench.blobs.exists(key) for key in lost))
    assert [key for key in kept if not bench.blobs.exists(key)] == []


def test_what_killed_writers_left_half_written_is_removed_once_it_is_old(
    bench: Bench,
) -> None:
    bench.submit(1)
    bench.blobs.put_bytes("documents/doc_whole", b"content")
    folder = bench.blobs.fetch("documents/doc_whole", Path("unused")).parent
    now_s, grace_s = bench.clock.now().timestamp(), bench.limits.upload_grace_s
    lost, under_way = folder / "doc_lost#1", folder / "doc_young#1"
    for path, at_s in (
        (lost, now_s - grace_s),
        (under_way, now_s - grace_s + 3 * SWEEP_EVERY_S),
    ):
        path.write_bytes(b"half of the con")
        os.utime(path, (at_s, at_s))

    bench.wait(SWEEP_EVERY_S + 10)

    eventually(lambda: not lost.exists())
    assert under_way.exists()


def test_a_store_that_knows_of_nothing_loses_no_file(bench: Bench) -> None:
    keys = ["documents/doc_1", "results/job_1/job_1.000000/1-run/text.txt"]
    for key in keys:
        bench.blobs.put_bytes(key, b"content")
        os.utime(bench.blobs.fetch(key, Path("unused")), (0.0, 0.0))
    bench.wait(SWEEP_EVERY_S + 10)
    bench.aggregator.finish()
    assert all(map(bench.blobs.exists, keys))


def test_no_file_is_taken_for_lost_before_all_events_are_heard(bench: Bench) -> None:
    key = "documents/doc_1.1-run"
    bench.submit(1)
    bench.blobs.put_bytes(key, b"content")
    os.utime(bench.blobs.fetch(key, Path("unused")), (0.0, 0.0))
    bench.clock.advance(SWEEP_EVERY_S)
    bench.aggregator.turn()  # nobody has listened for long
    bench.wait(SETTLE_S - 2)
    bench.aggregator.finish()
    assert bench.blobs.exists(key)


def test_temporary_files_that_a_killed_worker_left_are_removed(bench: Bench) -> None:
    key = f"{TEMPORARY}/picture.jpg"
    bench.blobs.put_bytes(key, b"picture")
    bench.blobs.put_bytes("documents/doc_1", b"content")
    left = (bench.clock.now() - TEMPORARY_LIFE).timestamp() + SWEEP_EVERY_S
    for each in (key, "documents/doc_1"):
        path = bench.blobs.fetch(each, Path("unused"))
        os.utime(path, (left, left))
    bench.turn()
    bench.wait(SWEEP_EVERY_S - 10)
    assert bench.blobs.exists(key)
    bench.wait(SWEEP_EVERY_S)
    eventually(lambda: not bench.blobs.exists(key))
    assert bench.blobs.exists("documents/doc_1")
