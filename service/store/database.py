"""Connections: how they are locked and given back, and what their errors mean."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from service.errors import InvalidRequestError, SettingsError, TransientError
from service.store.dialects import Rows, backend_at, backend_of

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
        parsed = parse(url)
        self.backend = backend_at(parsed)
        self._reader, self._writer = self.backend.engines(parsed)

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
        """Lend a writing connection inside a transaction of its own.

        May wait for other writers, so it must not be entered again by a thread that is
        inside. Commits at the end; any error rolls everything back.

        Raises:
            TransientError: The database does not answer. Nothing was written, unless
                the connection was lost amid the commit: then nobody knows.
        """
        with translated(), self._writer.begin() as connection:
            yield connection

    def revision(self) -> str | None:
        """Give the schema's migration, or None when there is no schema.

        Raises:
            TransientError: The database does not answer; says why.
        """
        with translated(say_why=True), self._reader.connect() as connection:
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

    def run(self, connection: sa.Connection, values: Mapping[str, Any]) -> Rows:
        """Execute once."""
        sql, constants = self._on(connection.dialect)
        bound = {**constants, **values} if constants else values
        return backend_of(connection).run(connection, sql, bound)

    def run_all(self, connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> int:
        """Execute for each of `rows` and give how many table rows were touched."""
        sql, constants = self._on(connection.dialect)
        bound = [{**constants, **row} for row in rows] if constants else list(rows)
        return backend_of(connection).run_all(connection, sql, bound)

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
def translated(*, say_why: bool = False) -> Iterator[None]:
    """Turn the driver's trouble with the database itself into a TransientError.

    Args:
        say_why: Add what the driver said, for people who run the service only: it may
            name hosts and files.

    Raises:
        InvalidRequestError: A value is none the database can hold.
    """
    try:
        yield
    except exc.DataError as error:
        message = "A text holds characters that cannot be stored."
        raise InvalidRequestError(message) from error
    except exc.DBAPIError as error:
        if not _passing(error):
            raise
        raise _unavailable(error.orig if say_why else None) from error
    except exc.TimeoutError as error:
        raise _unavailable(None) from error


def _passing(error: exc.DBAPIError) -> bool:
    """Whether it lies in the database; its other kinds say a statement is wrong.

    A full disk or a lock is Operational, a damaged file is plain DatabaseError, a
    server that ended the session or became a standby is Internal.
    """
    known = (exc.OperationalError, exc.InterfaceError, exc.InternalError)
    return (
        error.connection_invalidated
        or isinstance(error, known)
        or type(error) is exc.DatabaseError
    )


def _unavailable(cause: BaseException | None) -> TransientError:
    lines = str(cause).splitlines() if cause is not None else []
    message = "The database does not answer" + (f": {lines[0]}" if lines else ".")
    return TransientError(message, code="store_unavailable", retry_after_s=1.0)


def parse(url: str) -> sa.URL:
    """Read a database URL.

    Raises:
        SettingsError: It is none.
    """
    try:
        return sa.make_url(url)
    except exc.ArgumentError as error:
        raise SettingsError("store_url is not a database URL.") from error


def revision_of(connection: sa.Connection) -> str | None:
    """Give the schema's migration, or None when there is no schema."""
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.scalar(_VERSION)
