"""Let a task wait for another queue than the one every document begins in."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WAITING = "status IN ('PENDING', 'RETRYING')"
HERE = f"{WAITING} AND queue IS NULL"
ELSEWHERE = f"{WAITING} AND queue IS NOT NULL"
ORDER = ("kind", "status", "not_before", "index")


def upgrade() -> None:
    """Apply the migration."""
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.add_column("tasks", sa.Column("queue", text, nullable=True))
    op.drop_index("ix_tasks_waiting", "tasks")
    _index("ix_tasks_waiting", ["job_id", *ORDER], HERE)
    _index("ix_tasks_elsewhere", ["job_id", "queue", *ORDER], ELSEWHERE)


def downgrade() -> None:
    """Undo the migration."""
    op.drop_index("ix_tasks_elsewhere", "tasks")
    op.drop_index("ix_tasks_waiting", "tasks")
    with op.batch_alter_table("tasks") as tasks:
        tasks.drop_column("queue")
    _index("ix_tasks_waiting", ["job_id", *ORDER], WAITING)


def _index(name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, "tasks", columns, sqlite_where=where, postgresql_where=where)
