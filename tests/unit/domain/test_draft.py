"""What one commit makes of one job."""

from datetime import timedelta

from service.domain import events
from service.domain.draft import Draft
from service.domain.model import JobOptions, JobStatus, TaskStatus
from tests.factories import NOW, make_job
from tests.unit.domain.commits import completed, released, settled


def test_the_first_release_starts_the_job_and_its_clock() -> None:
    job, [task] = released(options=JobOptions(timeout_s=60))
    assert job.status is JobStatus.PROCESSING
    assert job.started_at == NOW
    assert job.deadline == NOW + timedelta(seconds=60)
    assert (task.status, task.generation) == (TaskStatus.QUEUED, 1)


def test_progress_is_the_floor_of_the_share_done() -> None:
    job, tasks = released(3)
    draft = settled(job, tasks, completed(tasks[0]), completed(tasks[1]))
    assert draft.job.progress == 66


def test_the_deadline_moves_by_time_without_workers() -> None:
    job, _ = released(options=JobOptions(timeout_s=60))
    draft = Draft(job, NOW)
    draft.delay_deadline(30)
    assert draft.job.deadline == NOW + timedelta(seconds=90)
    unstarted = Draft(make_job(), NOW)
    unstarted.delay_deadline(30)
    assert unstarted.job.deadline is None


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
