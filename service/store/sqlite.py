"""What is particular to SQLite: pragmas, transactions, pools. Nothing else may know.

WAL lets readers go on while one connection writes; `synchronous=FULL` makes a commit
survive a power cut (https://sqlite.org/pragma.html#pragma_synchronous).
"""

from pathlib import Path
from sqlite3 import Connection as DriverConnection
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from service.errors import SettingsError
from service.store.sqlite_driver import OneWriter, run, run_all

__all__ = [
    "BACKEND",
    "SETS_AS_VALUES",
    "engines",
    "hold_name",
    "hold_schema",
    "migrating_engine",
    "now_ms",
    "run",
    "run_all",
]

BACKEND = "sqlite"
SETS_AS_VALUES = False

_BUSY_TIMEOUT_S = 5.0
"""How long to wait for another process's writer, unless the URL says `?timeout=…`."""
_READERS_KEPT = 8
_READERS_MAX = 64
_COMMON = ("PRAGMA temp_store = MEMORY",)
_READING = (*_COMMON, "PRAGMA query_only = ON")
_WRITING = (
    *_COMMON,
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -16000",
    "PRAGMA journal_size_limit = 67108864",
)


def engines(url: sa.URL) -> tuple[sa.Engine, OneWriter]:
    """Give an engine for reading and the one writer of an existing database file.

    Raises:
        SettingsError: The URL names no file, or there is none.
    """
    path = _file(url)
    if not path.is_file():
        raise SettingsError(f"There is no database at {path}: run docmill migrate.")
    reader = _engine(
        url,
        _READING,
        # Each statement is a transaction, so there is none to begin or to undo.
        isolation_level="AUTOCOMMIT",
        pool_reset_on_return=None,
        pool_size=_READERS_KEPT,
        max_overflow=_READERS_MAX - _READERS_KEPT,
    )
    return reader, OneWriter(_engine(url, _WRITING, isolation_level="AUTOCOMMIT"))


def migrating_engine(url: sa.URL) -> sa.Engine:
    """Give an engine that creates the file, and its folder, if need be.

    Raises:
        SettingsError: The URL names no file.
    """
    _file(url).parent.mkdir(parents=True, exist_ok=True)
    engine = _engine(url, _WRITING, pool_size=1, max_overflow=0)

    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "begin", begin)
    return engine


def hold_schema(connection: sa.Connection) -> None:
    """Do nothing: the transaction began with the only write lock there is."""


def hold_name(connection: sa.Connection, name: str) -> None:
    """Do nothing: the transaction began with the only write lock there is."""


def now_ms(connection: sa.Connection, given_ms: int) -> int:
    """Give the caller's time: all processes on this file are on one machine."""
    del connection
    return given_ms


def _file(url: sa.URL) -> Path:
    """Give the database file.

    Raises:
        SettingsError: The URL names none; a database in memory has one connection and
            forgets everything.
    """
    if not url.database or url.database == ":memory:":
        raise SettingsError("store_url must name a file: sqlite:///<path>.")
    return Path(url.database)


def _engine(url: sa.URL, pragmas: tuple[str, ...], **options: Any) -> sa.Engine:
    patient = url.update_query_dict({"timeout": str(_BUSY_TIMEOUT_S), **url.query})
    engine = sa.create_engine(
        patient,
        paramstyle="named",
        poolclass=sa.QueuePool,
        connect_args={"check_same_thread": False},
        **options,
    )

    def connect(connection: DriverConnection, _record: object) -> None:
        # The driver must not begin transactions by itself.
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(pragma)

    event.listen(engine, "connect", connect)
    return engine
