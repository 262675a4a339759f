"""Write less with every commit: index only what is looked for often enough."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the migration."""
    # What is out is few, and indexed: releases not sent are found among it.
    op.drop_index("ix_tasks_unsent", "tasks")
    op.drop_index("ix_jobs_active", "jobs")
    _index("ix_jobs_active", "jobs", "id", "finished_at IS NULL")
    op.drop_index("ix_jobs_finished", "jobs")
    _index("ix_jobs_finished", "jobs", "finished_at", "finished_at IS NOT NULL")


def downgrade() -> None:
    """Undo the migration."""
    op.drop_index("ix_jobs_finished", "jobs")
    op.create_index("ix_jobs_finished", "jobs", ["finished_at"])
    op.drop_index("ix_jobs_active", "jobs")
    active = "status IN ('PAUSED', 'PENDING', 'PROCESSING')"
    _index("ix_jobs_active", "jobs", "id", active)
    unsent = "status = 'QUEUED' AND sent_at IS NULL"
    _index("ix_tasks_unsent", "tasks", "queued_at", unsent)


def _index(name: str, table: str, column: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)
