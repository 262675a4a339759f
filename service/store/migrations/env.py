"""Alembic runs this file: it migrates over the connection it was handed.

The caller holds the transaction, so all migrations commit together or not at all.
"""

from alembic import context

from service.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
)
context.run_migrations()
