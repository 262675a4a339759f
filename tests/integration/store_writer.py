"""Commits to a store again and again until it is killed; run as a process of its own.

Usage: python -m tests.integration.store_writer URL JOB_ID
"""

import sys

from msgspec.structs import replace

from service.domain.model import Job, JobId, Task, TaskStatus
from service.domain.task_ids import document_task_id
from service.store import LeaderTransaction, open_store
from service.store.rows import Changes, TaskWrite
from tests.factories import NOW, make_log_entry

_NEXT = {
    TaskStatus.PENDING: TaskStatus.QUEUED,
    TaskStatus.QUEUED: TaskStatus.PROCESSING,
    TaskStatus.PROCESSING: TaskStatus.PENDING,
}


def main(url: str, job_id: JobId) -> None:
    """Move every task of the job on, one commit after the other, saying each."""
    store = open_store(url)
    epoch = store.acquire_lease("writer", now=NOW, force=True).epoch
    while True:
        with store.leading(epoch) as tx:
            tx.apply(next_changes(tx, job_id))
        sys.stdout.write(".\n")
        sys.stdout.flush()


def next_changes(tx: LeaderTransaction, job_id: JobId) -> Changes:
    """Move each document of a job to its next status, with a log row for each."""
    job = tx.jobs([job_id])[job_id]
    ids = [document_task_id(job_id, index) for index in range(job.counts.total)]
    writes = tuple(_moved(task) for task in tx.tasks(ids).values())
    position = tx.last_position()
    log = tuple(
        make_log_entry(job, job.last_seq + number, position=position + number)
        for number in range(1, len(writes) + 1)
    )
    return Changes(jobs=(_header(job, writes),), tasks=writes, log=log)


def _moved(task: Task) -> TaskWrite:
    status = _NEXT[task.status]
    return TaskWrite(
        before_status=task.status,
        before_generation=task.generation,
        task=replace(task, status=status, generation=task.generation + 1),
    )


def _header(job: Job, writes: tuple[TaskWrite, ...]) -> Job:
    counts = job.counts
    for write in writes:
        counts = counts.moved(write.before_status, write.task.status)
    last_seq = job.last_seq + len(writes)
    return replace(job, counts=counts, last_seq=last_seq, version=job.version + 1)


if __name__ == "__main__":
    main(sys.argv[1], JobId(sys.argv[2]))
