"""The writing statements, built once; values are bound by column name."""

import sqlalchemy as sa

from service.domain.model import Task
from service.store import headers, schema
from service.store.database import Prepared


def _bound(*names: str) -> dict[str, sa.BindParameter[object]]:
    return {name: sa.bindparam(name) for name in names}


def _insert(table: sa.Table, *names: str) -> Prepared:
    names = names or tuple(column.name for column in table.c)
    return Prepared(table.insert().values(_bound(*names)))


_TASK_FIXED = ("id", "job_id", "owner", "kind", "index", "document_id")
_TASK_STATE = tuple(name for name in Task.__struct_fields__ if name not in _TASK_FIXED)
_RESULT = ("result", "result_key", "result_bytes")

_tasks = schema.tasks
_guarded_task = _tasks.update().where(
    _tasks.c.id == sa.bindparam("guard_id"),
    _tasks.c.status == sa.bindparam("guard_status"),
    _tasks.c.generation == sa.bindparam("guard_generation"),
)

INSERT_DOCUMENT = _insert(schema.documents)
INSERT_JOB = _insert(schema.jobs)
INSERT_LABEL = _insert(schema.job_labels)
INSERT_TASK = _insert(
    _tasks,
    *_TASK_FIXED,
    "document_name",
    "status",
    "generation",
    "cost_ms",
    "queued_at",
)
INSERT_KEY = _insert(schema.idempotency_keys)
INSERT_LOG = _insert(schema.job_events)
INSERT_DURATION = _insert(schema.durations)

UPDATE_JOB = Prepared(
    schema.jobs.update()
    .where(
        schema.jobs.c.id == sa.bindparam("guard_id"),
        schema.jobs.c.version == sa.bindparam("guard_version"),
    )
    .values(_bound(*headers.JOB_STATE))
)
UPDATE_TASK = Prepared(_guarded_task.values(_bound(*_TASK_STATE)))
END_TASK = Prepared(_guarded_task.values(_bound(*_TASK_STATE, *_RESULT)))
"""As `UPDATE_TASK`, and the result."""
SET_COST = Prepared(
    _tasks.update()
    .where(_tasks.c.id == sa.bindparam("guard_id"))
    .values(_bound("cost_ms"))
)
MARK_SENT = Prepared(
    _tasks.update()
    .where(
        _tasks.c.id == sa.bindparam("guard_id"),
        _tasks.c.generation == sa.bindparam("guard_generation"),
        _tasks.c.sent_at.is_(None),
    )
    .values(_bound("sent_at"))
)
SET_CREATED_POSITION = Prepared(
    schema.job_events.update()
    .where(
        schema.job_events.c.job_id == sa.bindparam("guard_id"),
        schema.job_events.c.seq == 1,
        schema.job_events.c.position.is_(None),
    )
    .values(_bound("position"))
)
DELETE_DURATION = Prepared(
    schema.durations.delete().where(
        schema.durations.c.job_type == sa.bindparam("job_type"),
        schema.durations.c.media_type == sa.bindparam("media_type"),
        schema.durations.c.size_class == sa.bindparam("size_class"),
    )
)
END_COMMAND = Prepared(
    schema.commands.update()
    .where(schema.commands.c.id == sa.bindparam("guard_id"))
    .values(_bound("outcome"))
)
