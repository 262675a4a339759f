"""What is particular to PostgreSQL: locks, timeouts, pools. Nothing else may know.

`READ COMMITTED` suffices: only the leader changes jobs and tasks, one transaction at a
time, as each holds the leader's row; its writes are guarded in their `WHERE`. What
gateways decide by reading (a document is there, a key is new) they lock first, and each
statement after a lock sees what the one before it committed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from service.errors import SettingsError

BACKEND = "postgresql"
SETS_AS_VALUES = True

_DRIVER = "postgresql+psycopg"
_DRIVERS = frozenset({_DRIVER, "postgresql"})
_CONNECT: dict[str, Any] = {
    "application_name": "docmill",
    "connect_timeout": 5,  # s
    # A server that vanished without a word is noticed within half a minute.
    "keepalives_idle": 10,  # s
    "keepalives_interval": 5,  # s
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # ms
}
"""Parameters of libpq; each can be given in the URL instead."""
_STATEMENT_MS = 30_000
_LOCK_MS = 5_000
_IDLE_IN_TRANSACTION_MS = 5_000
"""After it the server ends a leader that stopped amid a transaction, and frees its row:
well before its lease of 10 s is over, so that the next one need not wait."""
_MIGRATION_LOCK_MS = 300_000
_READING = {"default_transaction_read_only": "on", "statement_timeout": _STATEMENT_MS}
_WRITING = {
    "statement_timeout": _STATEMENT_MS,
    "lock_timeout": _LOCK_MS,
    "idle_in_transaction_session_timeout": _IDLE_IN_TRANSACTION_MS,
    # A plan kept from when a table was small reads all of it once it is large.
    "plan_cache_mode": "force_custom_plan",
}
_READERS_KEPT = 4
_READERS_MAX = 16
_WRITERS_KEPT = 2
_WRITERS_MAX = 8
_POOL_TIMEOUT_S = 5.0

_SCHEMA_LOCK = "docmill schema"
_HOLD = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
_NOW = sa.text("SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint")


def engines(url: sa.URL) -> tuple[sa.Engine, sa.Engine]:
    """Give an engine for reading and one for writing; neither connects yet.

    Writers go side by side: rows are locked, not the database.

    Raises:
        SettingsError: The URL names no database or another driver.
    """
    reader = _engine(
        url,
        _READING,
        # Each statement is a transaction, so there is none to begin or to undo.
        isolation_level="AUTOCOMMIT",
        pool_reset_on_return=None,
        pool_size=_READERS_KEPT,
        max_overflow=_READERS_MAX - _READERS_KEPT,
    )
    writer = _engine(
        url,
        _WRITING,
        isolation_level="READ COMMITTED",
        pool_size=_WRITERS_KEPT,
        max_overflow=_WRITERS_MAX - _WRITERS_KEPT,
    )
    return reader, writer


def migrating_engine(url: sa.URL) -> sa.Engine:
    """Give an engine whose statements may take as long as a migration takes.

    Raises:
        SettingsError: The URL names no database or another driver.
    """
    return _engine(url, {"lock_timeout": _MIGRATION_LOCK_MS}, pool_size=1)


def run(
    connection: sa.Connection, sql: str, values: Mapping[str, Any]
) -> sa.CursorResult[*tuple[Any, ...]]:
    """Execute a statement in the driver's own form."""
    return connection.exec_driver_sql(sql, dict(values))


def run_all(connection: sa.Connection, sql: str, rows: Sequence[dict[str, Any]]) -> int:
    """Execute it for each of `rows`; give how many table rows were touched."""
    return connection.exec_driver_sql(sql, list(rows)).rowcount


def hold_schema(connection: sa.Connection) -> None:
    """Let no other process migrate until the end of the transaction."""
    hold_name(connection, _SCHEMA_LOCK)


def hold_name(connection: sa.Connection, name: str) -> None:
    """Let no other transaction hold `name`, or one of equal hash, until the end."""
    connection.execute(_HOLD, {"name": name})


def now_ms(connection: sa.Connection, given_ms: int) -> int:
    """Give the database's time: machines may differ in `given_ms`."""
    del given_ms
    return int(connection.execute(_NOW).scalar_one())


def _engine(url: sa.URL, parameters: dict[str, Any], **options: Any) -> sa.Engine:
    if url.drivername not in _DRIVERS:
        raise SettingsError(f"store_url must start with {_DRIVER}://.")
    if not url.database:
        raise SettingsError(f"store_url must name a database: {_DRIVER}://…/<name>.")
    given = {name: value for name, value in _CONNECT.items() if name not in url.query}
    words = [f"-c {name}={value}" for name, value in parameters.items()]
    own = url.query.get("options", ())
    words += [own] if isinstance(own, str) else own  # later ones win
    return sa.create_engine(
        url.set(drivername=_DRIVER),
        connect_args={**given, "options": " ".join(words)},
        pool_pre_ping=True,
        pool_timeout=_POOL_TIMEOUT_S,
        pool_use_lifo=True,
        **options,
    )
