"""What gateways and batch workers read."""

from collections.abc import Callable, Collection
from typing import Any, TypeVar

import sqlalchemy as sa

from service.domain.model import (
    DocumentId,
    JobId,
    JobStatus,
    Owner,
    TaskKind,
    TaskStatus,
)
from service.errors import NotFoundError, TransientError
from service.store import existence, headers, mapping, paging, schema
from service.store.database import Prepared, Query
from service.store.following import Following
from service.store.rows import (
    Document,
    JobView,
    Page,
    TaskView,
)

T = TypeVar("T")

_documents = schema.documents
_jobs = schema.jobs
_tasks = schema.tasks
_job_tasks = sa.select(*mapping.TASK_VIEW_COLUMNS).where(
    _tasks.c.job_id == sa.bindparam("job_id"),
    _tasks.c.kind == TaskKind.DOCUMENT.value,
)
_task_page = (
    _job_tasks.where(_tasks.c.index > sa.bindparam("after"))
    .order_by(_tasks.c.index)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_TASK_PAGE = Prepared(_task_page)

_DOCUMENT = sa.select(*mapping.DOCUMENT_COLUMNS).where(
    _documents.c.id == sa.bindparam("id"),
    _documents.c.owner == sa.bindparam("owner"),
)
_JOB = Prepared(
    sa.select(*headers.JOB_VIEW_COLUMNS).where(
        _jobs.c.id == sa.bindparam("id"), _jobs.c.owner == sa.bindparam("owner")
    )
)
_WAITING_BEFORE = Prepared(
    sa.select(sa.func.count()).where(
        _tasks.c.job_id == sa.bindparam("job_id"),
        _tasks.c.kind == TaskKind.DOCUMENT.value,
        schema.HERE_TASK,
        _tasks.c.status == sa.literal_column(f"'{TaskStatus.PENDING.value}'"),
        _tasks.c.not_before.is_(None),
        _tasks.c.index < sa.bindparam("index"),
    )
)
_LATEST_TASK = (
    sa.select(*mapping.TASK_VIEW_COLUMNS)
    .where(
        _tasks.c.document_id == sa.bindparam("document_id"),
        _tasks.c.owner == sa.bindparam("owner"),
    )
    .order_by(_tasks.c.id.desc())
    .limit(1)
)


class Reading(Following):
    """The store's queries. Each sees the newest commit; none waits for a writer.

    Every method raises TransientError (`store_unavailable`) when the database does not
    answer, and may be called on any thread.
    """

    def document(self, owner: Owner, document_id: DocumentId) -> Document:
        """Give one stored document.

        Raises:
            NotFoundError: The owner has none with this id.
        """
        with self._database.read() as connection:
            found = connection.execute(_DOCUMENT, {"id": document_id, "owner": owner})
            row = found.one_or_none()
        if row is None:
            raise existence.no_document()
        return mapping.document_from(row)

    def documents(
        self, owner: Owner, *, page_size: int, page_token: str = ""
    ) -> Page[Document]:
        """List stored documents, newest first.

        Raises:
            InvalidRequestError: The page token is none of this list.
        """
        query = sa.select(*mapping.DOCUMENT_COLUMNS).where(_documents.c.owner == owner)
        query = query.order_by(_documents.c.id.desc()).limit(page_size + 1)
        key = paging.key_of(page_token)
        if key is not None:
            query = query.where(_documents.c.id < key)
        items = self._all(query, mapping.document_from)
        return _page(items, page_size, lambda document: document.id)

    def known_documents(
        self, owner: Owner, ids: Collection[DocumentId]
    ) -> set[DocumentId]:
        """Give those of `ids` that the owner has stored."""
        with self._database.read() as connection:
            return set(existence.document_names(connection, owner, ids))

    def latest_task(self, owner: Owner, document_id: DocumentId) -> TaskView | None:
        """Give the newest job's task of a document, if any."""
        values = {"document_id": document_id, "owner": owner}
        found = self._all(_LATEST_TASK, mapping.task_view_from, values)
        return found[0] if found else None

    def job(self, owner: Owner, job_id: JobId) -> JobView:
        """Give one job.

        Raises:
            NotFoundError: The owner has none with this id.
        """
        with self._database.read() as connection:
            row = _JOB.run(connection, {"id": job_id, "owner": owner}).one_or_none()
        if row is None:
            raise existence.no_job()
        return headers.job_view_from(row)

    def jobs(
        self,
        owner: Owner,
        *,
        statuses: Collection[JobStatus] = (),
        type: str | None = None,  # noqa: A002  # the name clients know
        label: tuple[str, str] | None = None,
        page_size: int,
        page_token: str = "",
    ) -> Page[JobView]:
        """List jobs, newest first; what is not given does not restrict.

        Raises:
            InvalidRequestError: The page token is none of this list.
        """
        query = sa.select(*headers.JOB_VIEW_COLUMNS).where(_jobs.c.owner == owner)
        query = query.order_by(_jobs.c.id.desc()).limit(page_size + 1)
        key = paging.key_of(page_token)
        if key is not None:
            query = query.where(_jobs.c.id < key)
        if statuses:
            query = query.where(_jobs.c.status.in_([one.value for one in statuses]))
        if type is not None:
            query = query.where(_jobs.c.type == type)
        if label is not None:
            query = query.where(_jobs.c.id.in_(_labelled(owner, *label)))
        items = self._all(query, headers.job_view_from)
        return _page(items, page_size, lambda view: view.job.id)

    def tasks(
        self,
        owner: Owner,
        job_id: JobId,
        *,
        statuses: Collection[TaskStatus] = (),
        page_size: int,
        page_token: str = "",
    ) -> Page[TaskView]:
        """List a job's documents in their order.

        Raises:
            InvalidRequestError: The page token is none of this list.
            NotFoundError: The owner has no such job.
        """
        values = {
            "job_id": job_id,
            "after": paging.index_of(page_token),
            "limit": page_size + 1,
        }
        found: list[mapping.Row]
        with self._database.read() as connection:
            existence.check_job(connection, owner, job_id)
            if statuses:
                status = _tasks.c.status.in_([one.value for one in statuses])
                found = list(connection.execute(_task_page.where(status), values))
            else:
                found = list(_TASK_PAGE.run(connection, values))
        items = [mapping.task_view_from(row) for row in found]
        return _page(items, page_size, lambda view: str(view.task.index))

    def waiting_before(self, job_id: JobId, index: int) -> int:
        """Count a job's documents that wait for nothing but their turn before one.

        Args:
            job_id: A job.
            index: The position of that one.
        """
        values = {"job_id": job_id, "index": index}
        with self._database.read() as connection:
            return _WAITING_BEFORE.run(connection, values).scalar_one_or_none() or 0

    def task_result(
        self, owner: Owner, job_id: JobId, document_id: DocumentId
    ) -> TaskView:
        """Give a job's task of one document.

        Raises:
            NotFoundError: The owner has no such job, or it no such document.
        """
        query = _job_tasks.where(_tasks.c.document_id == sa.bindparam("document_id"))
        values = {"job_id": job_id, "document_id": document_id}
        with self._database.read() as connection:
            existence.check_job(connection, owner, job_id)
            row = connection.execute(query.limit(1), values).one_or_none()
        if row is None:
            raise NotFoundError("The job has no document with this id.")
        return mapping.task_view_from(row)

    def healthy(self) -> bool:
        """Whether the database answers and has the schema of this version."""
        try:
            return self._database.revision() == schema.HEAD_REVISION
        except TransientError:
            return False

    def _all(
        self,
        query: Query,
        build: Callable[[mapping.Row], T],
        values: dict[str, Any] | None = None,
    ) -> list[T]:
        with self._database.read() as connection:
            found = connection.execute(query, values or {}).all()
        return [build(row) for row in found]


def _labelled(owner: Owner, key: str, value: str) -> sa.Select[tuple[str]]:
    labels = schema.job_labels.c
    return sa.select(labels.job_id).where(
        labels.owner == owner, labels.key == key, labels.value == value
    )


def _page(found: list[T], size: int, key: Callable[[T], str]) -> Page[T]:
    """Cut what was read with one item too many, which tells that there is more."""
    if len(found) <= size:
        return Page(items=tuple(found))
    items = found[:size]
    return Page(items=tuple(items), next_token=paging.token_after(key(items[-1])))
