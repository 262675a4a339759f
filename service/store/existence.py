"""Whether something is there, and its owner's."""

from collections.abc import Collection

import sqlalchemy as sa

from service.domain.model import DocumentId, JobId, Owner
from service.errors import NotFoundError
from service.store import schema
from service.store.database import Prepared, Query
from service.store.sets import ByKeys

_documents = schema.documents
_jobs = schema.jobs
_JOB_EXISTS = sa.select(sa.literal(1)).where(
    _jobs.c.id == sa.bindparam("id"), _jobs.c.owner == sa.bindparam("owner")
)
_NAMES = sa.select(_documents.c.id, _documents.c.name).where(
    _documents.c.owner == sa.bindparam("owner")
)


def _kept(query: Query) -> Query:
    """Lock the rows against removal where rows are locked; changes go on."""
    return query.with_for_update(read=True, key_share=True)


_JOB_NOW, _JOB_KEPT = Prepared(_JOB_EXISTS), Prepared(_kept(_JOB_EXISTS))
_NAMES_NOW = ByKeys(_NAMES, _documents.c.id)
_NAMES_KEPT = ByKeys(_kept(_NAMES), _documents.c.id)


def document_names(
    connection: sa.Connection,
    owner: Owner,
    ids: Collection[DocumentId],
    *,
    keep: bool = False,
) -> dict[DocumentId, str]:
    """Give the names of those of `ids` that the owner has stored.

    Args:
        connection: To the database; a writing one to `keep`.
        owner: Whose documents count.
        ids: Which to look for.
        keep: Let nobody delete those found before the end of the transaction.
    """
    statement = _NAMES_KEPT if keep else _NAMES_NOW
    return statement.pairs(connection, ids, owner=owner)


def check_job(
    connection: sa.Connection, owner: Owner, job_id: JobId, *, keep: bool = False
) -> None:
    """Make sure that the owner has the job, until the transaction's end to `keep` it.

    Raises:
        NotFoundError: It is not there, or somebody else's.
    """
    statement = _JOB_KEPT if keep else _JOB_NOW
    found = statement.run(connection, {"id": job_id, "owner": owner})
    if found.scalar_one_or_none() is None:
        raise no_job()


def no_document() -> NotFoundError:
    """Say that a document is not there, or somebody else's."""
    return NotFoundError("There is no document with this id.")


def no_job() -> NotFoundError:
    """Say that a job is not there, or somebody else's."""
    return NotFoundError("There is no job with this id.")
