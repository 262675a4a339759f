"""Commits to one job, and events of its tasks."""

from datetime import timedelta
from typing import Any

from service.domain.draft import Draft
from service.domain.fold import fold
from service.domain.model import Job, Task
from service.messages import TaskCompleted, TaskEvent, TaskFailed
from tests.factories import NOW, make_job, make_task

LATER = NOW + timedelta(minutes=10)


def released(documents: int = 1, **fields: Any) -> tuple[Job, list[Task]]:
    """A planned job with every document out."""
    job = make_job(
        documents=documents,
        **{"planned": True, "cost_total_ms": 10 * documents, **fields},
    )
    draft = Draft(job, NOW)
    assert draft.id == job.id
    tasks = [
        draft.release(make_task(job=job, index=i, cost_ms=10)) for i in range(documents)
    ]
    return draft.job, tasks


def completed(task: Task, **fields: Any) -> TaskCompleted:
    return TaskCompleted(**said(task), worker_id="w", processing_s=0.1, **fields)


def failed(task: Task, code: str = "crashed", *, retryable: bool = True) -> TaskFailed:
    return TaskFailed(
        **said(task), worker_id="w", code=code, message="Why.", retryable=retryable
    )


def said(task: Task) -> dict[str, Any]:
    return {
        "message_id": "m",
        "owner": task.owner,
        "job_id": task.job_id,
        "task_id": task.id,
        "generation": task.generation,
        "attempt": task.attempts + 1,
        "occurred_at": NOW,
    }


def settled(job: Job, tasks: list[Task], *events: TaskEvent) -> Draft:
    draft = fold(job, {t.id: t for t in tasks}, events, NOW)
    draft.settle()
    return draft


def kinds(draft: Draft) -> list[str]:
    return [entry.type for entry in draft.log]
