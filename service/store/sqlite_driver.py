"""Statements handed to `sqlite3` itself, and the one connection that writes.

SQLAlchemy's own work for a statement is several times that of SQLite, and so is what
its pool does for a transaction; on the path of every event both are left out. Errors
are the same as SQLAlchemy's.
"""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

Row = tuple[Any, ...]


class Rows:
    """What a statement gave. All of it is read: an open cursor would keep a snapshot.

    Attributes:
        rowcount: How many table rows were touched.
    """

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: list[Row], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def __iter__(self) -> Iterator[Row]:
        """Give row after row."""
        return iter(self._rows)

    def one_or_none(self) -> Row | None:
        """Give the row there is at most."""
        assert len(self._rows) <= 1  # the statement says so
        return self._rows[0] if self._rows else None

    def scalar_one_or_none(self) -> Any:
        """Give the first column of the row there is at most."""
        row = self.one_or_none()
        return None if row is None else row[0]


def run(connection: sa.Connection, sql: str, values: Mapping[str, Any]) -> Rows:
    """Execute a statement in the driver's own form."""
    try:
        cursor = _driver(connection).execute(sql, values)
        return Rows(cursor.fetchall(), cursor.rowcount)
    except sqlite3.Error as error:
        raise _as_sqlalchemy(error, connection, sql) from error


def run_all(connection: sa.Connection, sql: str, rows: Sequence[dict[str, Any]]) -> int:
    """Execute it for each of `rows`; give how many table rows were touched."""
    try:
        return _driver(connection).executemany(sql, rows).rowcount
    except sqlite3.Error as error:
        raise _as_sqlalchemy(error, connection, sql) from error


class OneWriter:
    """Lends the connection that writes, to one thread at a time.

    A transaction takes the write lock when it begins: one that first reads and then
    writes would otherwise fail, without waiting, when another process wrote in between.

    Args:
        engine: Connects; its connections begin no transactions by themselves.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._turn = threading.Lock()
        self._kept: sa.Connection | None = None

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Lend the connection in a transaction, undone by any error inside."""
        with self._turn:
            if self._kept is None:
                self._kept = self._engine.connect()
            connection = self._kept
            run(connection, "BEGIN IMMEDIATE", {})
            try:
                yield connection
                run(connection, "COMMIT", {})
            except BaseException:
                self._undo(connection)
                raise

    def dispose(self) -> None:
        """Close the connection, once it is not lent."""
        with self._turn:
            self._close()
        self._engine.dispose()

    def _undo(self, connection: sa.Connection) -> None:
        try:
            # Some errors, as that of a full disk, have ended the transaction already.
            _driver(connection).rollback()
        except (sqlite3.Error, exc.SQLAlchemyError):
            self._close()

    def _close(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()


def _driver(connection: sa.Connection) -> sqlite3.Connection:
    driver: sqlite3.Connection = connection.connection.dbapi_connection  # type: ignore[assignment]  # what it is on SQLite
    return driver


def _as_sqlalchemy(
    error: sqlite3.Error, connection: sa.Connection, sql: str
) -> BaseException:
    return exc.DBAPIError.instance(
        sql, None, error, sqlite3.Error, dialect=connection.dialect
    )
