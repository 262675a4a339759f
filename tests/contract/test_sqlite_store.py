import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from service.store import Store, migrate, open_store
from tests.contract.document_contract import DocumentContract
from tests.contract.leader_contract import LeaderContract
from tests.contract.store_contract import StoreContract
from tests.contract.store_machine import StoreMachine
from tests.contract.upkeep_contract import UpkeepContract


def open_new(folder: Path) -> Store:
    url = f"sqlite:///{folder}/docmill.sqlite3"
    migrate(url)
    return open_store(url)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_new(tmp_path)
    yield store
    store.close()


class TestSqliteDocuments(DocumentContract):
    pass


class TestSqliteStore(StoreContract):
    pass


class TestSqliteLeader(LeaderContract):
    pass


class TestSqliteUpkeep(UpkeepContract):
    pass


class SqliteStoreMachine(StoreMachine):
    def open_new(self) -> Store:
        self.folder = tempfile.TemporaryDirectory(prefix="docmill-machine-")
        return open_new(Path(self.folder.name))

    def teardown(self) -> None:
        super().teardown()
        self.folder.cleanup()


TestSqliteStoreMachine = SqliteStoreMachine.TestCase
TestSqliteStoreMachine.settings = settings(
    max_examples=30,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
