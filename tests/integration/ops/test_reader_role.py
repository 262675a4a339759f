"""The database role of batch workers, made as an operator makes it."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import errors

from service.store.roles import grant_reader
from tests.servers.fixtures import missing
from tests.servers.postgresql import PostgresqlServer

SCRIPT = Path(__file__).parents[3] / "k8s" / "reader-role.sql"
READER = "docmill_reader"


@pytest.fixture
def reader(
    postgresql_server: PostgresqlServer, postgresql_url: str
) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    if shutil.which("psql") is None:
        missing("postgresql")
    url = sa.make_url(postgresql_url).set(drivername="postgresql")
    address = url.render_as_string(hide_password=False)
    arguments = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
    done = subprocess.run(
        ["psql", *arguments, f"--file={SCRIPT}", address],
        env={"PATH": "/usr/bin:/bin", "READER_PASSWORD": "it's secret"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    database = str(url.database)
    postgresql_server.query("CREATE TABLE later (id int)", database=database)
    as_reader = url.set(username=READER)
    with psycopg.connect(as_reader.render_as_string(hide_password=False)) as opened:
        yield opened
    postgresql_server.query(f"DROP OWNED BY {READER}", database=database)
    postgresql_server.query(f"DROP ROLE {READER}", database=database)


def test_it_reads_every_table_and_writes_none(
    reader: psycopg.Connection[tuple[object, ...]],
) -> None:
    tables = reader.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    ).fetchall()
    names = {str(name) for (name,) in tables}
    assert {"jobs", "tasks", "documents", "later"} <= names
    for name in names:
        reader.execute(f'SELECT * FROM "{name}" LIMIT 1'.encode())
    reader.commit()
    for name in names:
        with pytest.raises(errors.InsufficientPrivilege):
            reader.execute(f'DELETE FROM "{name}"'.encode())
        reader.rollback()


def test_it_can_be_left_only_the_columns_that_batch_workers_read(
    postgresql_url: str, reader: psycopg.Connection[tuple[object, ...]]
) -> None:
    grant_reader(postgresql_url, READER)
    reader.execute("SELECT id, size_bytes FROM documents")
    reader.commit()
    for hidden in ("SELECT blob_key FROM documents", "SELECT steps FROM tasks"):
        with pytest.raises(errors.InsufficientPrivilege):
            reader.execute(hidden.encode())
        reader.rollback()
