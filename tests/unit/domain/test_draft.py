"""What one commit makes of one job."""

from datetime import timedelta
from typing import Any

from msgspec import structs

from service.domain import events, progress
from service.domain.draft import MAX_INTERRUPTIONS, MAX_RETURNS, Draft
from service.domain.fold import fold
from service.domain.model import (
    Counts,
    Failure,
    Job,
    JobOptions,
    JobStatus,
    Outcome,
    Task,
    TaskKind,
    TaskStatus,
)
from service.domain.retries import MAX_DELAY_S, delay_s
from service.messages import (
    BatchPlanned,
    TaskCompleted,
    TaskEvent,
    TaskFailed,
    TaskReturned,
    TaskStarted,
)
from tests.factories import NOW, make_finish_task, make_job, make_plan_task, make_task

LATER = NOW + timedelta(minutes=10)


def released(documents: int = 1, **fields: Any) -> tuple[Job, list[Task]]:
    """A planned job with every document out."""
    job = make_job(
        documents=documents,
        **{"planned": True, "cost_total_ms": 10 * documents, **fields},
    )
    draft = Draft(job, NOW)
    assert draft.id == job.id
    tasks = [
        draft.release(make_task(job=job, index=i, cost_ms=10)) for i in range(documents)
    ]
    return draft.job, tasks


def completed(task: Task, **fields: Any) -> TaskCompleted:
    return TaskCompleted(**said(task), worker_id="w", processing_s=0.1, **fields)


def failed(task: Task, code: str = "crashed", *, retryable: bool = True) -> TaskFailed:
    return TaskFailed(
        **said(task), worker_id="w", code=code, message="Why.", retryable=retryable
    )


def said(task: Task) -> dict[str, Any]:
    return {
        "message_id": "m",
        "owner": task.owner,
        "job_id": task.job_id,
        "task_id": task.id,
        "generation": task.generation,
        "attempt": task.attempts + 1,
        "occurred_at": NOW,
    }


def settled(job: Job, tasks: list[Task], *events: TaskEvent) -> Draft:
    draft = fold(job, {t.id: t for t in tasks}, events, NOW)
    draft.settle()
    return draft


def kinds(draft: Draft) -> list[str]:
    return [entry.type for entry in draft.log]


def test_the_first_release_starts_the_job_and_its_clock() -> None:
    job, [task] = released(options=JobOptions(timeout_s=60))
    assert job.status is JobStatus.PROCESSING
    assert job.started_at == NOW
    assert job.deadline == NOW + timedelta(seconds=60)
    assert (task.status, task.generation) == (TaskStatus.QUEUED, 1)


def test_all_successes_complete_the_job() -> None:
    job, tasks = released(2)
    draft = settled(job, tasks, completed(tasks[0]), completed(tasks[1]))
    assert draft.job.status is JobStatus.COMPLETED
    assert draft.job.outcome is Outcome.SUCCEEDED
    each = ["task.started", "task.completed"]
    assert kinds(draft) == [*each, *each, "batch.completed"]


def test_an_attempt_whose_start_was_not_heard_is_logged_from_its_start() -> None:
    job, [task] = released()
    began = TaskStarted(**said(task), worker_id="w")
    in_order = settled(job, [task], began, completed(task))
    for heard in ([completed(task)], [completed(task), began]):
        assert settled(job, [task], *heard).log == in_order.log
    again = settled(job, [task], failed(task))
    assert kinds(again) == ["task.started", "task.retrying"]


def test_no_time_of_an_attempt_is_before_its_release() -> None:
    """Here the worker's clock is behind, and longer at work than since the release."""
    job, [task] = released()
    behind = {"occurred_at": NOW - timedelta(seconds=1)}
    for event in (
        TaskStarted(**said(task) | behind, worker_id="w"),
        TaskCompleted(**said(task), worker_id="w", processing_s=0.1),
        TaskCompleted(**said(task) | behind, worker_id="w", processing_s=0.1),
    ):
        told = settled(job, [task], event).current(task)
        assert told.queued_at == told.started_at == NOW
        assert told.finished_at in {None, NOW}
    done = settled(job, [task], completed(task)).current(task)
    assert done.processing_ms == 100


def test_the_start_of_an_older_release_is_not_told_again() -> None:
    job, [task] = released()
    started = settled(job, [task], TaskStarted(**said(task), worker_id="w"))
    draft = Draft(started.job, NOW)
    returned = draft.hand_back(started.current(task), reason="shutdown", until=None)
    draft.release(returned)
    after = settled(draft.job, [draft.current(task)], completed(task))
    assert kinds(after) == ["task.completed", "batch.completed"]


def test_one_failure_makes_the_outcome_partial() -> None:
    job, tasks = released(2)
    failure = failed(tasks[1], "encrypted", retryable=False)
    draft = settled(job, tasks, completed(tasks[0]), failure)
    assert draft.job.status is JobStatus.COMPLETED
    assert draft.job.outcome is Outcome.PARTIAL


def test_no_success_fails_the_job() -> None:
    job, [task] = released()
    draft = settled(job, [task], failed(task, "corrupt", retryable=False))
    assert draft.job.status is JobStatus.FAILED
    assert draft.job.error is not None
    assert draft.job.error.code == "all_failed"


def test_a_job_without_documents_fails_as_empty() -> None:
    draft = Draft(make_job(documents=0, planned=True), NOW)
    draft.settle()
    assert draft.job.error is not None
    assert draft.job.error.code == "empty_batch"
    assert progress.percent(Counts(), cost_done_ms=0, cost_total_ms=0) == 0


def test_progress_is_the_floor_of_the_share_done() -> None:
    job, tasks = released(3)
    draft = settled(job, tasks, completed(tasks[0]), completed(tasks[1]))
    assert draft.job.progress == 66


def test_a_retryable_failure_waits_twice_as_long_each_time() -> None:
    job, [task] = released()
    first = settled(job, [task], failed(task))
    waiting = first.current(task)
    assert waiting.status is TaskStatus.RETRYING
    assert waiting.not_before is not None
    assert 2.0 <= (waiting.not_before - NOW).total_seconds() <= 2.4
    assert 4.0 <= delay_s(2.0, attempt=2, task_id=task.id) <= 4.8
    assert delay_s(2_000.0, attempt=9, task_id=task.id) == MAX_DELAY_S


def test_a_failure_that_names_a_time_is_not_tried_before_it() -> None:
    job, [task] = released()
    event = TaskFailed(
        **said(task),
        worker_id="w",
        code="upstream_unavailable",
        message="Busy.",
        retryable=True,
        retry_after_s=90.0,
    )
    waiting = settled(job, [task], event).current(task)
    assert waiting.not_before == NOW + timedelta(seconds=90)


def test_the_last_attempt_is_final() -> None:
    job, [task] = released(options=JobOptions(retry_attempts=0))
    draft = settled(job, [task], failed(task))
    assert draft.current(task).status is TaskStatus.FAILED


def test_cancel_ends_what_waits_and_lets_finish_what_is_out() -> None:
    job, tasks = released(2)
    waiting = make_task(job=job, index=2)
    job = structs.replace(job, counts=Counts(queued=2, pending=1))
    draft = Draft(job, NOW)
    draft.request_cancel()
    draft.end_waiting([waiting])
    draft.settle()
    assert draft.job.status is JobStatus.PROCESSING
    assert draft.job.never_started == 1
    after = settled(draft.job, tasks, completed(tasks[0]), failed(tasks[1]))
    assert after.job.status is JobStatus.CANCELLED
    assert after.current(tasks[1]).status is TaskStatus.CANCELLED
    assert kinds(after)[-1] == "batch.cancelled"
    assert after.log[-1].data["receipt"] == {
        "neverStarted": 2,
        "finishing": 0,
        "finished": 1,
        "killed": 0,
    }


def test_a_document_that_a_cancel_keeps_from_its_retry_has_not_finished() -> None:
    job, [task] = released()
    retrying = settled(job, [task], failed(task))
    draft = Draft(retrying.job, NOW)
    draft.request_cancel()
    draft.end_waiting([retrying.current(task)])
    assert draft.log[-1].data["how"] == "notRetried"
    receipt = events.receipt(draft.job)
    assert (receipt["neverStarted"], receipt["finished"]) == (1, 0)


def test_the_end_of_a_cancelled_job_says_what_became_of_its_documents() -> None:
    job, tasks = released(2)
    fresh = make_task(job=job, index=2)
    draft = Draft(structs.replace(job, counts=Counts(queued=2, pending=1)), NOW)
    draft.request_cancel()
    draft.end_waiting([fresh])
    draft = settled(draft.job, tasks, completed(tasks[0]), failed(tasks[1]))
    draft.list_cancelled([*tasks, fresh])
    receipt = draft.log[-1].data["receipt"]
    assert (receipt["neverStarted"], receipt["finished"]) == (2, 1)
    assert receipt["documents"] == [
        {"documentId": tasks[0].document_id, "how": "finished"},
        {"documentId": tasks[1].document_id, "how": "notRetried"},
        {"documentId": fresh.document_id, "how": "neverStarted"},
    ]


def test_a_cancel_of_an_ended_job_changes_nothing() -> None:
    draft = Draft(make_job(status=JobStatus.COMPLETED), NOW)
    draft.request_cancel()
    draft.settle()
    assert not draft.changed


def test_the_deadline_ends_what_waits_and_names_the_job_timed_out() -> None:
    job, [task] = released(options=JobOptions(timeout_s=60))
    retrying = settled(job, [task], failed(task))
    draft = Draft(retrying.job, LATER)
    ended = retrying.current(task)
    draft.end_waiting([ended])
    draft.end_waiting([ended])
    draft.settle()
    assert draft.job.status is JobStatus.TIMEOUT
    assert kinds(draft) == ["task.failed", "batch.timeout"]
    assert draft.log[-1].data["error"] == "Job timeout exceeded"


def test_the_deadline_moves_by_time_without_workers() -> None:
    job, _ = released(options=JobOptions(timeout_s=60))
    draft = Draft(job, NOW)
    draft.delay_deadline(30)
    assert draft.job.deadline == NOW + timedelta(seconds=90)
    unstarted = Draft(make_job(), NOW)
    unstarted.delay_deadline(30)
    assert unstarted.job.deadline is None


def test_a_restart_is_free_once_and_gives_up_at_the_limit() -> None:
    job, [task] = released()
    for number in range(1, MAX_INTERRUPTIONS + 1):
        draft = Draft(job, NOW)
        draft.interrupt(task, reason="restarted")
        draft.give_up_exhausted()
        after = draft.current(task)
        assert after.attempts == 0
        if number < MAX_INTERRUPTIONS:
            assert after.status is TaskStatus.PENDING
            task = draft.release(after)
            job = draft.job
        else:
            assert after.status is TaskStatus.FAILED
            assert after.failure is not None
            assert after.failure.code == "poison"


def test_a_message_that_keeps_coming_back_unstarted_ends_as_worker_lost() -> None:
    job, [task] = released()
    for _ in range(MAX_RETURNS + 1):
        returned = TaskReturned(**said(task), worker_id="w", reason="redelivered")
        draft = fold(job, {task.id: task}, [returned], NOW)
        draft.give_up_exhausted()
        job, task = draft.job, draft.current(task)
        if task.status is TaskStatus.PENDING:
            task = draft.release(task)
            job = draft.job
    assert task.failure is not None
    assert task.failure.code == "worker_lost"


def test_a_refused_message_counts_as_a_return_and_an_expired_one_does_not() -> None:
    job, [task] = released()
    for until, returns in ((LATER, 1), (None, 0)):
        letter = TaskReturned(
            **said(task), worker_id="broker", reason="dead_lettered", until=until
        )
        after = settled(job, [task], letter).current(task)
        assert (after.returns, after.not_before) == (returns, until)


def test_a_redelivered_task_that_had_started_counts_as_an_interruption() -> None:
    job, [task] = released()
    started = TaskStarted(**said(task), worker_id="w")
    returned = TaskReturned(**said(task), worker_id="v", reason="redelivered")
    orders: list[list[TaskEvent]] = [[started, returned], [returned, started, started]]
    for events_in_order in orders:
        draft = settled(job, [task], *events_in_order)
        after = draft.current(task)
        assert (after.interruptions, after.returns) == (1, 0)
        assert after.status is TaskStatus.PENDING


def test_what_waits_for_something_else_is_parked_and_uses_no_attempt() -> None:
    job, [task] = released()
    returned = TaskReturned(**said(task), worker_id="w", reason="upstream", until=LATER)
    after = settled(job, [task], returned).current(task)
    assert after.status is TaskStatus.PENDING
    assert (after.waiting_reason, after.not_before) == ("upstream_unavailable", LATER)
    assert (after.attempts, after.returns) == (0, 0)


def test_planning_that_fails_for_good_fails_every_document() -> None:
    job = make_job(documents=1, options=JobOptions(retry_attempts=0))
    plan = make_plan_task(job, status=TaskStatus.QUEUED, generation=1)
    draft = fold(job, {plan.id: plan}, [failed(plan, "internal")], NOW)
    assert draft.job.plan_failed
    draft.end_waiting([make_task(job=job)])
    draft.settle()
    assert draft.job.status is JobStatus.FAILED
    assert draft.job.error is not None
    assert draft.job.error.code == "plan_failed"


def test_planning_is_retried_without_a_log_row_and_starts_its_parts_anew() -> None:
    job = make_job(documents=2)
    plan = make_plan_task(job, status=TaskStatus.QUEUED, generation=1)
    part = BatchPlanned(**said(plan), part=0, parts=2, costs_ms={})
    draft = fold(job, {plan.id: plan}, [part, part, failed(plan)], NOW)
    assert draft.job.planned_parts == (0,)
    assert draft.ignored == ["late_or_duplicate"]
    assert not draft.log
    again = Draft(draft.job, LATER)
    again.release(draft.current(plan))
    assert again.job.planned_parts == ()
    assert again.job.started_at is None


def test_planning_interrupted_too_often_fails_the_plan() -> None:
    job = make_job(documents=1)
    plan = make_plan_task(
        job,
        status=TaskStatus.PROCESSING,
        generation=1,
        interruptions=MAX_INTERRUPTIONS - 1,
    )
    draft = Draft(job, NOW)
    draft.interrupt(plan, reason="restarted")
    draft.give_up_exhausted()
    assert draft.job.plan_failed


def test_a_job_with_a_finish_ends_only_after_it() -> None:
    job, [task] = released(has_finish=True)
    draft = settled(job, [task], completed(task))
    assert draft.needs_finish()
    assert not draft.job.final
    finish = draft.release(make_finish_task(job))
    done = settled(draft.job, [finish], completed(finish))
    assert done.job.status is JobStatus.COMPLETED


def test_a_finish_that_fails_leaves_the_documents_outcome_and_says_so() -> None:
    job, [task] = released(has_finish=True, options=JobOptions(retry_attempts=0))
    draft = settled(job, [task], completed(task))
    finish = draft.release(make_finish_task(job))
    done = settled(draft.job, [finish], failed(finish, "internal"))
    assert done.job.status is JobStatus.COMPLETED
    assert done.job.batch_error == Failure(
        code="internal", message="Why.", retryable=True
    )
    assert done.log[-1].data["batchError"]["code"] == "internal"


def test_a_cancel_during_finishing_ends_the_job_at_once() -> None:
    job, [task] = released(has_finish=True)
    draft = settled(job, [task], completed(task))
    draft.request_cancel()
    draft.settle()
    assert draft.job.status is JobStatus.CANCELLED


def test_planning_that_is_out_when_its_job_ends_is_dropped() -> None:
    job = make_job(documents=1)
    plan = make_plan_task(job, status=TaskStatus.QUEUED, generation=1)
    draft = Draft(job, NOW)
    draft.request_cancel()
    draft.end_waiting([make_task(job=job)])
    draft.settle()
    draft.drop(plan)
    assert draft.current(plan).status is TaskStatus.CANCELLED
    assert not draft.job.plan_failed
    assert kinds(draft)[-1] == "batch.cancelled"


def test_a_job_cancelled_before_its_start_has_no_duration() -> None:
    job = make_job(documents=1)
    draft = Draft(job, NOW)
    draft.request_cancel()
    draft.end_waiting([make_task(job=job)])
    draft.settle()
    assert kinds(draft) == ["task.cancelled", "batch.cancelled"]
    assert "duration" not in draft.log[-1].data


def test_events_of_nothing_known_are_ignored_with_their_reason() -> None:
    job, [task] = released()
    stranger = make_task(job=job, index=9, generation=1)
    future = TaskStarted(**said(task) | {"generation": 7}, worker_id="w")
    draft = settled(job, [task], completed(stranger), future)
    assert draft.ignored == ["unknown_task", "future_generation"]


def test_work_done_twice_is_named_so() -> None:
    job, tasks = released(2)
    draft = settled(job, tasks, completed(tasks[0]), failed(tasks[0]))
    assert draft.ignored == ["duplicate_work"]
    late = TaskStarted(**said(tasks[0]), worker_id="w")
    later = settled(draft.job, [draft.current(tasks[0]), tasks[1]], late)
    assert later.ignored == ["task_final"]


def test_starting_a_plan_is_no_row_in_the_log() -> None:
    job = make_job(documents=1)
    plan = make_plan_task(job, status=TaskStatus.QUEUED, generation=1)
    started = TaskStarted(**said(plan), worker_id="w")
    draft = fold(job, {plan.id: plan}, [started], NOW)
    assert draft.current(plan).status is TaskStatus.PROCESSING
    assert not draft.log
    assert plan.kind is TaskKind.PLAN


def test_progress_events_carry_the_counts_of_the_contract() -> None:
    job, tasks = released(3)
    draft = settled(job, tasks, completed(tasks[0]))
    assert events.batch_progress(draft.job, None) == {
        "jobId": job.id,
        "progress": 33,
        "totalDocuments": 3,
        "processedDocuments": 1,
        "failedDocuments": 0,
        "completed": 1,
        "successful": 1,
        "failed": 0,
        "processing": 0,
        "pending": 2,
        "estimatedTimeRemaining": None,
        "estimatedTimeRemainingP90": None,
    }


def test_the_created_event_names_type_and_number() -> None:
    job = make_job(documents=2)
    assert events.batch_created(job) == {
        "jobId": job.id,
        "type": "DATA_EXTRACTION",
        "documentCount": 2,
    }
