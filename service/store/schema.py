"""The tables, and the indexes that keep every query of the service cheap.

Times are whole milliseconds since 1970, JSON is text: both read and write the same on
every database and cost no conversion by the driver. Guards are `version` (jobs),
`status` and `generation` (tasks) and `epoch` (leader).
"""

from collections.abc import Collection

import sqlalchemy as sa

from service.domain.model import OUT, WAITING, TaskStatus

HEAD_REVISION = "0005"
"""Newest migration; a store at another revision is not opened."""

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

_Counter = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""SQLite numbers rows by itself only in a column that is exactly INTEGER."""


_Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Compared byte by byte, as in Python and SQLite: ids sort as they were made."""


def _one_of(statuses: Collection[TaskStatus]) -> str:
    listed = ", ".join(f"'{status.value}'" for status in sorted(statuses))
    return f"status IN ({listed})"


# Partial indexes serve only queries that repeat their condition word for word, so both
# take it from here.
# These two name no column that changes before a job's end.
ACTIVE_JOB = sa.text("finished_at IS NULL")
ENDED_JOB = sa.text("finished_at IS NOT NULL")
WAITING_TASK = sa.text(_one_of(WAITING))
HERE_TASK = sa.text(f"{WAITING_TASK.text} AND queue IS NULL")
ELSEWHERE_TASK = sa.text(f"{WAITING_TASK.text} AND queue IS NOT NULL")
OUT_TASK = sa.text(_one_of(OUT))
TIMED_TASK = sa.text(f"{WAITING_TASK.text} AND not_before IS NOT NULL")
OPEN_COMMAND = sa.text("outcome IS NULL")


def _partial(name: str, *columns: sa.Column[object], where: sa.TextClause) -> sa.Index:
    return sa.Index(name, *columns, sqlite_where=where, postgresql_where=where)


def _time(name: str, *, nullable: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _from_zero(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default=sa.text("0"))


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, _Text, nullable=nullable)


def _job_id(*, primary_key: bool = False) -> sa.Column[str]:
    job = sa.ForeignKey("jobs.id", ondelete="CASCADE")
    return sa.Column("job_id", _Text, job, primary_key=primary_key, nullable=False)


documents = sa.Table(
    "documents",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    _text("owner"),
    _text("name"),
    _text("blob_key"),
    _number("size_bytes"),
    _text("sha256"),
    _text("media_type"),
    _text("declared_media_type", nullable=True),
    _time("created_at", nullable=False),
)
sa.Index("ix_documents_owner", documents.c.owner, documents.c.id)
sa.Index("ix_documents_created", documents.c.created_at)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    _text("owner"),
    _text("type"),
    _text("status"),
    _text("priority"),
    _text("options"),
    *(_number(status.value.lower()) for status in TaskStatus),
    _text("planned_parts"),
    _flag("planned"),
    _flag("has_finish"),
    _number("cost_total_ms"),
    _number("cost_done_ms"),
    _number("progress"),
    _number("observed_count"),
    _number("observed_cost_ms"),
    _number("observed_ms"),
    _number("observed_square_ms2"),
    _time("expected_end"),
    _time("expected_end_p90"),
    _time("bound_at_half"),
    _flag("cancel_requested"),
    _flag("deadline_hit"),
    _flag("plan_failed"),
    _flag("finish_done"),
    _text("batch_error", nullable=True),
    _number("never_started"),
    _time("created_at", nullable=False),
    _time("started_at"),
    _time("deadline"),
    _time("finished_at"),
    _text("outcome", nullable=True),
    _text("error", nullable=True),
    _number("last_seq"),
    _number("version"),
    _text("name", nullable=True),
    _text("labels"),
    _text("retry_of", nullable=True),
)
JOB_FIXED = frozenset(
    {"id", "owner", "type", "priority", "options", "has_finish", "created_at"}
)
"""Columns of a header that never change."""
sa.Index("ix_jobs_owner", jobs.c.owner, jobs.c.id)
_partial("ix_jobs_finished", jobs.c.finished_at, where=ENDED_JOB)
_partial("ix_jobs_active", jobs.c.id, where=ACTIVE_JOB)

job_labels = sa.Table(
    "job_labels",
    metadata,
    _job_id(primary_key=True),
    sa.Column("key", _Text, primary_key=True),
    _text("value"),
    _text("owner"),
    sqlite_with_rowid=False,
)
sa.Index(
    "ix_job_labels_value",
    job_labels.c.owner,
    job_labels.c.key,
    job_labels.c.value,
    job_labels.c.job_id,
)

tasks = sa.Table(
    "tasks",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    _job_id(),
    _text("owner"),
    _text("kind"),
    _number("index"),
    # No foreign key: a finished task keeps the id of a document since deleted.
    _text("document_id", nullable=True),
    _text("document_name"),
    _text("status"),
    _number("generation"),
    _from_zero("attempts"),
    _from_zero("interruptions"),
    _number("cost_ms"),
    _text("step", nullable=True),
    sa.Column("fraction", sa.Double, nullable=False, server_default=sa.text("0")),
    _text("worker_id", nullable=True),
    _text("waiting_reason", nullable=True),
    _time("not_before"),
    _time("queued_at"),
    _time("sent_at"),
    _time("started_at"),
    _time("heard_at"),
    _time("finished_at"),
    sa.Column("processing_ms", sa.BigInteger, nullable=True),
    _text("steps", nullable=True),
    _text("failure", nullable=True),
    _text("result_key", nullable=True),
    _from_zero("result_bytes"),
    # After what is read of rows that have it, so that this skips its overflow pages.
    _text("result", nullable=True),
    # Added later, so behind it; read of rows at work, which have no result.
    _from_zero("returns"),
    _text("queue", nullable=True),
    # Read with the result.
    _text("outputs_key", nullable=True),
)
sa.Index("uq_tasks_job", tasks.c.job_id, tasks.c.kind, tasks.c.index, unique=True)
sa.Index("ix_tasks_document", tasks.c.document_id, tasks.c.id)
_partial(
    "ix_tasks_waiting",
    tasks.c.job_id,
    tasks.c.kind,
    tasks.c.status,
    tasks.c.not_before,
    tasks.c.index,
    where=HERE_TASK,
)
_partial(
    "ix_tasks_elsewhere",
    tasks.c.job_id,
    tasks.c.queue,
    tasks.c.kind,
    tasks.c.status,
    tasks.c.not_before,
    tasks.c.index,
    where=ELSEWHERE_TASK,
)
_partial("ix_tasks_timer", tasks.c.not_before, where=TIMED_TASK)
_partial("ix_tasks_out", tasks.c.id, where=OUT_TASK)

job_events = sa.Table(
    "job_events",
    metadata,
    _job_id(primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    _text("type"),
    _time("timestamp", nullable=False),
    sa.Column("position", sa.BigInteger, nullable=True),
    _text("data"),
    # Rows lie in the order a stream reads them.
    sqlite_with_rowid=False,
)
sa.Index("uq_job_events_position", job_events.c.position, unique=True)

commands = sa.Table(
    "commands",
    metadata,
    sa.Column("id", _Counter, primary_key=True),
    _text("owner"),
    _job_id(),
    _text("kind"),
    _time("created_at", nullable=False),
    _text("outcome", nullable=True),
    # An id is never given again, whatever was removed.
    sqlite_autoincrement=True,
)
sa.Index("ix_commands_job", commands.c.job_id)
_partial("ix_commands_open", commands.c.id, where=OPEN_COMMAND)

idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("owner", _Text, primary_key=True),
    sa.Column("key", _Text, primary_key=True),
    _text("request_hash"),
    _job_id(),
)
sa.Index("ix_idempotency_keys_job", idempotency_keys.c.job_id)

durations = sa.Table(
    "durations",
    metadata,
    sa.Column("job_type", _Text, primary_key=True),
    sa.Column("media_type", _Text, primary_key=True),
    sa.Column("size_class", sa.BigInteger, primary_key=True, autoincrement=False),
    _number("samples"),
    sa.Column("mean_ms", sa.Double, nullable=False),
    sa.Column("variance_ms2", sa.Double, nullable=False),
)

leader = sa.Table(
    "leader",
    metadata,
    # There is one row, number 1.
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    _number("epoch"),
    _text("holder"),
    _time("heartbeat_at", nullable=False),
    # Newest log-wide position when rows were last removed: none is given twice.
    _from_zero("last_position"),
)
