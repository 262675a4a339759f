"""Connections: how they are locked and given back, and what their errors mean."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from service.errors import SettingsError, TransientError
from service.store import sqlite

VERSION_TABLE = "alembic_version"
_VERSION = sa.select(sa.column("version_num", sa.Text)).select_from(
    sa.table(VERSION_TABLE)
)


Query = sa.Select[*tuple[Any, ...]]


class Database:
    """One database, with connections that only read and one that writes.

    Readers see the last commit and never wait for the writer. Safe on any thread.
    Connects when first used.

    Raises:
        SettingsError: The URL names no database there is.
    """

    def __init__(self, url: str) -> None:
        self._reader, self._writer = sqlite.engines(parse(url))
        self._lock = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Lend a connection; each statement on it sees the newest commit.

        Raises:
            TransientError: The database does not answer.
        """
        with translated(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Lend the writing connection inside a transaction of its own.

        Waits for the other writers of this process, so it must not be entered again by
        a thread that is inside. Commits at the end; any error rolls everything back.

        Raises:
            TransientError: The database does not answer, or did not commit.
        """
        with self._lock, translated(), self._writer.begin() as connection:
            yield connection

    def revision(self) -> str | None:
        """Give the schema's migration, or None when there is no schema.

        Raises:
            TransientError: The database does not answer.
        """
        with self.read() as connection:
            return revision_of(connection)

    def close(self) -> None:
        """Close every connection that is not lent."""
        self._reader.dispose()
        self._writer.dispose()


class Prepared:
    """A statement compiled once, then handed to the driver as it is.

    Skips what SQLAlchemy does for each row of each call, which costs several times the
    database's own work; so its values must be what the driver takes.
    """

    def __init__(self, statement: Query | sa.Insert | sa.Update | sa.Delete) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, dict[str, Any]]] = {}

    def run(
        self, connection: sa.Connection, values: Mapping[str, Any]
    ) -> sa.CursorResult[*tuple[Any, ...]]:
        """Execute once."""
        sql, constants = self._on(connection.dialect)
        return connection.exec_driver_sql(sql, {**constants, **values})

    def run_all(self, connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> int:
        """Execute for each of `rows` and give how many table rows were touched."""
        if not rows:
            return 0
        sql, constants = self._on(connection.dialect)
        bound = [{**constants, **row} for row in rows] if constants else list(rows)
        return connection.exec_driver_sql(sql, bound).rowcount

    def _on(self, dialect: sa.Dialect) -> tuple[str, dict[str, Any]]:
        """Give the statement's text and the values that are part of it."""
        found = self._compiled.get(dialect.name)
        if found is None:
            compiled = self._statement.compile(dialect=dialect)
            values = compiled.params.items()
            constants = {name: value for name, value in values if value is not None}
            found = str(compiled), constants
            self._compiled[dialect.name] = found
        return found


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's trouble with the database itself into a TransientError."""
    try:
        yield
    except exc.DBAPIError as error:
        # A full disk or a lock is Operational, a damaged file is plain DatabaseError;
        # its other kinds say that a statement is wrong.
        known = (exc.OperationalError, exc.InterfaceError)
        if isinstance(error, known) or type(error) is exc.DatabaseError:
            raise _unavailable() from error
        raise
    except exc.TimeoutError as error:
        raise _unavailable() from error


def _unavailable() -> TransientError:
    message = "The database does not answer."
    return TransientError(message, code="store_unavailable", retry_after_s=1.0)


def parse(url: str) -> sa.URL:
    """Read a database URL.

    Raises:
        SettingsError: It names no database this version can use.
    """
    try:
        parsed = sa.make_url(url)
    except exc.ArgumentError as error:
        raise SettingsError("store_url is not a database URL.") from error
    if parsed.get_backend_name() != sqlite.BACKEND:
        raise SettingsError("store_url must start with sqlite:///.")
    return parsed


def revision_of(connection: sa.Connection) -> str | None:
    """Give the schema's migration, or None when there is no schema."""
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.scalar(_VERSION)
