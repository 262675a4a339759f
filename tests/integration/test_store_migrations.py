import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from service.domain.model import Counts, Job, Task
from service.errors import SettingsError
from service.store import migrate, open_store, schema

TABLES = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE ?"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "new" / "docmill.sqlite3"


@pytest.fixture
def engine(file: Path) -> Iterator[sa.Engine]:
    migrate(url_of(file))
    engine = sa.create_engine(url_of(file))
    yield engine
    engine.dispose()


def test_all_migrations_together_equal_the_schema(
    engine: sa.Engine, file: Path, tmp_path: Path
) -> None:
    assert engine.dialect.name == "sqlite"
    other = tmp_path / "schema.sqlite3"
    direct = sa.create_engine(url_of(other))
    schema.metadata.create_all(direct)
    direct.dispose()
    assert definitions(file) == definitions(other)


def test_downgrading_to_base_leaves_nothing(engine: sa.Engine, file: Path) -> None:
    config = scripts()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert definitions(file) == []
    migrate(url_of(file))
    open_store(url_of(file)).close()


def test_what_was_stored_before_keys_had_a_run_is_still_found(
    engine: sa.Engine,
) -> None:
    task = sa.text(
        'INSERT INTO tasks (id, job_id, owner, kind, "index", document_name, status,'
        " generation, cost_ms)"
        " VALUES (:id, 'j', 'o', :kind, :index, 'a', :status, 1, 1)"
    )
    config = scripts()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0003")
        for index, (kind, status) in enumerate(
            [("document", "COMPLETED"), ("document", "FAILED"), ("plan", "COMPLETED")]
        ):
            row = {"id": f"t{index}", "kind": kind, "index": index, "status": status}
            connection.execute(task, row)
        command.upgrade(config, "head")
        found = connection.scalars(
            sa.select(schema.tasks.c.outputs_key).order_by(schema.tasks.c.id)
        ).all()
    assert found == ["outputs/j/t0", None, None]


def test_the_newest_migration_is_the_one_the_store_asks_for() -> None:
    heads = ScriptDirectory.from_config(scripts()).get_heads()
    assert list(heads) == [schema.HEAD_REVISION]


def test_every_field_of_the_core_has_its_column() -> None:
    header = set(Job.__struct_fields__) - {"counts"} | set(Counts.__struct_fields__)
    beside = {"name", "labels", "retry_of"}
    assert set(schema.jobs.c.keys()) == header | beside
    result = {"result", "result_key", "result_bytes", "outputs_key"}
    beside = {"document_name"}
    assert set(schema.tasks.c.keys()) == set(Task.__struct_fields__) | result | beside


def test_migrating_again_changes_nothing(engine: sa.Engine, file: Path) -> None:
    with engine.begin() as connection:
        connection.execute(
            schema.leader.insert().values(id=1, epoch=7, holder="x", heartbeat_at=1)
        )
    migrate(url_of(file))
    with engine.connect() as connection:
        assert connection.scalar(sa.select(schema.leader.c.epoch)) == 7


def test_a_store_that_is_not_there_is_not_opened(file: Path) -> None:
    with pytest.raises(SettingsError, match="docmill migrate"):
        open_store(url_of(file))
    assert not file.exists()


def test_a_database_without_schema_is_not_opened(tmp_path: Path) -> None:
    file = tmp_path / "empty.sqlite3"
    file.touch()
    with pytest.raises(SettingsError, match="no schema"):
        open_store(url_of(file))


def test_a_store_of_another_version_is_not_opened(
    engine: sa.Engine, file: Path
) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SettingsError, match="9999"):
        open_store(url_of(file))
    with pytest.raises(SettingsError, match="newer Docmill"):
        migrate(url_of(file))


@pytest.mark.parametrize(
    "url", ["", "mysql://host/db", "sqlite://", "sqlite:///:memory:"]
)
def test_a_url_that_names_no_usable_database_is_refused(url: str) -> None:
    with pytest.raises(SettingsError):
        migrate(url)
    with pytest.raises(SettingsError):
        open_store(url)


def test_opening_a_migrated_store_does_not_load_alembic(
    engine: sa.Engine, file: Path
) -> None:
    assert engine.url.database == str(file)
    code = (
        "import sys; from service.clock import SystemClock;"
        "from service.store import migrate, open_store;"
        "migrate(sys.argv[1]); open_store(sys.argv[1]).close();"
        "sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, url_of(file)]).returncode == 0


def url_of(file: Path) -> str:
    return f"sqlite:///{file}"


def scripts() -> Config:
    config = Config()
    config.set_main_option("script_location", "service.store:migrations")
    return config


def definitions(file: Path) -> list[tuple[str, ...]]:
    """Give what the database says of its tables and indexes, in one spelling."""
    with sqlite3.connect(file) as connection:
        found = connection.execute(TABLES, ("alembic%",)).fetchall()
    connection.close()
    mine = [
        row for row in found if row[2] not in ("alembic_version", "sqlite_sequence")
    ]
    spelled = [tuple(" ".join(str(part).split()) for part in row) for row in mine]
    return sorted(spelled)
