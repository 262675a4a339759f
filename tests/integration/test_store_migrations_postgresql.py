"""The migrations on PostgreSQL: whole, backwards, and from two processes at once."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic import command

from service.errors import SettingsError
from service.store import migrate, open_store, schema
from tests.integration.test_store_migrations import scripts
from tests.servers.postgresql import PostgresqlServer, dump_schema

MIGRATE = "import sys; from service.store import migrate; migrate(sys.argv[1])"
ASIDE = re.compile(r"alembic_version|^(--|SET|SELECT|\\(un)?restrict)")


@pytest.fixture
def empty(postgresql_server: PostgresqlServer) -> Iterator[str]:
    """A database without a schema."""
    yield postgresql_server.make_database(migrated=False)
    postgresql_server.drop_databases(but_template=True)


def definitions(url: str) -> list[str]:
    """Give what makes the tables, statement by statement, without Alembic's own."""
    lines = [line for line in dump_schema(url).splitlines() if not ASIDE.match(line)]
    statements = "\n".join(lines).split(";\n")
    kept = (statement.strip() for statement in statements)
    return sorted(one for one in kept if one and "alembic_version" not in one)


def test_all_migrations_together_equal_the_schema(
    postgresql_url: str, empty: str
) -> None:
    engine = sa.create_engine(empty)
    schema.metadata.create_all(engine)
    engine.dispose()
    migrated = definitions(postgresql_url)
    assert migrated == definitions(empty)
    assert len([one for one in migrated if one.startswith("CREATE TABLE")]) == len(
        schema.metadata.tables
    )


def test_every_step_can_be_undone_and_done_again(empty: str) -> None:
    before = definitions(empty)
    migrate(empty)
    after = definitions(empty)
    config = scripts()
    for target in ("-1", "base"):
        engine = sa.create_engine(empty)
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, target)
        engine.dispose()
    assert definitions(empty) == before
    with pytest.raises(SettingsError, match="docmill migrate"):
        open_store(empty)
    migrate(empty)
    assert definitions(empty) == after
    open_store(empty).close()


def test_two_processes_may_migrate_at_once(empty: str) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", MIGRATE, empty]) for _ in range(3)
    ]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    open_store(empty).close()


def test_migrating_again_changes_nothing(postgresql_url: str) -> None:
    store = open_store(postgresql_url)
    before = definitions(postgresql_url)
    migrate(postgresql_url)
    assert definitions(postgresql_url) == before
    assert store.healthy()
    store.close()


def test_a_store_of_another_version_is_not_opened(
    postgresql_server: PostgresqlServer, postgresql_url: str
) -> None:
    postgresql_server.query(
        "UPDATE alembic_version SET version_num = '9999'",
        database=str(sa.make_url(postgresql_url).database),
    )
    with pytest.raises(SettingsError, match="9999"):
        open_store(postgresql_url)
