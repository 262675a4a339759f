"""Ids of tasks, which follow from those of their jobs, and nest.

So whoever plans, retries or expands a job again comes to the same ones.
"""

from service.domain.model import JobId, TaskId

MAX_ATTACHMENT_DEPTH = 3
"""Attachments of attachments of attachments become documents, theirs do not."""


def document_task_id(job_id: JobId, index: int) -> TaskId:
    """Derive the id of the job's document number `index`."""
    return TaskId(f"{job_id}.{index:06d}")


def attachment_task_id(parent_id: TaskId, number: int) -> TaskId:
    """Derive the id for a document's attachment `number`, from 1: ids nest."""
    return TaskId(f"{parent_id}.{number:04d}")


def attachment_depth(task_id: TaskId) -> int:
    """Say how many documents a document is inside of; 0 = it was submitted itself."""
    return task_id.count(".") - 1


def root_task_id(task_id: TaskId) -> TaskId:
    """Give the task of the submitted document that a document is, or is inside of."""
    return TaskId(".".join(task_id.split(".", 2)[:2]))


def plan_task_id(job_id: JobId) -> TaskId:
    """Derive the id of the job's planning task."""
    return TaskId(f"{job_id}.plan")


def finish_task_id(job_id: JobId) -> TaskId:
    """Derive the id of the job's finishing task."""
    return TaskId(f"{job_id}.finish")
