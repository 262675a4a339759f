"""A private PostgreSQL server: own folder, own port, own passwords."""

import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from tools.stack.waiting import HOST, STOPS_S, free_port, wait_until, write_secret

INSTALLED: Final = Path("/usr/lib/postgresql")
OWNER: Final = "postgres"
"""Whom PostgreSQL runs as when we are root, which it refuses to run as."""
DATABASE: Final = "docmill"
READER: Final = "docmill_reader"
"""The user of batch workers: it may read and nothing else."""


def find_postgresql() -> Path | None:
    """Give the folder of the newest PostgreSQL's programs, if it is installed."""
    found = sorted(INSTALLED.glob("*/bin/postgres"), key=lambda p: float(p.parts[-3]))
    other = shutil.which("postgres")
    if found:
        return found[-1].parent
    return Path(other).parent if other else None


class Postgresql:
    """A PostgreSQL server with one database.

    Args:
        folder: For its data and log; PostgreSQL's user must be able to reach it.

    Raises:
        PermissionError: It is not.
    """

    def __init__(self, folder: Path) -> None:
        programs = find_postgresql()
        assert programs is not None, "PostgreSQL is not installed"
        self._programs = programs
        self._folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0 and (closed := _closed_to_others(folder)):
            raise PermissionError(
                f"{OWNER}, as whom PostgreSQL runs, may not enter {closed}: choose "
                "another folder"
            )

    @property
    def url(self) -> str:
        """The URL of who may change everything in the database."""
        return self._url(DATABASE, self._password(DATABASE))

    @property
    def reader_url(self) -> str:
        """The URL of who may only read."""
        return self._url(READER, self._password(READER))

    @property
    def log(self) -> Path:
        """What the server says."""
        return self._folder / "log"

    def start(self) -> None:
        """Start the server; returns once it answers."""
        if not (self._folder / "data").is_dir():
            self._make()
        command = [str(self._programs / "postgres"), "-D", str(self._folder / "data")]
        command += ["-p", str(self.port), "-k", str(self._folder)]
        command += ["-c", f"listen_addresses={HOST}", "-c", "max_connections=200"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is not for it
                **_credentials(),
            )
        wait_until(self._answers, "PostgreSQL")
        self._make_database()

    def stop(self) -> None:
        """Stop it at once, ending every session; committed rows stay."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGINT)
            process.wait(STOPS_S)

    def allow_reading(self) -> None:
        """Let the reader see the tables; once they are there."""
        with self._connect(DATABASE) as connection:
            for statement in (
                "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader}",
                "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {reader}",
            ):
                connection.execute(
                    sql.SQL(statement).format(reader=sql.Identifier(READER))
                )

    def _make(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for user in (DATABASE, READER):
            write_secret(self._folder / f"password-{user}", secrets.token_urlsafe(12))
        if os.geteuid() == 0:
            shutil.chown(self._folder, OWNER, OWNER)
            shutil.chown(self._folder / f"password-{DATABASE}", OWNER)
        command = [str(self._programs / "initdb"), "-D", str(self._folder / "data")]
        command += ["-U", DATABASE, "--auth=scram-sha-256", "-E", "UTF8"]
        command += ["--locale=C.UTF-8", "-N"]
        command += [f"--pwfile={self._folder}/password-{DATABASE}"]
        subprocess.run(command, check=True, capture_output=True, **_credentials())

    def _make_database(self) -> None:
        with self._connect("postgres") as connection:
            found = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone()
            if found:
                return
            connection.execute(
                sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE))
            )
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                    sql.Identifier(READER), sql.Literal(self._password(READER))
                )
            )

    def _connect(self, database: str) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(
            host=HOST,
            port=self.port,
            user=DATABASE,
            password=self._password(DATABASE),
            dbname=database,
            autocommit=True,
        )

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(self.log.read_text(errors="replace")[-4000:])
        try:
            self._connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _password(self, user: str) -> str:
        return (self._folder / f"password-{user}").read_text()

    def _url(self, user: str, password: str) -> str:
        place = f"{HOST}:{self.port}/{DATABASE}"
        return f"postgresql+psycopg://{user}:{password}@{place}"


def _credentials() -> dict[str, Any]:
    """Give how a program is started as PostgreSQL's user, where we are root."""
    if os.geteuid() != 0:
        return {"cwd": "/"}
    entry = pwd.getpwnam(OWNER)
    return {
        "user": entry.pw_uid,
        "group": entry.pw_gid,
        "extra_groups": [],
        "cwd": "/",
    }


def _closed_to_others(folder: Path) -> Path | None:
    for each in reversed(folder.absolute().parents):
        if each.exists() and not each.stat().st_mode & stat.S_IXOTH:
            return each
    return None
