"""How a job ends, as its header tells."""

from datetime import datetime

from msgspec import structs

from service.domain.model import Failure, Job, JobStatus, Outcome
from service.errors import DOCUMENT_CODES

JOB_TIMEOUT = "Job timeout exceeded"
EMPTY_BATCH = "The job has no documents."
ALL_FAILED = "No document of the job succeeded."


def ended(job: Job, now: datetime) -> Job:
    """Give the header of a job of which nothing is left to do, as it ends now."""
    done = structs.replace(
        job, finished_at=now, expected_end=None, expected_end_p90=None, progress=100
    )
    if job.cancel_requested:
        return structs.replace(done, status=JobStatus.CANCELLED)
    if job.deadline_hit:
        error = Failure(code="job_timeout", message=JOB_TIMEOUT)
        return structs.replace(done, status=JobStatus.TIMEOUT, error=error)
    if job.counts.completed == 0:
        return structs.replace(done, status=JobStatus.FAILED, error=_why_failed(job))
    partial = job.counts.completed < job.counts.total
    outcome = Outcome.PARTIAL if partial else Outcome.SUCCEEDED
    return structs.replace(done, status=JobStatus.COMPLETED, outcome=outcome)


def _why_failed(job: Job) -> Failure:
    if job.plan_failed:
        return Failure(code="plan_failed", message=DOCUMENT_CODES["plan_failed"])
    if not job.counts.total:
        return Failure(code="empty_batch", message=EMPTY_BATCH)
    return Failure(code="all_failed", message=ALL_FAILED)
