"""What is read again and again while a job runs: its log, its plan, its commands."""

from collections.abc import Collection

import msgspec
import sqlalchemy as sa

from service.domain.model import (
    DocumentId,
    JobId,
    TaskKind,
    TaskStatus,
)
from service.domain.task_ids import finish_task_id
from service.messages import LogEntry
from service.store import mapping, schema
from service.store.database import Database, Prepared
from service.store.rows import DurationStats, PlanningRow, StoredResult
from service.store.sets import ByKeys

_documents = schema.documents
_jobs = schema.jobs
_tasks = schema.tasks
_events = schema.job_events
_EVENTS_AFTER = Prepared(
    sa.select(*mapping.LOG_COLUMNS)
    .where(
        _events.c.job_id == sa.bindparam("job_id"), _events.c.seq > sa.bindparam("seq")
    )
    .order_by(_events.c.seq)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_PLANNING = Prepared(
    sa.select(_tasks.c.id, _documents.c.size_bytes, _documents.c.media_type)
    .join(_documents, _documents.c.id == _tasks.c.document_id)
    .where(
        _tasks.c.job_id == sa.bindparam("job_id"),
        _tasks.c.kind == TaskKind.DOCUMENT.value,
        _tasks.c.index > sa.bindparam("after_index"),
    )
    .order_by(_tasks.c.index)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_RESULT = sa.select(
    _tasks.c.document_id, _tasks.c.result, _tasks.c.result_key, _tasks.c.result_bytes
).where(_tasks.c.status == TaskStatus.COMPLETED.value)
_RESULTS = Prepared(
    _RESULT.add_columns(_tasks.c.index)
    .where(
        _tasks.c.job_id == sa.bindparam("job_id"),
        _tasks.c.kind == TaskKind.DOCUMENT.value,
        _tasks.c.index > sa.bindparam("after_index"),
    )
    .order_by(_tasks.c.index)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_BATCH_RESULT = Prepared(_RESULT.where(_tasks.c.id == sa.bindparam("id")))
_DURATIONS = Prepared(
    sa.select(schema.durations).where(
        schema.durations.c.job_type == sa.bindparam("job_type")
    )
)
_ANYTHING = sa.union_all(sa.select(_documents.c.id), sa.select(_jobs.c.id)).limit(1)
_LAST_SEQS = ByKeys(sa.select(_jobs.c.id, _jobs.c.last_seq), _jobs.c.id)
_BLOB_KEYS = ByKeys(sa.select(_documents.c.id, _documents.c.blob_key), _documents.c.id)
_OUTCOME = sa.select(schema.commands.c.outcome).where(
    schema.commands.c.id == sa.bindparam("id")
)


class Following:
    """Queries by the ids of jobs that the caller may see; see ``Reading``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def events_after(self, job_id: JobId, seq: int, limit: int) -> tuple[LogEntry, ...]:
        """Give the rows of a job's log behind `seq`, in order, at most `limit`."""
        values = {"job_id": job_id, "seq": seq, "limit": limit}
        with self._database.read() as connection:
            found = list(_EVENTS_AFTER.run(connection, values))
        return tuple(mapping.log_from(row) for row in found)

    def last_seqs(self, job_ids: Collection[JobId]) -> dict[JobId, int]:
        """Give the newest sequence number of each job that exists."""
        with self._database.read() as connection:
            return _LAST_SEQS.pairs(connection, job_ids)

    def is_empty(self) -> bool:
        """Say whether there is neither a document nor a job."""
        with self._database.read() as connection:
            return connection.scalar(_ANYTHING) is None

    def blob_keys(self, ids: Collection[DocumentId]) -> dict[DocumentId, str]:
        """Give where the content of each document is that exists."""
        with self._database.read() as connection:
            return _BLOB_KEYS.pairs(connection, ids)

    def command_outcome(self, command_id: int) -> msgspec.Raw | None:
        """Give what came of a command as JSON; None while it waits."""
        with self._database.read() as connection:
            text = connection.scalar(_OUTCOME, {"id": command_id})
        return None if text is None else mapping.to_raw(text)

    def planning_rows(
        self, job_id: JobId, *, after_index: int, limit: int
    ) -> tuple[PlanningRow, ...]:
        """Give what planning needs of a job's documents, in order; -1 starts."""
        values = {
            "job_id": job_id,
            "after_index": after_index,
            "limit": limit,
        }
        with self._database.read() as connection:
            found = list(_PLANNING.run(connection, values))
        return tuple(
            PlanningRow(task_id=row[0], size_bytes=row[1], media_type=row[2])
            for row in found
        )

    def document_results(
        self, job_id: JobId, *, after_index: int, limit: int
    ) -> tuple[tuple[StoredResult, ...], int]:
        """Give results of a job's documents in order, behind `after_index`; -1 starts.

        Returns:
            At most `limit` of them, and the index to go on from.
        """
        values = {"job_id": job_id, "after_index": after_index, "limit": limit}
        with self._database.read() as connection:
            found = list(_RESULTS.run(connection, values))
        last = found[-1][4] if found else after_index
        return tuple(mapping.stored_result_from(row) for row in found), last

    def batch_result(self, job_id: JobId) -> StoredResult | None:
        """Give the result across a job's documents, if finishing it gave one."""
        with self._database.read() as connection:
            found = _BATCH_RESULT.run(connection, {"id": finish_task_id(job_id)})
            row = found.one_or_none()
        if row is None or row[1:3] == (None, None):
            return None
        return mapping.stored_result_from(row)

    def durations(self, job_type: str) -> tuple[DurationStats, ...]:
        """Give what was observed of one job type."""
        with self._database.read() as connection:
            found = list(_DURATIONS.run(connection, {"job_type": job_type}))
        return tuple(mapping.durations_from(row) for row in found)
