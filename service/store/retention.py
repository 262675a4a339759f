"""What is forgotten: ended jobs, and documents no job names."""

from datetime import datetime

import sqlalchemy as sa

from service.blob_keys import job_folders
from service.domain.model import FINAL_JOB
from service.store import mapping, positions, schema

_jobs = schema.jobs
_tasks = schema.tasks
_documents = schema.documents
_LIMIT = sa.bindparam("limit", type_=sa.Integer)

_ENDED = (
    sa.select(_jobs.c.id)
    .where(
        _jobs.c.finished_at < sa.bindparam("before"),
        _jobs.c.status.in_([one.value for one in FINAL_JOB]),
    )
    .order_by(_jobs.c.finished_at)
    .limit(_LIMIT)
)
_NAMED = sa.exists().where(_tasks.c.document_id == _documents.c.id)
_FORGOTTEN = (
    sa.select(_documents.c.id)
    .where(_documents.c.created_at < sa.bindparam("before"), ~_NAMED)
    .order_by(_documents.c.created_at)
    .limit(_LIMIT)
    # One that is locked is being submitted just now.
    .with_for_update(of=_documents, skip_locked=True)
)


def remove(
    connection: sa.Connection, *, ended_before: datetime, limit: int
) -> list[str]:
    """Remove jobs that ended before a time, then documents uploaded before it.

    A job goes with its tasks, log, commands, labels and idempotency key; a document
    only once no job names it. At most `limit` of each.

    Returns:
        Keys of blobs and of folders of blobs to delete once this is committed; some
        may not exist.
    """
    values = {"before": mapping.to_ms(ended_before), "limit": limit}
    jobs = list(connection.scalars(_ENDED, values))
    keys = [folder for job_id in jobs for folder in job_folders(job_id)]
    positions.keep(connection)
    connection.execute(_jobs.delete().where(_jobs.c.id.in_(jobs)))
    forgotten = list(connection.scalars(_FORGOTTEN, values))
    # Looked at again now that they are locked: a submission may have ended meanwhile.
    removed = connection.scalars(
        _documents.delete()
        .where(_documents.c.id.in_(forgotten), ~_NAMED)
        .returning(_documents.c.blob_key)
    )
    return [*keys, *removed]
