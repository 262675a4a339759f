"""Say of each task where the files beside its result are."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the migration."""
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.add_column("tasks", sa.Column("outputs_key", text, nullable=True))
    # Where they were while a task had one place for all its executions.
    op.execute(
        "UPDATE tasks SET outputs_key = 'outputs/' || job_id || '/' || id"
        " WHERE kind = 'document' AND status = 'COMPLETED'"
    )


def downgrade() -> None:
    """Undo the migration."""
    with op.batch_alter_table("tasks") as tasks:
        tasks.drop_column("outputs_key")
