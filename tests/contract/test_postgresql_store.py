from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings

from service.clock import SystemClock
from service.store import Store, open_store
from tests.contract.document_contract import DocumentContract
from tests.contract.leader_contract import LeaderContract
from tests.contract.store_contract import StoreContract
from tests.contract.store_machine import StoreMachine
from tests.contract.upkeep_contract import Passing, UpkeepContract
from tests.factories import NOW
from tests.servers.postgresql import PostgresqlServer

pytestmark = pytest.mark.timeout(180)  # the machines do as much as all others


@pytest.fixture
def store(postgresql_url: str) -> Iterator[Store]:
    store = open_store(postgresql_url)
    yield store
    store.close()


@pytest.fixture
def passing(postgresql_server: PostgresqlServer, postgresql_url: str) -> Passing:
    """The database has a clock of its own, so the lease is made older instead."""
    database = sa.make_url(postgresql_url).database
    assert database is not None

    def passing(seconds: float) -> datetime:
        postgresql_server.query(
            "UPDATE leader SET heartbeat_at = heartbeat_at - %s",
            int(seconds * 1_000),
            database=database,
        )
        return NOW

    return passing


class TestPostgresqlDocuments(DocumentContract):
    pass


class TestPostgresqlStore(StoreContract):
    pass


class TestPostgresqlLeader(LeaderContract):
    pass


class TestPostgresqlUpkeep(UpkeepContract):
    def test_a_lease_goes_by_the_clock_of_the_database(self, store: Store) -> None:
        early = datetime(2001, 1, 1, tzinfo=UTC)
        lease = store.acquire_lease("one", now=early)
        store.renew_lease(lease.epoch, early)
        second = store.acquire_lease("two", now=early, force=True)
        assert second.previous_heartbeat is not None
        off = abs(second.previous_heartbeat - SystemClock().now())
        assert off < timedelta(seconds=5)


class PostgresqlStoreMachine(StoreMachine):
    server: ClassVar[PostgresqlServer]

    def open_new(self) -> Store:
        return open_store(self.server.make_database())


@pytest.fixture(scope="module", autouse=True)
def server_of_the_machine(postgresql_server: PostgresqlServer) -> None:
    PostgresqlStoreMachine.server = postgresql_server


TestPostgresqlStoreMachine = PostgresqlStoreMachine.TestCase
TestPostgresqlStoreMachine.settings = settings(
    max_examples=15,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
