"""The seam between the store and its two databases.

All that is particular to one is in `sqlite` or `postgresql`, each a module of the shape
of `Backend`; the rest of the package runs the same on both.
"""

from contextlib import AbstractContextManager
from typing import Protocol

import sqlalchemy as sa

from service.errors import SettingsError
from service.store import postgresql, sqlite


class Backend(Protocol):
    """What a database has to bring."""

    @property
    def SETS_AS_VALUES(self) -> bool:  # noqa: N802  # a constant of the module
        """Whether many rows or keys travel as one value, or as one each."""
        ...

    def engines(self, url: sa.URL) -> tuple[sa.Engine, sa.Engine]:
        """Give an engine for reading and one for writing an existing database.

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

    def writers_turn(self) -> AbstractContextManager[object]:
        """Give what the writing transactions of one process take turns by."""
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
