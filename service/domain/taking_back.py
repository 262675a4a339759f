"""Tasks that are out and come back unfinished: how they wait, and when it is enough.

Which event or silence brings a task back is decided by the fold and the sweep.
"""

from datetime import datetime

from msgspec import structs

from service.domain import task_end
from service.domain.draft import Draft
from service.domain.model import Task, TaskStatus

MAX_INTERRUPTIONS = 3
"""This many end a task as ``poison``. The first is never held against it: a restart
says nothing about the document."""
MAX_RETURNS = 5
"""More returns without a start than this end a task as ``worker_lost`` (promise 6)."""


def hand_back(
    draft: Draft, task: Task, *, reason: str, until: datetime | None = None
) -> Task:
    """Let a task that is out wait again; it uses no attempt.

    In a job that releases nothing more `task_end.end_waiting` ends it, in the same
    commit.
    """
    return draft.put(
        task,
        structs.replace(
            task,
            status=TaskStatus.PENDING,
            waiting_reason=reason,
            not_before=until,
            step=None,
            fraction=0.0,
            worker_id=None,
            started_at=None,
            heard_at=None,
        ),
    )


def interrupt(draft: Draft, task: Task, *, reason: str) -> Task:
    """Take back a task whose worker or service died under it."""
    hit = draft.put(task, structs.replace(task, interruptions=task.interruptions + 1))
    return hand_back(draft, hit, reason=reason)


def return_unstarted(
    draft: Draft, task: Task, *, reason: str, until: datetime | None = None
) -> Task:
    """Take back a task whose message came back without having been started."""
    returned = draft.put(task, structs.replace(task, returns=task.returns + 1))
    return hand_back(draft, returned, reason=reason, until=until)


def give_up_exhausted(draft: Draft) -> None:
    """End tasks that were taken back too often in this draft.

    Not done as each one comes back: within one commit the order of events must make no
    difference.
    """
    for change in list(draft.changes.values()):
        task = change.after
        if task.status is not TaskStatus.PENDING:
            continue
        if task.interruptions >= MAX_INTERRUPTIONS:
            task_end.end(draft, task, TaskStatus.FAILED, "poison")
        elif task.returns > MAX_RETURNS:
            task_end.end(draft, task, TaskStatus.FAILED, "worker_lost")
