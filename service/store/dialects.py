"""The seam between the store and its two databases.

All that is particular to one is in `sqlite` or `postgresql`, each a module of the shape
of `Backend`; the rest of the package runs the same on both.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import sqlalchemy as sa

from service.errors import SettingsError
from service.store import postgresql, sqlite


class Rows(Protocol):
    """What a statement gave; rows by the place of their columns."""

    @property
    def rowcount(self) -> int:
        """How many table rows were touched."""
        ...

    def __iter__(self) -> Iterator[Sequence[Any]]:
        """Give row after row."""
        ...

    def one_or_none(self) -> Sequence[Any] | None:
        """Give the row there is at most."""
        ...

    def scalar_one_or_none(self) -> Any:
        """Give the first column of the row there is at most."""
        ...


class Writer(Protocol):
    """Whoever lends connections for writing; an engine is one."""

    def begin(self) -> AbstractContextManager[sa.Connection]:
        """Lend a connection in a transaction, undone by any error inside."""
        ...

    def dispose(self) -> None:
        """Close what is not lent."""
        ...


class Backend(Protocol):
    """What a database has to bring."""

    @property
    def SETS_AS_VALUES(self) -> bool:  # noqa: N802  # a constant of the module
        """Whether many rows travel as one value, and many keys as an array."""
        ...

    def engines(self, url: sa.URL) -> tuple[sa.Engine, Writer]:
        """Give an engine for reading and the writer of an existing database.

        Raises:
            SettingsError: The URL names none.
        """
        ...

    def migrating_engine(self, url: sa.URL) -> sa.Engine:
        """Give an engine for changing the schema, in a new database too.

        Raises:
            SettingsError: The URL names none.
        """
        ...

    def run(
        self, connection: sa.Connection, sql: str, values: Mapping[str, Any]
    ) -> Rows:
        """Execute a statement in the driver's own form."""
        ...

    def run_all(
        self, connection: sa.Connection, sql: str, rows: Sequence[dict[str, Any]]
    ) -> int:
        """Execute it for each of `rows`; give how many table rows were touched."""
        ...

    def hold_schema(self, connection: sa.Connection) -> None:
        """Let no other process migrate until the end of the transaction."""
        ...

    def hold_name(self, connection: sa.Connection, name: str) -> None:
        """Let no other transaction hold `name` until the end of this one."""
        ...

    def now_ms(self, connection: sa.Connection, given_ms: int) -> int:
        """Give the time that every process on this database agrees on.

        Args:
            connection: To the database.
            given_ms: The time of the caller, taken where there is one machine only.
        """
        ...


_BACKENDS: dict[str, Backend] = {
    sqlite.BACKEND: sqlite,
    postgresql.BACKEND: postgresql,
}


def backend_of(bound: sa.Connection) -> Backend:
    """Give the backend a connection leads to."""
    return _BACKENDS[bound.dialect.name]


def backend_at(url: sa.URL) -> Backend:
    """Give the backend a URL asks for.

    Raises:
        SettingsError: There is no such backend.
    """
    found = _BACKENDS.get(url.get_backend_name())
    if found is None:
        message = "store_url must start with sqlite:/// or postgresql+psycopg://."
        raise SettingsError(message)
    return found
