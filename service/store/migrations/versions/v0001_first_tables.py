"""Create the first tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the migration."""
    _create_documents()
    _create_jobs()
    _create_job_labels()
    _create_tasks()
    _index_tasks()
    _create_job_events()
    _create_commands()
    _create_idempotency_keys()
    _create_durations()
    _create_leader()


def downgrade() -> None:
    """Undo the migration; the indexes go with their tables."""
    for table in (
        "leader",
        "durations",
        "idempotency_keys",
        "commands",
        "job_events",
        "tasks",
        "job_labels",
        "jobs",
        "documents",
    ):
        op.drop_table(table)


def _text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, _TEXT, nullable=nullable)


def _number(
    name: str, *, nullable: bool = False, default: str | None = None
) -> sa.Column[Any]:
    server_default = None if default is None else sa.text(default)
    return sa.Column(
        name,
        sa.BigInteger(),
        nullable=nullable,
        server_default=server_default,
        autoincrement=False,
    )


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _of_job(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_job_id")
    return sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name, ondelete="CASCADE")


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(
        name, table, columns, sqlite_where=condition, postgresql_where=condition
    )


def _create_documents() -> None:
    op.create_table(
        "documents",
        _text("id"),
        _text("owner"),
        _text("name"),
        _text("blob_key"),
        _number("size_bytes"),
        _text("sha256"),
        _text("media_type"),
        _text("declared_media_type", nullable=True),
        _number("created_at"),
        _key("documents", "id"),
    )
    op.create_index("ix_documents_owner", "documents", ["owner", "id"])
    op.create_index("ix_documents_created", "documents", ["created_at"])


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        *(_text(name) for name in ("id", "owner", "type", "status", "priority")),
        _text("options"),
        *(_number(name) for name in ("pending", "queued", "processing", "retrying")),
        *(_number(name) for name in ("completed", "failed", "timeout", "cancelled")),
        _text("planned_parts"),
        _flag("planned"),
        _flag("has_finish"),
        _number("cost_total_ms"),
        _number("cost_done_ms"),
        _number("progress"),
        *(_number(f"observed_{name}") for name in ("count", "cost_ms", "ms")),
        _number("observed_square_ms2"),
        _number("expected_end", nullable=True),
        _number("expected_end_p90", nullable=True),
        _number("bound_at_half", nullable=True),
        _flag("cancel_requested"),
        _flag("deadline_hit"),
        _flag("plan_failed"),
        _flag("finish_done"),
        _text("batch_error", nullable=True),
        _number("never_started"),
        _number("created_at"),
        _number("started_at", nullable=True),
        _number("deadline", nullable=True),
        _number("finished_at", nullable=True),
        _text("outcome", nullable=True),
        _text("error", nullable=True),
        _number("last_seq"),
        _number("version"),
        _text("name", nullable=True),
        _text("labels"),
        _text("retry_of", nullable=True),
        _key("jobs", "id"),
    )
    op.create_index("ix_jobs_owner", "jobs", ["owner", "id"])
    op.create_index("ix_jobs_finished", "jobs", ["finished_at"])
    active = "status IN ('PAUSED', 'PENDING', 'PROCESSING')"
    _partial_index("ix_jobs_active", "jobs", ["id"], active)


def _create_job_labels() -> None:
    op.create_table(
        "job_labels",
        _text("job_id"),
        _text("key"),
        _text("value"),
        _text("owner"),
        _key("job_labels", "job_id", "key"),
        _of_job("job_labels"),
        sqlite_with_rowid=False,
    )
    columns = ["owner", "key", "value", "job_id"]
    op.create_index("ix_job_labels_value", "job_labels", columns)


def _create_tasks() -> None:
    op.create_table(
        "tasks",
        *(_text(name) for name in ("id", "job_id", "owner", "kind")),
        _number("index"),
        _text("document_id", nullable=True),
        _text("document_name"),
        _text("status"),
        _number("generation"),
        _number("attempts", default="0"),
        _number("interruptions", default="0"),
        _number("cost_ms"),
        _text("step", nullable=True),
        sa.Column("fraction", sa.Double(), nullable=False, server_default=sa.text("0")),
        _text("worker_id", nullable=True),
        _text("waiting_reason", nullable=True),
        *(_number(name, nullable=True) for name in ("not_before", "queued_at")),
        *(_number(name, nullable=True) for name in ("sent_at", "started_at")),
        *(_number(name, nullable=True) for name in ("heard_at", "finished_at")),
        _number("processing_ms", nullable=True),
        _text("steps", nullable=True),
        _text("failure", nullable=True),
        _text("result_key", nullable=True),
        _number("result_bytes", default="0"),
        _text("result", nullable=True),
        _key("tasks", "id"),
        _of_job("tasks"),
    )


def _index_tasks() -> None:
    columns = ["job_id", "kind", "index"]
    op.create_index("uq_tasks_job", "tasks", columns, unique=True)
    op.create_index("ix_tasks_document", "tasks", ["document_id", "id"])
    waiting = "status IN ('PENDING', 'RETRYING')"
    columns = ["job_id", "kind", "status", "not_before", "index"]
    _partial_index("ix_tasks_waiting", "tasks", columns, waiting)
    timed = f"{waiting} AND not_before IS NOT NULL"
    _partial_index("ix_tasks_timer", "tasks", ["not_before"], timed)
    out = "status IN ('PROCESSING', 'QUEUED')"
    _partial_index("ix_tasks_out", "tasks", ["id"], out)
    unsent = "status = 'QUEUED' AND sent_at IS NULL"
    _partial_index("ix_tasks_unsent", "tasks", ["queued_at"], unsent)


def _create_job_events() -> None:
    op.create_table(
        "job_events",
        _text("job_id"),
        _number("seq"),
        _text("type"),
        _number("timestamp"),
        _number("position", nullable=True),
        _text("data"),
        _key("job_events", "job_id", "seq"),
        _of_job("job_events"),
        sqlite_with_rowid=False,
    )
    columns = ["position"]
    op.create_index("uq_job_events_position", "job_events", columns, unique=True)


def _create_commands() -> None:
    op.create_table(
        "commands",
        sa.Column("id", _COUNTER, nullable=False),
        _text("owner"),
        _text("job_id"),
        _text("kind"),
        _number("created_at"),
        _text("outcome", nullable=True),
        _key("commands", "id"),
        _of_job("commands"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_commands_job", "commands", ["job_id"])
    _partial_index("ix_commands_open", "commands", ["id"], "outcome IS NULL")


def _create_idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        _text("owner"),
        _text("key"),
        _text("request_hash"),
        _text("job_id"),
        _key("idempotency_keys", "owner", "key"),
        _of_job("idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_job", "idempotency_keys", ["job_id"])


def _create_durations() -> None:
    op.create_table(
        "durations",
        _text("job_type"),
        _text("media_type"),
        _number("size_class"),
        _number("samples"),
        sa.Column("mean_ms", sa.Double(), nullable=False),
        sa.Column("variance_ms2", sa.Double(), nullable=False),
        _key("durations", "job_type", "media_type", "size_class"),
    )


def _create_leader() -> None:
    op.create_table(
        "leader",
        _number("id"),
        _number("epoch"),
        _text("holder"),
        _number("heartbeat_at"),
        _number("last_position", default="0"),
        _key("leader", "id"),
    )
