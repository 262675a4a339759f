"""How tasks end for reasons that are the service's own."""

from collections.abc import Iterable

from msgspec import structs

from service.domain import events
from service.domain.draft import Draft
from service.domain.model import Failure, Task, TaskKind, TaskStatus
from service.errors import DOCUMENT_CODES


def end(draft: Draft, task: Task, status: TaskStatus, code: str) -> None:
    """End a task without a result."""
    failure = Failure(code=code, message=DOCUMENT_CODES[code])
    ended = draft.put(
        task,
        structs.replace(
            task,
            status=status,
            finished_at=draft.now,
            not_before=None,
            waiting_reason=None,
            queue=None,
            failure=failure,
        ),
    )
    if code == "job_timeout":
        draft.update(deadline_hit=True)
    if ended.kind is not TaskKind.DOCUMENT:
        control_failed(draft, ended.kind, failure)
        return
    cancelled = status is TaskStatus.CANCELLED
    if cancelled or ended.generation == 0:
        draft.update(never_started=draft.job.never_started + 1)
    if cancelled:
        draft.note("task.cancelled", events.task_cancelled(ended))
    else:
        draft.note("task.failed", events.task_failed(ended))


def end_waiting(draft: Draft, waiting: Iterable[Task]) -> None:
    """End waiting documents of a job that releases nothing more."""
    ending = draft.ending()
    assert ending is not None
    for task in waiting:
        current = draft.current(task)
        if not current.final:
            end(draft, current, *ending)


def drop(draft: Draft, task: Task) -> None:
    """End planning or finishing that an ended job no longer waits for."""
    draft.put(
        task,
        structs.replace(task, status=TaskStatus.CANCELLED, finished_at=draft.now),
    )


def control_failed(draft: Draft, kind: TaskKind, failure: Failure) -> None:
    """Record that planning or finishing failed for good, whoever said so."""
    if kind is TaskKind.PLAN:
        draft.update(plan_failed=True)
    else:
        draft.update(finish_done=True, batch_error=failure)
