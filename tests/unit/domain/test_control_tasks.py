"""Planning and finishing are tasks that a job waits for."""

from service.domain.draft import Draft
from service.domain.fold import fold
from service.domain.model import Failure, JobOptions, JobStatus, TaskKind, TaskStatus
from service.domain.taking_back import MAX_INTERRUPTIONS, give_up_exhausted, interrupt
from service.domain.task_end import drop, end_waiting
from service.messages import BatchPlanned, TaskStarted
from tests.factories import NOW, make_finish_task, make_job, make_plan_task, make_task
from tests.unit.domain.commits import (
    LATER,
    completed,
    failed,
    kinds,
    released,
    said,
    settled,
)


def test_planning_that_fails_for_good_fails_every_document() -> None:
    job = make_job(documents=1, options=JobOptions(retry_attempts=0))
    plan = make_plan_task(job, status=TaskStatus.QUEUED, generation=1)
    draft = fold(job, {plan.id: plan}, [failed(plan, "internal")], NOW)
    assert draft.job.plan_failed
    end_waiting(draft, [make_task(job=job)])
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
    interrupt(draft, plan, reason="restarted")
    give_up_exhausted(draft)
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
    end_waiting(draft, [make_task(job=job)])
    draft.settle()
    drop(draft, plan)
    assert draft.current(plan).status is TaskStatus.CANCELLED
    assert not draft.job.plan_failed
    assert kinds(draft)[-1] == "batch.cancelled"


def test_starting_a_plan_is_no_row_in_the_log() -> None:
    job = make_job(documents=1)
    plan = make_plan_task(job, status=TaskStatus.QUEUED, generation=1)
    started = TaskStarted(**said(plan), worker_id="w")
    draft = fold(job, {plan.id: plan}, [started], NOW)
    assert draft.current(plan).status is TaskStatus.PROCESSING
    assert not draft.log
    assert plan.kind is TaskKind.PLAN
