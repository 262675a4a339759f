"""A job's documents as clients see them: where each stands, what it waits for."""

from gateway.bodies import Listed, moment_or_none
from gateway.job_bodies import (
    LeaseBody,
    StepBody,
    TaskBody,
    WaitingBody,
)
from gateway.views import error_body
from service.domain.model import (
    OUT,
    WAITING,
    Job,
    JobId,
    Owner,
    Task,
    TaskStatus,
)
from service.store import Store
from service.store.rows import TaskView


def tasks_page(
    store: Store,
    owner: Owner,
    job_id: JobId,
    *,
    statuses: tuple[TaskStatus, ...],
    page_size: int,
    page_token: str,
) -> Listed[TaskBody]:
    """Read documents of a job and show them, with their places in its line. Blocks.

    Raises:
        NotFoundError: The owner has no such job.
        InvalidRequestError: The page token is none of this list.
    """
    job = store.job(owner, job_id).job
    page = store.tasks(
        owner, job_id, statuses=statuses, page_size=page_size, page_token=page_token
    )
    in_line = [each.task for each in page.items if _in_line(each.task)]
    # All in line between the first and the last of these are of these.
    first = 1 + store.waiting_before(job_id, in_line[0].index) if in_line else 0
    places = {task.id: first + number for number, task in enumerate(in_line)}
    return Listed(
        data=tuple(
            task_body(each, job, place=places.get(each.task.id)) for each in page.items
        ),
        next_page_token=page.next_token,
    )


def task_body(view: TaskView, job: Job, *, place: int | None) -> TaskBody:
    """Show one document of a job.

    Args:
        view: The document.
        job: Its job.
        place: Its place among those that wait for their turn, if it does.
    """
    task = view.task
    done = task.status is TaskStatus.COMPLETED
    return TaskBody(
        document_id=str(task.document_id),
        name=view.document_name,
        status=task.status,
        step=task.step,
        progress=100 if done else int(task.fraction * 100),
        attempts=task.attempts,
        lease=_lease(task),
        worker_id=task.worker_id,
        queue_position=place,
        waiting=_waiting(task, job),
        queued_at=moment_or_none(task.queued_at),
        started_at=moment_or_none(task.started_at),
        finished_at=moment_or_none(task.finished_at),
        steps=tuple(
            StepBody(name=step.name, milliseconds=step.milliseconds)
            for step in task.steps
        ),
        error=error_body(task.failure) if task.failure else None,
    )


def _lease(task: Task) -> LeaseBody | None:
    if task.status not in OUT:
        return None
    return LeaseBody(generation=task.generation, heard_at=moment_or_none(task.heard_at))


def _in_line(task: Task) -> bool:
    """Say whether a document waits for nothing but its turn."""
    waits = task.status is TaskStatus.PENDING and task.not_before is None
    return waits and task.queue is None


def _waiting(task: Task, job: Job) -> WaitingBody | None:
    if task.status not in WAITING:
        return None
    reason = task.waiting_reason or _why_not_released(job)
    return WaitingBody(reason=reason, until=moment_or_none(task.not_before))


def _why_not_released(job: Job) -> str:
    if not job.planned:
        return "not_planned"
    full = job.counts.out >= job.options.max_concurrent
    return "max_concurrent" if full else "in_flight"
