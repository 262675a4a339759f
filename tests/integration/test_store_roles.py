"""A role for batch workers that reads what planning needs and can do nothing else."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from service.domain.model import LOCAL_OWNER
from service.errors import SettingsError
from service.store import migrate, open_store, schema
from service.store.roles import grant_reader
from tests.contract.steps import submit
from tests.factories import NOW, make_document
from tests.servers.postgresql import PostgresqlServer

ROLE = "docmill batch reader"


@pytest.fixture
def reader_url(
    postgresql_server: PostgresqlServer, postgresql_url: str
) -> Iterator[str]:
    """The database as the role sees it."""
    postgresql_server.query(f"CREATE ROLE \"{ROLE}\" LOGIN PASSWORD 'x y'")
    url = sa.make_url(postgresql_url).set(username=ROLE, password="x y")
    yield url.render_as_string(hide_password=False)
    postgresql_server.drop_databases(but_template=True)
    postgresql_server.query(f'DROP ROLE "{ROLE}"')


def test_the_reader_plans_jobs(postgresql_url: str, reader_url: str) -> None:
    owner = open_store(postgresql_url)
    job = submit(owner, documents=2)
    grant_reader(postgresql_url, ROLE)
    grant_reader(postgresql_url, ROLE)
    reader = open_store(reader_url)
    assert reader.healthy()
    assert reader.job(LOCAL_OWNER, job.id).job == job
    assert len(reader.planning_rows(job.id, after_index=-1, limit=9)) == 2
    assert reader.durations(job.type) == ()
    assert reader.document_results(job.id, after_index=-1, limit=9) == ((), -1)
    for refused in (
        lambda: reader.add_documents([make_document()]),
        lambda: reader.add_command(LOCAL_OWNER, job.id, "cancel", NOW),
        lambda: reader.acquire_lease("me", now=NOW, force=True),
        lambda: reader.documents(LOCAL_OWNER, page_size=1),
        lambda: reader.tasks(LOCAL_OWNER, job.id, page_size=1),
    ):
        with pytest.raises(ProgrammingError, match="permission denied"):
            refused()
    reader.close()
    owner.close()


def test_the_reader_cannot_touch_any_table(
    postgresql_url: str, reader_url: str
) -> None:
    grant_reader(postgresql_url, ROLE)
    tables = [*schema.metadata.tables, "alembic_version"]
    url = sa.make_url(reader_url)
    with psycopg.connect(
        host=url.host,
        port=url.port,
        dbname=url.database,
        user=url.username,
        password=str(url.password),
        autocommit=True,
    ) as connection:
        for table in tables:
            for statement in (
                f"DELETE FROM {table}",
                f"TRUNCATE {table}",
                f"INSERT INTO {table} DEFAULT VALUES",
                f"ALTER TABLE {table} ADD COLUMN mine text",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement.encode())
        for hidden in (
            "SELECT document_name FROM tasks",
            "SELECT blob_key FROM documents",
            "SELECT * FROM idempotency_keys",
            "SELECT * FROM job_events",
            "CREATE TABLE mine (x int)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(hidden.encode())


def test_what_was_granted_before_is_taken_back(
    postgresql_server: PostgresqlServer, postgresql_url: str, reader_url: str
) -> None:
    database = sa.make_url(postgresql_url).database
    assert database is not None
    postgresql_server.query(
        f'GRANT UPDATE ON jobs, tasks TO "{ROLE}"', database=database
    )
    grant_reader(postgresql_url, ROLE)
    found = postgresql_server.query(
        "SELECT privilege_type FROM information_schema.role_table_grants"
        " WHERE grantee = %s AND table_name IN ('jobs', 'tasks')",
        ROLE,
        database=database,
    )
    assert found == []
    assert reader_url


def test_a_role_that_is_not_there_is_a_settings_problem(postgresql_url: str) -> None:
    with pytest.raises(SettingsError, match="no role nobody"):
        grant_reader(postgresql_url, "nobody")


def test_sqlite_has_no_roles(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/docmill.sqlite3"
    migrate(url)
    with pytest.raises(SettingsError, match="no roles"):
        grant_reader(url, ROLE)
