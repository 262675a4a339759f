"""The aggregator's transaction: reads to fold from, then one `apply`."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.domain.model import (
    Counts,
    DocumentId,
    Job,
    JobId,
    Task,
    TaskId,
    TaskKind,
    TaskStatus,
)
from service.store import changes as writing
from service.store import headers, mapping, positions, retention, schema
from service.store.database import Prepared
from service.store.rows import (
    Changes,
    CommandRow,
    Document,
    DurationStats,
    WaitingTask,
)
from service.store.sets import ByKeys
from service.store.waiting import due_tasks

_jobs = schema.jobs
_tasks = schema.tasks
_documents = schema.documents
_LIMIT = sa.bindparam("limit", type_=sa.Integer)
_TASK = sa.select(*mapping.TASK_COLUMNS)
_JOB = sa.select(*headers.JOB_COLUMNS)
_JOBS_BY_ID = ByKeys(_JOB, _jobs.c.id)
_TASKS_BY_ID = ByKeys(_TASK, _tasks.c.id)
_DOCUMENTS_BY_ID = ByKeys(sa.select(*mapping.DOCUMENT_COLUMNS), _documents.c.id)

_ACTIVE_JOBS = Prepared(
    _JOB.where(schema.ACTIVE_JOB, _jobs.c.id > sa.bindparam("after"))
    .order_by(_jobs.c.id)
    .limit(_LIMIT)
)
_OUT_TASKS = Prepared(
    _TASK.where(schema.OUT_TASK, _tasks.c.id > sa.bindparam("after"))
    .order_by(_tasks.c.id)
    .limit(_LIMIT)
)
_WAITING_ANY = Prepared(
    _TASK.where(
        _tasks.c.job_id == sa.bindparam("job_id"),
        _tasks.c.kind == TaskKind.DOCUMENT.value,
        _tasks.c.index > sa.bindparam("after_index"),
        schema.WAITING_TASK,
    )
    .order_by(_tasks.c.index)
    .limit(_LIMIT)
)
_FIRST = Prepared(
    _TASK.where(
        _tasks.c.job_id == sa.bindparam("job_id"),
        _tasks.c.kind == TaskKind.DOCUMENT.value,
    )
    .order_by(_tasks.c.index)
    .limit(_LIMIT)
)
_NEXT_TIMER = Prepared(
    sa.select(_tasks.c.not_before)
    .where(schema.TIMED_TASK, _tasks.c.not_before > sa.bindparam("after"))
    .order_by(_tasks.c.not_before)
    .limit(1)
)
_TIMERS = Prepared(
    sa.select(_tasks.c.job_id, _tasks.c.not_before)
    .where(schema.TIMED_TASK)
    .order_by(_tasks.c.not_before)
)
_UNSENT = Prepared(
    _TASK.where(
        schema.OUT_TASK,
        _tasks.c.status == TaskStatus.QUEUED.value,
        _tasks.c.sent_at.is_(None),
        _tasks.c.queued_at < sa.bindparam("before"),
    )
    .order_by(_tasks.c.id)
    .limit(_LIMIT)
)
_ELSEWHERE = Prepared(
    sa.select(_tasks.c.job_id).distinct().where(schema.ELSEWHERE_TASK)
)
_COMMANDS = Prepared(
    sa.select(schema.commands)
    .where(schema.OPEN_COMMAND)
    .order_by(schema.commands.c.id)
    .limit(_LIMIT)
)
_RECOUNT = Prepared(
    sa.select(_tasks.c.status, sa.func.count())
    .where(
        _tasks.c.job_id == sa.bindparam("job_id"),
        _tasks.c.kind == TaskKind.DOCUMENT.value,
    )
    .group_by(_tasks.c.status)
)
_INSIDE_BYTES = Prepared(
    sa.select(sa.func.sum(_documents.c.size_bytes))
    .select_from(_tasks.join(_documents, _tasks.c.document_id == _documents.c.id))
    .where(_tasks.c.id > sa.bindparam("first"), _tasks.c.id < sa.bindparam("behind"))
)
_NEVER_MS = -(2**62)


class LeaderTransaction:
    """One write transaction of the leader, valid inside ``Store.leading`` only.

    Its reads see what it wrote. Any error rolls all of it back.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def jobs(self, ids: Collection[JobId]) -> dict[JobId, Job]:
        """Give the headers of those of `ids` that exist."""
        found = map(headers.job_from, _JOBS_BY_ID.rows(self._connection, ids))
        return {job.id: job for job in found}

    def tasks(self, ids: Collection[TaskId]) -> dict[TaskId, Task]:
        """Give those of `ids` that exist."""
        found = map(mapping.task_from, _TASKS_BY_ID.rows(self._connection, ids))
        return {task.id: task for task in found}

    def documents(self, ids: Collection[DocumentId]) -> dict[DocumentId, Document]:
        """Give those of `ids` that exist."""
        rows = _DOCUMENTS_BY_ID.rows(self._connection, ids)
        return {document.id: document for document in map(mapping.document_from, rows)}

    def active_jobs(self, *, after: JobId | None, limit: int) -> list[Job]:
        """Give jobs that have not ended, by id, behind `after`."""
        values = {"after": after or "", "limit": limit}
        found = _ACTIVE_JOBS.run(self._connection, values)
        return [headers.job_from(row) for row in found]

    def out_tasks(self, *, after: TaskId | None, limit: int) -> list[Task]:
        """Give released tasks of every kind that are not final, by id."""
        return self._tasks(_OUT_TASKS, {"after": after or "", "limit": limit})

    def waiting(
        self,
        job_id: JobId,
        *,
        kind: TaskKind,
        now: datetime,
        limit: int,
        queue: str | None = None,
    ) -> list[WaitingTask]:
        """Give tasks that could be released now: retries that are due, then the rest.

        Retries come by their timer, the others by position in the job. They are those
        handed on to `queue`, or with None those that were not handed on.
        """
        return due_tasks(
            self._connection, job_id, kind=kind, now=now, limit=limit, queue=queue
        )

    def jobs_elsewhere(self) -> list[JobId]:
        """Give the jobs with a task that waits for another queue."""
        return [job_id for (job_id,) in _ELSEWHERE.run(self._connection, {})]

    def waiting_any(self, job_id: JobId, *, after_index: int, limit: int) -> list[Task]:
        """Give waiting documents, due or not, by position; -1 starts."""
        values = {
            "job_id": job_id,
            "after_index": after_index,
            "limit": limit,
        }
        return self._tasks(_WAITING_ANY, values)

    def first_tasks(self, job_id: JobId, *, limit: int) -> list[Task]:
        """Give the first documents of a job, by position."""
        return self._tasks(_FIRST, {"job_id": job_id, "limit": limit})

    def next_timer(self, *, after: datetime | None = None) -> datetime | None:
        """Give the earliest time a waiting task becomes due.

        Args:
            after: Only timers later than this; one that has passed may belong to a task
                that waits for a place, so it is no reason to wake up.
        """
        after_ms = _NEVER_MS if after is None else mapping.to_ms(after)
        found = _NEXT_TIMER.run(self._connection, {"after": after_ms})
        milliseconds = found.scalar_one_or_none()
        return None if milliseconds is None else mapping.from_ms(milliseconds)

    def last_timers(self) -> dict[JobId, datetime]:
        """Give when the last task of each job that waits for its time becomes due."""
        found = _TIMERS.run(self._connection, {})
        return {job_id: mapping.from_ms(due_ms) for job_id, due_ms in found}

    def unsent(self, *, before: datetime, limit: int) -> list[Task]:
        """Give tasks of every kind released before a time but not sent."""
        values = {"before": mapping.to_ms(before), "limit": limit}
        return self._tasks(_UNSENT, values)

    def commands(self, limit: int) -> list[CommandRow]:
        """Give commands that wait for their outcome, oldest first."""
        found = _COMMANDS.run(self._connection, {"limit": limit})
        return [mapping.command_from(row) for row in found]

    def apply(self, changes: Changes) -> None:
        """Write all of `changes`.

        Raises:
            StaleStateError: A guarded row was in another state: a job at another
                version, a task in another status or generation.
        """
        writing.apply(self._connection, changes)

    def recount(self, job_id: JobId) -> Counts:
        """Count a job's documents by status, from their rows."""
        found = _RECOUNT.run(self._connection, {"job_id": job_id})
        return Counts(**{status.lower(): number for status, number in found})

    def inside_bytes(self, task_id: TaskId) -> int:
        """Give how large all documents together are that were inside a task's."""
        # Ids nest with a point between them, and "/" is what comes after it.
        values = {"first": f"{task_id}.", "behind": f"{task_id}/"}
        found = _INSIDE_BYTES.run(self._connection, values)
        return int(found.scalar_one_or_none() or 0)

    def last_position(self) -> int:
        """Give the newest log-wide position ever given, 0 before the first."""
        return positions.last(self._connection)

    def all_durations(self) -> list[DurationStats]:
        """Give everything observed of every job type."""
        found = self._connection.execute(sa.select(schema.durations))
        return [mapping.durations_from(row) for row in found]

    def remove_expired(self, *, ended_before: datetime, limit: int) -> list[str]:
        """Remove old jobs and forgotten documents; see ``retention.remove``."""
        return retention.remove(
            self._connection, ended_before=ended_before, limit=limit
        )

    def _tasks(self, statement: Prepared, values: dict[str, Any]) -> list[Task]:
        found = statement.run(self._connection, values)
        return [mapping.task_from(row) for row in found]
