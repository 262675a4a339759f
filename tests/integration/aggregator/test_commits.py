"""From submission to the end of a job: what is released, committed and told."""

import threading

import msgspec
import pytest

from service.domain.model import Counts, JobStatus, Outcome, TaskStatus
from service.errors import LeadershipLostError
from service.messages import CommandRequested, FinishBatch, StartBatch
from tests.integration.aggregator.bench import OWNER, Bench


def test_a_planned_job_is_released_run_and_ended(bench: Bench) -> None:
    job_id = bench.submit(2)
    first, second = bench.take()

    bench.turn(bench.started(first), bench.started(second))
    bench.turn(bench.completed(first), bench.completed(second))

    job = bench.view(job_id).job
    assert (job.status, job.outcome) == (JobStatus.COMPLETED, Outcome.SUCCEEDED)
    assert bench.log(job_id) == [
        "batch.created",
        "batch.started",
        "task.started",
        "task.started",
        "task.completed",
        "task.completed",
        "batch.completed",
    ]


def test_log_rows_have_no_holes_and_growing_positions(bench: Bench) -> None:
    job_id = bench.submit(3)
    for command in bench.take():
        bench.turn(bench.started(command), bench.completed(command))
    entries = bench.store.events_after(job_id, 0, 100)
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    positions = [entry.position for entry in entries]
    assert None not in positions
    assert positions == sorted(positions, key=lambda p: p or 0)


def test_gateways_hear_the_rows_of_each_commit(bench: Bench) -> None:
    job_id = bench.submit(1)
    heard, unsubscribe = bench.listen(job_id)
    [command] = bench.take()

    bench.turn(bench.started(command))
    bench.turn(bench.completed(command))
    unsubscribe()
    bench.turn(bench.completed(command))

    assert [[row.type for row in notice.rows] for notice in heard] == [
        ["task.started"],
        ["task.completed", "batch.completed"],
    ]
    assert [notice.final for notice in heard] == [False, True]
    assert msgspec.json.decode(heard[0].progress)["processing"] == 1


def test_never_more_than_the_concurrency_limit_is_out(bench: Bench) -> None:
    job_id = bench.submit(10, max_concurrent=3)
    running = bench.take()
    assert len(running) == 3
    while running:
        command, *running = running
        bench.turn(bench.completed(command))
        running += bench.take()
        assert bench.view(job_id).job.counts.out <= 3
    assert bench.view(job_id).job.counts == Counts(completed=10)


def test_never_more_than_the_in_flight_limit_is_out_in_all(bench: Bench) -> None:
    jobs = [bench.submit(20, max_concurrent=20) for _ in range(3)]
    assert len(bench.out()) == 2 * bench.slots
    counts = [bench.view(job_id).job.counts.out for job_id in jobs]
    assert sum(counts) == 2 * bench.slots


def test_places_go_round_between_jobs(bench: Bench) -> None:
    first = bench.submit(20, max_concurrent=20)
    second = bench.submit(20, max_concurrent=20)
    released = bench.take()
    turns = []
    for command in released[:4]:
        bench.turn(bench.completed(command))
        turns += [c.job_id for c in bench.take()]
    assert turns == [second, first, second, first]


def test_without_a_live_worker_nothing_is_released(bench: Bench) -> None:
    bench.beat(slots=0)
    job_id = bench.submit(2)
    assert bench.take() == []
    assert bench.view(job_id).job.status is JobStatus.PENDING

    bench.beat()

    assert len(bench.take()) == 2


def test_a_worker_unheard_for_15_seconds_does_not_count(bench: Bench) -> None:
    bench.clock.advance(16)
    bench.submit(1)
    assert bench.take() == []


def test_a_result_is_stored_with_the_completion(bench: Bench) -> None:
    job_id = bench.submit(1)
    [command] = bench.take()
    bench.turn(bench.completed(command, result=msgspec.Raw(b'{"a":1}'), result_bytes=7))
    found = bench.store.task_result(OWNER, job_id, command.document_id)
    assert bytes(found.result) == b'{"a":1}'


def test_durations_are_learned_by_kind(bench: Bench) -> None:
    bench.submit(1)
    [command] = bench.take()
    bench.turn(bench.completed(command))
    [row] = bench.store.durations("DATA_EXTRACTION")
    assert (row.media_type, row.samples, row.mean_ms) == ("application/pdf", 1, 1_000)


def test_a_cancel_ends_what_waits_and_answers_with_a_receipt(bench: Bench) -> None:
    job_id = bench.submit(5, max_concurrent=2)
    first, second = bench.take()
    bench.turn(bench.completed(first))
    [third] = bench.take()
    command = bench.store.add_command(OWNER, job_id, "cancel", bench.clock.now())

    bench.turn(
        CommandRequested(message_id="m", owner=OWNER, occurred_at=bench.clock.now())
    )

    outcome = bench.store.command_outcome(command)
    assert outcome is not None
    assert msgspec.json.decode(outcome) == {
        "neverStarted": 2,
        "finishing": 2,
        "finished": 1,
        "killed": 0,
    }
    bench.turn(bench.completed(second), bench.failed(third))
    job = bench.view(job_id).job
    assert job.status is JobStatus.CANCELLED
    assert job.counts == Counts(completed=2, cancelled=3)
    end = bench.store.events_after(job_id, job.last_seq - 1, 1)[0]
    assert end.type == "batch.cancelled"
    receipt = msgspec.json.decode(end.data)["receipt"]
    said = [each.pop("how") for each in receipt["documents"]]
    assert said == [
        *("finished", "finished", "notRetried", "neverStarted", "neverStarted")
    ]
    tasks = bench.store.tasks(OWNER, job_id, page_size=5).items
    assert receipt == {
        "neverStarted": 3,
        "finishing": 0,
        "finished": 2,
        "killed": 0,
        "documents": [{"documentId": each.task.document_id} for each in tasks],
    }


def test_a_large_cancelled_job_names_its_first_hundred_documents(bench: Bench) -> None:
    job_id = bench.submit_unplanned(101)
    bench.store.add_command(OWNER, job_id, "cancel", bench.clock.now())
    bench.turn()
    job = bench.view(job_id).job
    assert job.status is JobStatus.CANCELLED
    end = bench.store.events_after(job_id, job.last_seq - 1, 1)[0]
    assert len(msgspec.json.decode(end.data)["receipt"]["documents"]) == 100


def test_a_command_is_found_without_its_message(bench: Bench) -> None:
    job_id = bench.submit(1)
    command = bench.store.add_command(OWNER, job_id, "cancel", bench.clock.now())
    bench.turn()
    assert bench.store.command_outcome(command) is not None


def test_finishing_is_released_after_the_last_document(bench: Bench) -> None:
    job_id = bench.submit(1, has_finish=True)
    [command] = bench.take()
    bench.turn(bench.completed(command))
    [finish] = bench.transport.sent
    assert isinstance(finish, FinishBatch)
    assert bench.view(job_id).job.status is JobStatus.PROCESSING

    bench.turn(bench.completed(finish))

    assert bench.view(job_id).job.status is JobStatus.COMPLETED


def test_failed_planning_is_tried_again_and_then_fails_the_job(bench: Bench) -> None:
    job_id = bench.submit_unplanned(2, retry_attempts=1, retry_delay_s=1.0)
    plan = StartBatch(
        message_id="m",
        owner=OWNER,
        occurred_at=bench.clock.now(),
        job_id=job_id,
        task_id=f"{job_id}.plan",  # type: ignore[arg-type]
        generation=1,
        job_type="DATA_EXTRACTION",
        time_limit_s=60,
    )
    bench.turn(bench.failed(plan, "internal"))
    bench.wait(2)
    [again] = bench.transport.sent
    assert isinstance(again, StartBatch)
    assert (again.generation, again.attempt) == (2, 2)

    bench.turn(bench.failed(again, "internal"))

    job = bench.view(job_id).job
    assert job.status is JobStatus.FAILED
    assert job.error is not None
    assert job.error.code == "plan_failed"
    assert job.counts.failed == 2


def test_a_leader_that_was_replaced_changes_nothing(bench: Bench) -> None:
    job_id = bench.submit(1)
    [command] = bench.take()
    bench.store.acquire_lease("another", now=bench.clock.now(), force=True)

    with pytest.raises(LeadershipLostError):
        bench.turn(bench.completed(command))

    counts = bench.view(job_id).job.counts
    assert counts == Counts(queued=1)
    assert (
        bench.store.tasks(OWNER, job_id, page_size=1, page_token="")
        .items[0]
        .task.status
        is TaskStatus.QUEUED
    )


def test_a_leader_that_was_replaced_shows_no_figures_of_its_own(bench: Bench) -> None:
    bench.submit(9)
    bench.turn()
    gauges = {
        "docmill_leader": {},
        "docmill_backlog_documents": {},
        "docmill_tasks": {"status": "out"},
        **{
            f"docmill_{name}": {"queue": "documents"}
            for name in ("in_flight", "in_flight_limit", "live_slots")
        },
    }
    assert all(bench.metric(name, **labels) for name, labels in gauges.items())
    bench.store.acquire_lease("another", now=bench.clock.now(), force=True)
    bench.clock.advance(1.0)
    bench.aggregator.run(threading.Event())
    assert not any(bench.metric(name, **labels) for name, labels in gauges.items())
