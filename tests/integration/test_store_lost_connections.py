"""A database that goes away amid everything, and comes back."""

import socket
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from service.domain.model import LOCAL_OWNER
from service.errors import StaleStateError, TransientError
from service.store import Store, open_store
from service.store.database import Database
from service.store.rows import Changes
from tests.contract.steps import commit, lead, moved, submit
from tests.factories import NOW, make_document, make_documents, make_new_job
from tests.integration.cutting_proxy import CuttingProxy, cutting_proxy
from tests.servers.postgresql import PostgresqlServer

ME = LOCAL_OWNER
COMMIT = b"COMMIT\0"
"""The whole statement: transactions begin as READ COMMITTED."""


@pytest.fixture
def store(postgresql_url: str) -> Iterator[Store]:
    store = open_store(postgresql_url)
    yield store
    store.close()


@pytest.fixture
def proxy(postgresql_url: str) -> Iterator[CuttingProxy]:
    url = sa.make_url(postgresql_url)
    assert url.host is not None
    assert url.port is not None
    with cutting_proxy(url.host, url.port) as proxy:
        yield proxy


@pytest.fixture
def behind(proxy: CuttingProxy, postgresql_url: str) -> Iterator[Store]:
    """The store as seen through the proxy."""
    url = sa.make_url(postgresql_url).set(host="127.0.0.1", port=proxy.port)
    store = open_store(url.render_as_string(hide_password=False))
    yield store
    store.close()


def test_ended_sessions_are_replaced_unnoticed(
    store: Store, postgresql_server: PostgresqlServer, postgresql_url: str
) -> None:
    job = submit(store)
    assert postgresql_server.end_sessions(postgresql_url) > 0
    assert store.job(ME, job.id).job == job
    assert postgresql_server.end_sessions(postgresql_url) > 0
    store.add_documents([make_document()])


def test_a_session_ended_amid_a_transaction_is_a_passing_trouble(
    store: Store, postgresql_server: PostgresqlServer, postgresql_url: str
) -> None:
    job = submit(store)
    epoch = lead(store)

    def commit_interrupted(*, by_reading: bool) -> None:
        with store.leading(epoch) as tx:
            tx.apply(Changes(jobs=(moved(job, ()),)))
            postgresql_server.end_sessions(postgresql_url)
            if by_reading:
                tx.last_position()

    for by_reading in (True, False):
        with pytest.raises(TransientError) as failed:
            commit_interrupted(by_reading=by_reading)
        assert failed.value.code == "store_unavailable"
    assert store.job(ME, job.id).job == job
    assert commit(store, epoch, job).version == 1


def test_a_restarted_server_is_found_again(
    store: Store, postgresql_server: PostgresqlServer
) -> None:
    if not postgresql_server.own:
        pytest.skip("the server is not ours to stop")
    job = submit(store)
    epoch = lead(store)
    postgresql_server.stop()
    try:
        for ask in (
            lambda: store.job(ME, job.id),
            lambda: store.add_documents([make_document()]),
            lambda: store.acquire_lease("me", now=NOW),
            lambda: store.renew_lease(epoch, NOW),
        ):
            with pytest.raises(TransientError) as failed:
                ask()
            assert failed.value.code == "store_unavailable"
            assert failed.value.retry_after_s == 1.0
            assert "127.0.0.1" not in failed.value.message
        assert not store.healthy()
    finally:
        postgresql_server.start()
    assert store.healthy()
    assert store.job(ME, job.id).job == job
    assert commit(store, epoch, job).version == 1


def test_a_server_that_accepts_and_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(TransientError) as failed:  # of itself it waits for ever
            open_store(
                f"postgresql+psycopg://docmill@127.0.0.1:{port}/docmill"
                "?connect_timeout=2"
            )
    assert failed.value.code == "store_unavailable"


def test_a_statement_that_takes_too_long_is_a_passing_trouble(
    postgresql_url: str,
) -> None:
    hasty = sa.make_url(postgresql_url).update_query_dict(
        {"options": "-c statement_timeout=50"}
    )
    database = Database(hasty.render_as_string(hide_password=False))
    with pytest.raises(TransientError), database.read() as connection:
        connection.execute(sa.text("SELECT pg_sleep(9)"))
    database.close()


def test_a_submission_whose_answer_was_lost_is_found_by_its_key(
    behind: Store, proxy: CuttingProxy
) -> None:
    documents = make_documents(3)
    new = make_new_job(documents, idempotency_key="k")
    proxy.cut_at(COMMIT)
    with pytest.raises(TransientError) as failed:
        behind.create_job(new, documents)
    assert failed.value.code == "store_unavailable"
    assert proxy.cuts == 1
    again = make_new_job(documents, idempotency_key="k")
    created = behind.create_job(again, documents)
    assert (created.job_id, created.replayed) == (new.job.id, True)


def test_a_commit_of_the_leader_whose_answer_was_lost_is_seen_when_read_again(
    behind: Store, proxy: CuttingProxy
) -> None:
    job = submit(behind)
    epoch = lead(behind)
    proxy.cut_at(COMMIT)
    with pytest.raises(TransientError):
        commit(behind, epoch, job)
    assert proxy.cuts == 1
    with pytest.raises(StaleStateError):
        commit(behind, epoch, job)
    with behind.leading(epoch) as tx:
        seen = tx.jobs([job.id])[job.id]
    assert seen.version == 1
    assert commit(behind, epoch, seen).version == 2


def test_a_commit_that_never_arrived_changed_nothing(
    behind: Store, proxy: CuttingProxy
) -> None:
    job = submit(behind)
    epoch = lead(behind)
    proxy.cut_at(b"UPDATE jobs")
    with pytest.raises(TransientError):
        commit(behind, epoch, job)
    assert proxy.cuts == 1
    assert behind.job(ME, job.id).job == job
    assert commit(behind, epoch, job).version == 1
