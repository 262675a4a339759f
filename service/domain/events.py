"""The data of every logged event, in the form clients see (camelCase)."""

from collections.abc import Iterable
from typing import Any, Literal

from service.domain.estimates import Eta
from service.domain.model import (
    OUT,
    WAITING,
    Failure,
    Job,
    JobStatus,
    Task,
    TaskStatus,
)

How = Literal["neverStarted", "notRetried", "finished", "finishing"]
"""What a cancel meant for a document."""

LOGGED_TYPES = (
    "batch.created",
    "batch.started",
    "batch.completed",
    "batch.failed",
    "batch.timeout",
    "batch.cancelled",
    "task.started",
    "task.retrying",
    "task.completed",
    "task.failed",
    "task.cancelled",
)
"""Types with a row in the log and a sequence number."""
CONFLATED_TYPES = ("batch.progress", "task.progress")
"""Types without one: only the newest matters."""
END_TYPES = {
    JobStatus.COMPLETED: "batch.completed",
    JobStatus.FAILED: "batch.failed",
    JobStatus.TIMEOUT: "batch.timeout",
    JobStatus.CANCELLED: "batch.cancelled",
}


def batch_created(job: Job) -> dict[str, Any]:
    """Data of ``batch.created``."""
    return {"jobId": job.id, "type": job.type, "documentCount": job.counts.total}


def batch_started(job: Job) -> dict[str, Any]:
    """Data of ``batch.started``."""
    return {"jobId": job.id, "totalDocuments": job.counts.total}


def batch_progress(job: Job, eta: Eta | None) -> dict[str, Any]:
    """Data of ``batch.progress``."""
    counts = job.counts
    return {
        **_sums(job),
        "progress": job.progress,
        "completed": counts.done,
        "successful": counts.completed,
        "failed": counts.done - counts.completed,
        "processing": counts.processing,
        "pending": counts.waiting + counts.queued,
        "estimatedTimeRemaining": eta.median_ms if eta else None,
        "estimatedTimeRemainingP90": eta.p90_ms if eta else None,
    }


def batch_ended(job: Job) -> dict[str, Any]:
    """Data of the event that says how a job ended."""
    data = _sums(job)
    if job.status is JobStatus.COMPLETED:
        data["outcome"] = job.outcome
        if job.batch_error is not None:
            data["batchError"] = error(job.batch_error)
    elif job.status is JobStatus.CANCELLED:
        data["receipt"] = receipt(job)
    else:
        assert job.error is not None
        data |= {"error": job.error.message, "code": job.error.code}
    if job.started_at is not None and job.finished_at is not None:
        data["duration"] = _milliseconds(job)
    return data


def receipt(job: Job) -> dict[str, int]:
    """Give what a cancel did, in counts.

    ``killed`` stays 0 until a cancel can kill; ``finishing`` is 0 once all has ended.
    """
    counts = job.counts
    return {
        "neverStarted": job.never_started,
        "finishing": counts.out,
        "finished": counts.done - job.never_started,
        "killed": 0,
    }


def receipt_documents(tasks: Iterable[Task]) -> list[dict[str, Any]]:
    """Give what a cancel did to each of some documents."""
    return [{"documentId": task.document_id, "how": how(task)} for task in tasks]


def how(task: Task) -> How:
    """Say what a cancel means for a task; one that still waits is about to end."""
    if task.generation == 0:
        return "neverStarted"
    if task.status is TaskStatus.CANCELLED or task.status in WAITING:
        return "notRetried"
    return "finishing" if task.status in OUT else "finished"


def task_started(task: Task) -> dict[str, Any]:
    """Data of ``task.started``."""
    return {
        **_ids(task),
        "attempt": task.attempts + 1,
        "workerId": task.worker_id,
    }


def task_progress(
    task: Task, *, page: int | None, pages: int | None, message: str | None
) -> dict[str, Any]:
    """Data of ``task.progress``."""
    return {
        **_ids(task),
        "step": task.step,
        "fraction": round(task.fraction, 4),
        "page": page,
        "pages": pages,
        "message": message,
    }


def task_retrying(task: Task, *, delay_s: float, failure: Failure) -> dict[str, Any]:
    """Data of ``task.retrying``."""
    return {
        **_ids(task),
        "attempt": task.attempts,
        "delay": round(delay_s * 1000),
        "error": error(failure),
    }


def task_completed(task: Task, *, added: int = 0, refused: int = 0) -> dict[str, Any]:
    """Data of ``task.completed``.

    Args:
        task: The task that ended.
        added: How many of the files inside its document became documents.
        refused: How many more the job had no place for.
    """
    data = {
        **_ids(task),
        "attempt": task.attempts,
        "processingTime": task.processing_ms,
    }
    if added or refused:
        data |= {"attachments": added, "attachmentsRefused": refused}
    return data


def task_failed(task: Task) -> dict[str, Any]:
    """Data of ``task.failed``: failed or timed out for good."""
    assert task.failure is not None
    return {**_ids(task), "attempts": task.attempts, "error": error(task.failure)}


def task_cancelled(task: Task) -> dict[str, Any]:
    """Data of ``task.cancelled``; `how` is ``neverStarted`` or ``notRetried``."""
    return {**_ids(task), "how": how(task)}


def error(failure: Failure) -> dict[str, Any]:
    """Give a failure as clients see it."""
    return {
        "code": failure.code,
        "message": failure.message,
        "retryable": failure.retryable,
    }


def _ids(task: Task) -> dict[str, Any]:
    return {"jobId": task.job_id, "documentId": task.document_id}


def _sums(job: Job) -> dict[str, Any]:
    counts = job.counts
    return {
        "jobId": job.id,
        "totalDocuments": counts.total,
        "processedDocuments": counts.completed,
        "failedDocuments": counts.done - counts.completed,
    }


def _milliseconds(job: Job) -> int:
    assert job.started_at is not None
    assert job.finished_at is not None
    return round((job.finished_at - job.started_at).total_seconds() * 1000)
