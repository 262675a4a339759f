"""Which tasks of a job could be released: three short walks along an index."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from service.domain.model import JobId, TaskKind, TaskStatus
from service.store import mapping, schema
from service.store.database import Prepared, Query
from service.store.rows import Document, WaitingTask

_tasks = schema.tasks
_documents = schema.documents


@dataclass(frozen=True, slots=True)
class _Place:
    """Tasks of one index: those of the queue all begin in, or those handed on."""

    index: sa.TextClause
    queue: tuple[sa.ColumnElement[bool], ...] = ()


def _walk(place: _Place, status: TaskStatus, timer: sa.ColumnElement[bool]) -> Query:
    """Give ids in the order of the index, which no planner then has to sort for."""
    ids = (
        sa.select(_tasks.c.id)
        .where(
            _tasks.c.job_id == sa.bindparam("job_id"),
            _tasks.c.kind == sa.bindparam("kind"),
            place.index,
            *place.queue,
            _tasks.c.status == sa.literal_column(f"'{status.value}'"),
            timer,
        )
        .order_by(_tasks.c.not_before, _tasks.c.index)
        .limit(sa.bindparam("limit", type_=sa.Integer))
        .subquery()
    )
    return sa.select(ids)


_due = _tasks.c.not_before <= sa.bindparam("now")


def _all(place: _Place) -> Prepared:
    candidates = sa.union_all(
        _walk(place, TaskStatus.RETRYING, _due),
        _walk(place, TaskStatus.PENDING, _due),
        _walk(place, TaskStatus.PENDING, _tasks.c.not_before.is_(None)),
    ).subquery()
    return Prepared(
        sa.select(*mapping.TASK_COLUMNS, *mapping.DOCUMENT_COLUMNS)
        .join(candidates, candidates.c.id == _tasks.c.id)
        .outerjoin(_documents, _documents.c.id == _tasks.c.document_id)
    )


DUE = _all(_Place(schema.HERE_TASK))
DUE_ELSEWHERE = _all(
    _Place(schema.ELSEWHERE_TASK, (_tasks.c.queue == sa.bindparam("queue"),))
)
_TASK_WIDTH = len(mapping.TASK_COLUMNS)


def due_tasks(
    connection: sa.Connection,
    job_id: JobId,
    *,
    kind: TaskKind,
    now: datetime,
    limit: int,
    queue: str | None = None,
) -> list[WaitingTask]:
    """Give due retries by their timer, then due or unsnoozed tasks by position.

    Reads at most three times `limit` rows, however many wait.
    """
    values = {
        "job_id": job_id,
        "kind": kind.value,
        "now": mapping.to_ms(now),
        "limit": limit,
    }
    if queue is None:
        rows = DUE.run(connection, values)
    else:
        rows = DUE_ELSEWHERE.run(connection, values | {"queue": queue})
    found = [_waiting_from(row) for row in rows]
    found.sort(key=_order)
    return found[:limit]


def _waiting_from(row: mapping.Row) -> WaitingTask:
    document = row[_TASK_WIDTH:]
    return WaitingTask(task=mapping.task_from(row), document=_document_from(document))


def _document_from(row: mapping.Row) -> Document | None:
    return None if row[0] is None else mapping.document_from(row)


def _order(waiting: WaitingTask) -> tuple[int, datetime | int]:
    task = waiting.task
    if task.status is TaskStatus.RETRYING and task.not_before is not None:
        return 0, task.not_before
    return 1, task.index
