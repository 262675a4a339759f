"""What the contract does to a store, in words."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from service.domain.model import (
    Job,
    JobStatus,
    Task,
    TaskId,
    TaskStatus,
)
from service.domain.task_ids import document_task_id
from service.store import Store
from service.store.rows import Changes, TaskWrite
from tests.factories import NOW, make_documents, make_new_job


def submit(store: Store, *, documents: int = 3, **fields: Any) -> Job:
    """Store new documents and a job of them."""
    uploads = make_documents(documents, owner=fields.get("owner", "local"))
    new = make_new_job(uploads, **fields)
    store.create_job(new, uploads)
    return new.job


def lead(store: Store) -> int:
    """Take the lease and give its epoch."""
    return store.acquire_lease("contract", now=NOW, force=True).epoch


def tasks_of(store: Store, epoch: int, job: Job) -> list[Task]:
    """Read all document tasks of a job."""
    ids = [document_task_id(job.id, index) for index in range(job.counts.total)]
    with store.leading(epoch) as tx:
        found = tx.tasks(ids)
    return [found[task_id] for task_id in ids]


def write(task: Task, status: TaskStatus, **fields: Any) -> TaskWrite:
    """Change one task from the state it was read in."""
    result = {
        name: fields.pop(name)
        for name in ("result", "result_key", "result_bytes", "outputs_key")
        if name in fields
    }
    return TaskWrite(
        before_status=task.status,
        before_generation=task.generation,
        task=replace(task, status=status, **fields),
        **result,
    )


def moved(job: Job, writes: Sequence[TaskWrite], **fields: Any) -> Job:
    """Give the header one version on, its counts following `writes`."""
    counts = job.counts
    for change in writes:
        counts = counts.moved(change.before_status, change.task.status)
    return replace(job, **({"version": job.version + 1, "counts": counts} | fields))


def commit(
    store: Store, epoch: int, job: Job, *writes: TaskWrite, **fields: Any
) -> Job:
    """Commit `writes` with the header that follows from them."""
    after = moved(job, writes, **fields)
    with store.leading(epoch) as tx:
        tx.apply(Changes(jobs=(after,), tasks=writes))
    return after


def finish(store: Store, epoch: int, job: Job, **fields: Any) -> Job:
    """Complete every document of a job, and the job."""
    tasks = tasks_of(store, epoch, job)
    writes = [write(task, TaskStatus.COMPLETED, generation=1) for task in tasks]
    ended = {"status": JobStatus.COMPLETED, "finished_at": NOW} | fields
    return commit(store, epoch, job, *writes, **ended)


def ids_of(tasks: Sequence[Task]) -> list[TaskId]:
    """Give the ids of tasks."""
    return [task.id for task in tasks]
