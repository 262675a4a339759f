"""The writing statements, built once; values are bound by column name."""

import sqlalchemy as sa

from service.domain.model import Task
from service.store import headers, schema
from service.store.bulk import ForRows

_TASK_FIXED = ("id", "job_id", "owner", "kind", "index", "document_id")
_TASK_STATE = tuple(name for name in Task.__struct_fields__ if name not in _TASK_FIXED)
_RESULT = ("result", "result_key", "result_bytes", "outputs_key")

_tasks = schema.tasks
_events = schema.job_events
_TASK_GUARD = ("id", "status", "generation")

INSERT_DOCUMENT = ForRows.insert(schema.documents)
INSERT_JOB = ForRows.insert(schema.jobs)
INSERT_LABEL = ForRows.insert(schema.job_labels)
INSERT_TASK = ForRows.insert(
    _tasks,
    *_TASK_FIXED,
    "document_name",
    "status",
    "generation",
    "cost_ms",
    "queued_at",
)
INSERT_KEY = ForRows.insert(schema.idempotency_keys)
INSERT_LOG = ForRows.insert(_events)
INSERT_DURATION = ForRows.insert(schema.durations)

_JOB_GUARD = ("id", "version")
UPDATE_JOB = ForRows.update(
    schema.jobs, *sorted(headers.JOB_STATE - {"finished_at"}), guard=_JOB_GUARD
)
"""Leaves alone what indexes hold of a job that goes on."""
END_JOB = ForRows.update(schema.jobs, *sorted(headers.JOB_STATE), guard=_JOB_GUARD)
UPDATE_TASK = ForRows.update(_tasks, *_TASK_STATE, guard=_TASK_GUARD)
END_TASK = ForRows.update(_tasks, *_TASK_STATE, *_RESULT, guard=_TASK_GUARD)
"""As `UPDATE_TASK`, and the result."""
SET_COST = ForRows.update(_tasks, "cost_ms", guard=("id",))
MARK_SENT = ForRows.update(
    _tasks, "sent_at", guard=("id", "generation"), where=_tasks.c.sent_at.is_(None)
)
SET_CREATED_POSITION = ForRows.update(
    _events,
    "position",
    guard=("job_id",),
    where=sa.and_(_events.c.seq == 1, _events.c.position.is_(None)),
)
DELETE_DURATION = ForRows.delete(
    schema.durations, guard=("job_type", "media_type", "size_class")
)
END_COMMAND = ForRows.update(schema.commands, "outcome", guard=("id",))
