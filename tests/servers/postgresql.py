"""A private PostgreSQL server: own folder, own port, own databases."""

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql

from service.store import migrate
from tests.support import eventually
from tools.stack.waiting import free_port

URL_VARIABLE = "DOCMILL_TEST_POSTGRESQL_URL"
"""Names a server to use instead; its user must be allowed to create databases."""

_INSTALLED = Path("/usr/lib/postgresql")
_OWNER = "postgres"
"""Whom the server runs as when we are root, which it refuses to run as."""
_USER = "docmill"
_TEMPLATE = "docmill_template"
_LOCALE = ("--locale-provider=icu", "--icu-locale=en-US")
"""One that sorts unlike Python, so that tests would show what leaves it to chance."""
_numbers = itertools.count(1)


class PostgresqlServer:
    """A running server, and databases of a migrated schema on it.

    Args:
        url: Of a database on it, for `postgresql+psycopg`.
        folder: Where a server of our own lies; None for one that is only used.
    """

    def __init__(self, url: str, *, folder: Path | None = None) -> None:
        self._url = sa.make_url(url)
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._made: list[str] = []

    @property
    def own(self) -> bool:
        """Whether it may be stopped and started."""
        return self._folder is not None

    def start(self) -> None:
        """Start a server of our own; returns once it answers."""
        assert self._folder is not None
        command = [_binary("postgres"), "-D", str(self._folder / "data")]
        command += ["-p", str(self._url.port), "-k", str(self._folder)]
        command += ["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"]
        command += ["-c", "fsync=off"]  # the machine outlives it
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, **_credentials()
            )
        eventually(self._answers, timeout_s=60)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End every session and stop; committed rows stay.

        Args:
            how: SIGINT writes everything down first, SIGQUIT is like a power cut.
        """
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(60)
            self._process = None

    def query(
        self, statement: str, *values: object, database: str = "postgres"
    ) -> list[tuple[Any, ...]]:
        """Run one statement as the administrator, outside of any transaction."""
        with self._connect(database) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def end_sessions(self, url: str) -> int:
        """End every session of a database, as a failing network would."""
        found = self.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> pg_backend_pid()",
            sa.make_url(url).database,
        )
        return len(found)

    def make_database(self, *, migrated: bool = True) -> str:
        """Make a database of its own for a test and give its URL."""
        name = f"docmill_{os.getpid()}_{next(_numbers)}"
        self._create(name, self._template() if migrated else "template0")
        return self._url_of(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        with self._connect("postgres") as connection:
            connection.execute(statement.format(sql.Identifier(name)))
        self._made.remove(name)

    def drop_databases(self, *, but_template: bool = False) -> None:
        """Remove what was made."""
        for name in list(self._made):
            if not (but_template and name.startswith(_TEMPLATE)):
                self.drop_database(name)

    def _template(self) -> str:
        name = f"{_TEMPLATE}_{os.getpid()}"
        if name not in self._made:
            self._create(name, "template0")
            migrate(self._url_of(name))
        return name

    def _create(self, name: str, template: str) -> None:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
        with self._connect("postgres") as connection:
            connection.execute(statement)
        self._made.append(name)

    def _url_of(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _connect(self, database: str) -> psycopg.Connection[tuple[Any, ...]]:
        url = self._url.set(drivername="postgresql", database=database)
        return psycopg.connect(
            url.render_as_string(hide_password=False), autocommit=True
        )

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._folder is not None
        if self._process.poll() is not None:
            raise RuntimeError((self._folder / "log").read_text())
        try:
            self.query("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


def installed() -> bool:
    """Whether a server can be started here."""
    return _find("postgres") is not None


def dump_schema(url: str) -> str:
    """Give the statements that would make a database's tables."""
    plain = sa.make_url(url).set(drivername="postgresql")
    command = [_binary("pg_dump"), "--schema-only", "--no-owner", "--dbname"]
    command.append(plain.render_as_string(hide_password=False))
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@contextmanager
def private_postgresql() -> Iterator[PostgresqlServer]:
    """Start a server of our own and remove every trace of it at the end."""
    with tempfile.TemporaryDirectory(prefix="docmill-postgresql-") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            shutil.chown(folder, _OWNER)
        command = [_binary("initdb"), "-D", str(folder / "data"), "-U", _USER]
        command += ["--auth=trust", "-N", "-E", "UTF8", *_LOCALE]
        subprocess.run(command, check=True, capture_output=True, **_credentials())
        url = f"postgresql+psycopg://{_USER}@127.0.0.1:{free_port()}/postgres"
        server = PostgresqlServer(url, folder=folder)
        try:
            server.start()
            yield server
        finally:
            server.stop(signal.SIGQUIT)


def _credentials() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {"cwd": "/"}
    entry = pwd.getpwnam(_OWNER)
    return {
        "user": entry.pw_uid,
        "group": entry.pw_gid,
        "extra_groups": [],
        "cwd": "/",
    }


def _find(name: str) -> str | None:
    found = sorted(
        _INSTALLED.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3])
    )
    return str(found[-1]) if found else shutil.which(name)


def _binary(name: str) -> str:
    found = _find(name)
    assert found is not None, f"{name} is not installed"
    return found
