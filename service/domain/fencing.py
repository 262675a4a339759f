"""Which events still count.

An event may come twice, late, or from a worker whose task went on without it.
"""

from typing import assert_never

from service.domain.model import OUT, Job, Task, TaskKind, TaskStatus
from service.domain.reasons import REDELIVERED
from service.messages import (
    BatchPlanned,
    TaskCompleted,
    TaskEvent,
    TaskFailed,
    TaskProgressed,
    TaskReturned,
    TaskStarted,
)


def why_ignored(job: Job, task: Task, event: TaskEvent) -> str | None:
    """Say why an event cannot change the task, or None."""
    if job.final:
        return "job_final"
    if task.final:
        is_end = isinstance(event, TaskCompleted | TaskFailed)
        return "duplicate_work" if is_end else "task_final"
    if event.generation > task.generation:
        return "future_generation"
    if event.generation < task.generation:
        success = isinstance(event, TaskCompleted)
        return None if success else "stale_generation"
    return _why_ignored_now(task, event)


def came_back(task: Task) -> bool:
    """Say whether a worker gave the task back as redelivered, unstarted so far."""
    return task.status is TaskStatus.PENDING and task.waiting_reason == REDELIVERED


def _why_ignored_now(task: Task, event: TaskEvent) -> str | None:
    """Say why an event of the present generation cannot change the task, or None."""
    match event:
        case TaskStarted():
            fits = task.status is TaskStatus.QUEUED or came_back(task)
        case TaskProgressed() | TaskReturned(queue=None):
            fits = task.status in OUT
        case TaskReturned():
            # It counts for a task taken back or failed by then, too; and a queue that
            # hands tasks on to itself would have them for ever.
            fits = event.queue != task.queue
        case BatchPlanned():
            fits = (
                task.kind is TaskKind.PLAN
                and task.status in OUT
                and 0 <= event.part < event.parts
            )
        case TaskFailed():
            # A task handed back or taken back is PENDING under the same generation;
            # its worker's verdict still counts. RETRYING is this verdict folded.
            fits = task.status is not TaskStatus.RETRYING
        case TaskCompleted():
            fits = True
        case _:
            assert_never(event)
    return None if fits else "late_or_duplicate"
