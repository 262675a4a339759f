"""How jobs end, and what their end means for documents that wait."""

from msgspec import structs

from service.domain import events, progress
from service.domain.draft import Draft
from service.domain.model import Counts, JobOptions, JobStatus, Outcome, TaskStatus
from service.domain.task_end import end_waiting
from tests.factories import NOW, make_job, make_task
from tests.unit.domain.commits import LATER, completed, failed, kinds, released, settled


def test_all_successes_complete_the_job() -> None:
    job, tasks = released(2)
    draft = settled(job, tasks, completed(tasks[0]), completed(tasks[1]))
    assert draft.job.status is JobStatus.COMPLETED
    assert draft.job.outcome is Outcome.SUCCEEDED
    each = ["task.started", "task.completed"]
    assert kinds(draft) == [*each, *each, "batch.completed"]


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


def test_cancel_ends_what_waits_and_lets_finish_what_is_out() -> None:
    job, tasks = released(2)
    waiting = make_task(job=job, index=2)
    job = structs.replace(job, counts=Counts(queued=2, pending=1))
    draft = Draft(job, NOW)
    draft.request_cancel()
    end_waiting(draft, [waiting])
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
    end_waiting(draft, [retrying.current(task)])
    assert draft.log[-1].data["how"] == "notRetried"
    receipt = events.receipt(draft.job)
    assert (receipt["neverStarted"], receipt["finished"]) == (1, 0)


def test_the_end_of_a_cancelled_job_says_what_became_of_its_documents() -> None:
    job, tasks = released(2)
    fresh = make_task(job=job, index=2)
    draft = Draft(structs.replace(job, counts=Counts(queued=2, pending=1)), NOW)
    draft.request_cancel()
    end_waiting(draft, [fresh])
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
    end_waiting(draft, [ended])
    end_waiting(draft, [ended])
    draft.settle()
    assert draft.job.status is JobStatus.TIMEOUT
    assert kinds(draft) == ["task.failed", "batch.timeout"]
    assert draft.log[-1].data["error"] == "Job timeout exceeded"


def test_a_job_cancelled_before_its_start_has_no_duration() -> None:
    job = make_job(documents=1)
    draft = Draft(job, NOW)
    draft.request_cancel()
    end_waiting(draft, [make_task(job=job)])
    draft.settle()
    assert kinds(draft) == ["task.cancelled", "batch.cancelled"]
    assert "duration" not in draft.log[-1].data
