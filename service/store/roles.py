"""Database roles that can do less than the one that owns the tables.

Batch workers plan and finish jobs: they read sizes, types, learned durations and the
results of documents, and no more. Only PostgreSQL has roles.
"""

import sqlalchemy as sa

from service.errors import SettingsError
from service.store import database, headers, postgresql, schema
from service.store.dialects import backend_at

_READABLE: dict[sa.Table, tuple[str, ...]] = {
    schema.documents: ("id", "size_bytes", "media_type"),
    schema.durations: tuple(schema.durations.c.keys()),
    schema.jobs: tuple(column.name for column in headers.JOB_VIEW_COLUMNS),
    schema.tasks: (
        "id",
        "job_id",
        "kind",
        "index",
        "document_id",
        "status",
        "result",
        "result_key",
        "result_bytes",
    ),
}
"""What `Store.job`, `planning_rows`, `durations` and `document_results` read."""


def grant_reader(url: str, role: str) -> None:
    """Let an existing role read what batch workers read, and nothing else.

    Takes back whatever it was granted on the tables before. Run it after each
    migration, as the owner of the tables.

    Raises:
        SettingsError: The database has no roles, or none of this name.
        TransientError: The database does not answer.
    """
    parsed = database.parse(url)
    backend = backend_at(parsed)
    engine = backend.migrating_engine(parsed)
    try:
        with database.translated(say_why=True), engine.begin() as connection:
            _grant(connection, role)
    finally:
        engine.dispose()


def _grant(connection: sa.Connection, role: str) -> None:
    if connection.dialect.name != postgresql.BACKEND:
        raise SettingsError("This database has no roles.")
    known = sa.text("SELECT 1 FROM pg_roles WHERE rolname = :role")
    if connection.scalar(known, {"role": role}) is None:
        raise SettingsError(f"The database has no role {role}: create it first.")
    quote = connection.dialect.identifier_preparer.quote
    reader = quote(role)
    tables = [*schema.metadata.tables, database.VERSION_TABLE]
    statements = [f"REVOKE ALL ON {', '.join(map(quote, tables))} FROM {reader}"]
    statements.append(f"GRANT SELECT ON {database.VERSION_TABLE} TO {reader}")
    for table, names in _READABLE.items():
        columns = ", ".join(map(quote, names))
        statements.append(
            f"GRANT SELECT ({columns}) ON {quote(table.name)} TO {reader}"
        )
    for statement in statements:
        connection.exec_driver_sql(statement)
