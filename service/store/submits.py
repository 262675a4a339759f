"""What gateways write: documents, jobs and commands."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.blob_keys import task_folder
from service.domain.model import (
    FINAL_TASK,
    DocumentId,
    JobId,
    Owner,
    TaskKind,
    TaskStatus,
)
from service.domain.task_ids import document_task_id, finish_task_id, plan_task_id
from service.errors import ConflictError, NotFoundError
from service.messages import LogEntry
from service.store import existence, headers, mapping, schema, statements
from service.store.database import Database
from service.store.rows import CreatedJob, DeletedDocument, Document, NewJob

_NAMED_AT_MOST = 20
"""Missing documents that an error message names."""

_keys = schema.idempotency_keys
_KEY = sa.select(_keys.c.request_hash, _keys.c.job_id).where(
    _keys.c.owner == sa.bindparam("owner"), _keys.c.key == sa.bindparam("key")
)
_NEEDED = (
    sa.select(sa.literal(1))
    .where(
        schema.tasks.c.document_id == sa.bindparam("document_id"),
        schema.tasks.c.status.not_in([one.value for one in FINAL_TASK]),
    )
    .limit(1)
)
_BLOB_KEY = (
    sa.select(schema.documents.c.blob_key)
    .where(
        schema.documents.c.id == sa.bindparam("id"),
        schema.documents.c.owner == sa.bindparam("owner"),
    )
    # Waits for a submission that names it, or makes that one wait.
    .with_for_update()
)
_TASKS = sa.select(schema.tasks.c.job_id, schema.tasks.c.id).where(
    schema.tasks.c.document_id == sa.bindparam("document_id")
)
_DELETE_DOCUMENT = schema.documents.delete().where(
    schema.documents.c.id == sa.bindparam("id")
)


class Submitting:
    """The gateways' transactions. Any thread; waits for other writers, never for long.

    Every method raises TransientError (`store_unavailable`) when the database does not
    answer. Nothing was written then, unless the connection was lost amid the commit: an
    idempotency key makes trying again safe.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_documents(self, rows: Sequence[Document]) -> None:
        """Store the rows of uploaded documents, all or none."""
        with self._database.write() as connection:
            _insert_documents(connection, rows)

    def delete_document(self, owner: Owner, document_id: DocumentId) -> DeletedDocument:
        """Remove a document's row and say which blobs are to be removed after it.

        Raises:
            ConflictError: An unfinished task needs it.
            NotFoundError: The owner has none with this id.
        """
        with self._database.write() as connection:
            values = {"id": document_id, "owner": owner}
            blob_key = connection.scalar(_BLOB_KEY, values)
            if blob_key is None:
                raise existence.no_document()
            if connection.scalar(_NEEDED, {"document_id": document_id}) is not None:
                message = "A job that has not ended needs this document."
                raise ConflictError(message, code="document_in_use")
            connection.execute(_DELETE_DOCUMENT, {"id": document_id})
            tasks = connection.execute(_TASKS, {"document_id": document_id}).all()
        folders = tuple(task_folder(job_id, task_id) for job_id, task_id in tasks)
        return DeletedDocument(blob_key=blob_key, folders=folders)

    def create_job(self, new: NewJob, documents: Sequence[Document] = ()) -> CreatedJob:
        """Write a job with its tasks and first log row in one transaction.

        Its documents wait in order, its planning is released but not sent, its
        finishing waits. `documents` are stored with it.

        Raises:
            ConflictError: The idempotency key came with another request before.
            NotFoundError: The owner has not stored some of the job's documents.
        """
        with self._database.write() as connection:
            first = self._replayed(connection, new)
            if first is not None:
                return first
            _insert_documents(connection, documents)
            names = _names(connection, new, documents)
            _check_all_there(new.document_ids, names)
            _insert_job(connection, new)
            tasks = _document_tasks(new, names) + _batch_tasks(new)
            statements.INSERT_TASK.run_all(connection, tasks)
        return CreatedJob(job_id=new.job.id, replayed=False)

    def add_command(self, owner: Owner, job_id: JobId, kind: str, now: datetime) -> int:
        """Write a request to change a job and give its number.

        Raises:
            NotFoundError: The owner has no such job.
        """
        command = schema.commands.insert().values(
            owner=owner, job_id=job_id, kind=kind, created_at=mapping.to_ms(now)
        )
        with self._database.write() as connection:
            existence.check_job(connection, owner, job_id, keep=True)
            key = connection.execute(command).inserted_primary_key
        assert key is not None  # a single row was inserted
        return int(key[0])

    def _replayed(self, connection: sa.Connection, new: NewJob) -> CreatedJob | None:
        """Give the job an earlier request with the same key made, if any.

        Raises:
            ConflictError: That request was another one.
        """
        if new.idempotency_key is None:
            return None
        name = f"docmill key {new.job.owner} {new.idempotency_key}"
        self._database.backend.hold_name(connection, name)
        values = {"owner": new.job.owner, "key": new.idempotency_key}
        row = connection.execute(_KEY, values).one_or_none()
        if row is None:
            return None
        if row.request_hash != new.request_hash:
            message = "This Idempotency-Key was used for another request."
            raise ConflictError(message, code="idempotency_key_reused")
        return CreatedJob(job_id=row.job_id, replayed=True)


def _insert_documents(connection: sa.Connection, rows: Sequence[Document]) -> None:
    values = [mapping.document_row(row) for row in rows]
    statements.INSERT_DOCUMENT.run_all(connection, values)


def _names(
    connection: sa.Connection, new: NewJob, documents: Sequence[Document]
) -> dict[DocumentId, str]:
    """Give the names of the job's documents, none of which can then be deleted."""
    owner = new.job.owner
    names = {one.id: one.name for one in documents if one.owner == owner}
    stored = [one for one in new.document_ids if one not in names]
    return names | existence.document_names(connection, owner, stored, keep=True)


def _check_all_there(
    wanted: Sequence[DocumentId], names: dict[DocumentId, str]
) -> None:
    missing = [one for one in wanted if one not in names]
    if not missing:
        return
    named = ", ".join(missing[:_NAMED_AT_MOST])
    more = len(missing) - _NAMED_AT_MOST
    tail = f" and {more} more" if more > 0 else ""
    message = f"There are no documents with these ids: {named}{tail}."
    raise NotFoundError(message, code="documents_not_found")


def _insert_job(connection: sa.Connection, new: NewJob) -> None:
    job = new.job
    row = headers.job_row(job) | {
        "name": new.name,
        "labels": mapping.to_text(new.labels),
        "retry_of": new.retry_of,
    }
    statements.INSERT_JOB.run(connection, row)
    statements.INSERT_LABEL.run_all(
        connection,
        [
            {"job_id": job.id, "key": key, "value": value, "owner": job.owner}
            for key, value in new.labels.items()
        ],
    )
    if new.idempotency_key is not None:
        key = {"owner": job.owner, "key": new.idempotency_key, "job_id": job.id}
        key["request_hash"] = new.request_hash
        statements.INSERT_KEY.run(connection, key)
    created = LogEntry(
        job_id=job.id,
        seq=1,
        type="batch.created",
        timestamp=job.created_at,
        data=new.created_event,
    )
    statements.INSERT_LOG.run(connection, mapping.log_row(created))


def _document_tasks(new: NewJob, names: dict[DocumentId, str]) -> list[dict[str, Any]]:
    shared = _task(new, TaskKind.DOCUMENT)
    return [
        {
            **shared,
            "id": document_task_id(new.job.id, index),
            "index": index,
            "document_id": document_id,
            "document_name": names[document_id],
        }
        for index, document_id in enumerate(new.document_ids)
    ]


def _batch_tasks(new: NewJob) -> list[dict[str, Any]]:
    released = {
        "status": TaskStatus.QUEUED.value,
        "generation": 1,
        "queued_at": mapping.to_ms(new.job.created_at),
    }
    plan = _task(new, TaskKind.PLAN) | {"id": plan_task_id(new.job.id)} | released
    if not new.job.has_finish:
        return [plan]
    return [plan, _task(new, TaskKind.FINISH) | {"id": finish_task_id(new.job.id)}]


def _task(new: NewJob, kind: TaskKind) -> dict[str, Any]:
    return {
        "job_id": new.job.id,
        "owner": new.job.owner,
        "kind": kind.value,
        "index": 0,
        "document_id": None,
        "document_name": "",
        "status": TaskStatus.PENDING.value,
        "generation": 0,
        "cost_ms": 1,
        "queued_at": None,
    }
