"""The message that releases a task."""

from datetime import datetime, timedelta

from service.domain.model import Job, Task, TaskKind
from service.ids import new_message_id
from service.messages import (
    PLAN_LIMIT_S,
    Command,
    FinishBatch,
    ProcessDocument,
    ProcessScan,
    StartBatch,
)
from service.store.rows import Document

FINISH_LIMIT_S = 300.0
"""Time limit of finishing one job."""


def time_limit_s(job: Job, task: Task) -> float:
    """Give the limit of one attempt at a task, in seconds."""
    match task.kind:
        case TaskKind.DOCUMENT:
            return job.options.document_timeout_s
        case TaskKind.PLAN:
            return PLAN_LIMIT_S
        case TaskKind.FINISH:
            return FINISH_LIMIT_S


def command_for(
    job: Job, task: Task, document: Document | None, *, now: datetime, expiry_s: float
) -> Command:
    """Give the message for a task's present generation.

    Args:
        job: The task's job.
        task: A QUEUED task.
        document: What it is about; None for planning and finishing.
        now: The time of release.
        expiry_s: After this the message is void.
    """
    if task.kind is not TaskKind.DOCUMENT:
        make = StartBatch if task.kind is TaskKind.PLAN else FinishBatch
        return make(
            message_id=new_message_id(),
            owner=job.owner,
            occurred_at=now,
            job_id=job.id,
            task_id=task.id,
            generation=task.generation,
            attempt=task.attempts + 1,
            job_type=job.type,
            time_limit_s=time_limit_s(job, task),
            expires_at=now + timedelta(seconds=expiry_s),
        )
    assert document is not None
    process = ProcessDocument if task.queue is None else ProcessScan
    return process(
        message_id=new_message_id(),
        owner=job.owner,
        occurred_at=now,
        job_id=job.id,
        task_id=task.id,
        generation=task.generation,
        attempt=task.attempts + 1,
        job_type=job.type,
        document_id=document.id,
        name=document.name,
        blob_key=document.blob_key,
        size_bytes=document.size_bytes,
        sha256=document.sha256,
        declared_media_type=document.declared_media_type,
        processing=job.options.processing,
        time_limit_s=time_limit_s(job, task),
        expires_at=now + timedelta(seconds=expiry_s),
    )
