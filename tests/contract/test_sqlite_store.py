import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from service.store import Store, migrate, open_store
from tests.contract.document_contract import DocumentContract
from tests.contract.leader_contract import LeaderContract
from tests.contract.store_contract import StoreContract
from tests.contract.store_machine import StoreMachine
from tests.contract.upkeep_contract import Passing, UpkeepContract
from tests.factories import NOW
from tests.support import ManualClock

pytestmark = pytest.mark.timeout(180)  # the machines do as much as all others


def open_new(folder: Path) -> Store:
    url = f"sqlite:///{folder}/docmill.sqlite3"
    migrate(url)
    return open_store(url)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_new(tmp_path)
    yield store
    store.close()


@pytest.fixture
def passing() -> Passing:
    clock = ManualClock()

    def passing(seconds: float) -> datetime:
        clock.advance(seconds)
        return clock.now()

    return passing


class TestSqliteDocuments(DocumentContract):
    pass


class TestSqliteStore(StoreContract):
    pass


class TestSqliteLeader(LeaderContract):
    pass


class TestSqliteUpkeep(UpkeepContract):
    def test_a_lease_goes_by_the_time_that_is_given(self, store: Store) -> None:
        store.acquire_lease("one", now=NOW)
        second = store.acquire_lease("two", now=NOW, force=True)
        assert second.previous_heartbeat == NOW


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
