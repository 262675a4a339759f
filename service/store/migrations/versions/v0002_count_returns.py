"""Count how often a task came back without having been started."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the migration."""
    op.add_column(
        "tasks",
        sa.Column(
            "returns", sa.BigInteger(), nullable=False, server_default=sa.text("0")
        ),
    )


def downgrade() -> None:
    """Undo the migration."""
    with op.batch_alter_table("tasks") as tasks:
        tasks.drop_column("returns")
