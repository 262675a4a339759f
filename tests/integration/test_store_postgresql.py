"""Locks between processes, which SQLite's one write lock makes unnecessary there."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from service.domain.model import LOCAL_OWNER, JobId
from service.errors import (
    ConflictError,
    DocmillError,
    InvalidRequestError,
    LeadershipLostError,
    SettingsError,
    TransientError,
)
from service.store import Store, migrate, open_store
from service.store.database import Database
from service.store.rows import Changes
from tests.contract.steps import commit, lead, moved, submit
from tests.factories import NOW, make_document, make_new_job
from tests.servers.postgresql import PostgresqlServer
from tests.support import eventually

ME = LOCAL_OWNER
ROUNDS = 25


@pytest.fixture
def store(postgresql_url: str) -> Iterator[Store]:
    store = open_store(postgresql_url)
    yield store
    store.close()


@pytest.fixture
def other(postgresql_url: str) -> Iterator[Store]:
    """A second process, as far as locks go."""
    store = open_store(postgresql_url)
    yield store
    store.close()


def impatient(url: str, **parameters: int) -> str:
    """Give the URL with shorter limits, in milliseconds."""
    options = " ".join(f"-c {name}={value}" for name, value in parameters.items())
    parsed = sa.make_url(url).update_query_dict({"options": options})
    return parsed.render_as_string(hide_password=False)


def test_the_same_key_makes_one_job_whichever_gateway_is_asked(
    store: Store, other: Store
) -> None:
    together = threading.Barrier(8)

    def create(number: int) -> tuple[JobId, bool]:
        document = make_document()
        new = make_new_job([document], idempotency_key="k", request_hash="same")
        together.wait()
        gateway = (store, other)[number % 2]
        created = gateway.create_job(new, [document])
        return created.job_id, created.replayed

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(create, range(8)))
    assert len({job_id for job_id, _ in made}) == 1
    assert [replayed for _, replayed in made].count(False) == 1
    assert len(store.jobs(ME, page_size=9).items) == 1
    assert len(store.documents(ME, page_size=9).items) == 1
    with pytest.raises(ConflictError) as refused:
        store.create_job(make_new_job([], idempotency_key="k", request_hash="other"))
    assert refused.value.code == "idempotency_key_reused"


def test_a_document_is_deleted_or_submitted_but_never_both(
    store: Store, other: Store
) -> None:
    for _ in range(ROUNDS):
        document = make_document()
        store.add_documents([document])
        new = make_new_job([document])
        ends = side_by_side(
            partial(store.create_job, new),
            partial(other.delete_document, ME, document.id),
        )
        assert ends in (["done", "document_in_use"], ["documents_not_found", "done"])


def test_a_document_is_forgotten_or_submitted_but_never_both(
    store: Store, other: Store
) -> None:
    epoch = lead(other)

    def forget() -> None:
        with other.leading(epoch) as tx:
            tx.remove_expired(ended_before=NOW + timedelta(days=1), limit=9)

    for _ in range(ROUNDS):
        document = make_document()
        store.add_documents([document])
        new = make_new_job([document])
        created, _ = side_by_side(partial(store.create_job, new), forget)
        kept = store.known_documents(ME, [document.id]) == {document.id}
        assert kept == (created == "done")
        forget()  # nothing but what was looked at too early


def side_by_side(*acts: Callable[[], object]) -> list[str]:
    """Call all at once and say how each ended."""
    together = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        together.wait()
        try:
            act()
        except DocmillError as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_a_new_leader_waits_for_the_commit_of_the_old_one(
    store: Store, other: Store
) -> None:
    job = submit(store)
    old = lead(store)
    with ThreadPoolExecutor(1) as pool:
        with store.leading(old) as tx:
            taking = pool.submit(lead, other)
            eventually(lambda: waiting_for_locks(store) == 1)
            tx.apply(Changes(jobs=(moved(job, ()),)))
            # Writes the leader's row, which the other one waits for.
            tx.remove_expired(ended_before=NOW, limit=1)
            assert not taking.done()
        new = taking.result()
    with other.leading(new) as tx:
        assert tx.jobs([job.id])[job.id].version == 1
    with pytest.raises(LeadershipLostError), store.leading(old):
        pass


def test_a_leader_that_stopped_amid_a_transaction_changes_nothing_when_revived(
    store: Store, postgresql_url: str
) -> None:
    limit_ms = 300
    paused = open_store(
        impatient(postgresql_url, idle_in_transaction_session_timeout=limit_ms)
    )
    job = submit(paused)
    old = lead(paused)
    epochs: list[int] = []

    def stop_and_go_on() -> None:
        with paused.leading(old) as tx:
            tx.apply(Changes(jobs=(moved(job, ()),)))
            # Nothing more is heard of it, so the server frees what it holds.
            epochs.append(lead(store))
            tx.apply(Changes(jobs=(moved(moved(job, ()), ()),)))

    with pytest.raises(TransientError) as failed:
        stop_and_go_on()
    assert failed.value.code == "store_unavailable"
    (new,) = epochs
    assert store.job(ME, job.id).job.version == 0
    with pytest.raises(LeadershipLostError), paused.leading(old):
        pass
    with pytest.raises(LeadershipLostError):
        paused.renew_lease(old, NOW)
    assert commit(store, new, job).version == 1
    paused.close()


def test_taking_over_gives_up_when_the_row_stays_locked(
    store: Store, postgresql_url: str
) -> None:
    hasty = open_store(impatient(postgresql_url, lock_timeout=100))
    with store.leading(lead(store)), pytest.raises(TransientError) as failed:
        lead(hasty)
    assert failed.value.code == "store_unavailable"
    assert lead(hasty) == 2
    hasty.close()


def test_of_many_that_want_to_lead_first_one_does(postgresql_url: str) -> None:
    stores = [open_store(postgresql_url) for _ in range(6)]
    ends = side_by_side(
        *(partial(store.acquire_lease, "me", now=NOW) for store in stores)
    )
    assert sorted(ends) == ["done", *["lease_held"] * 5]
    for store in stores:
        store.close()


def test_standing_by_does_not_wait_for_the_leader(store: Store, other: Store) -> None:
    with store.leading(lead(store)), pytest.raises(ConflictError) as refused:
        other.acquire_lease("other", now=NOW)
    assert refused.value.code == "lease_held"


def test_a_text_that_cannot_be_stored_is_a_bad_request(store: Store) -> None:
    with pytest.raises(InvalidRequestError):
        store.jobs(ME, label=("key", "a\0b"), page_size=1)
    with pytest.raises(InvalidRequestError):
        store.add_documents([make_document(name="a\0b")])


def test_readers_cannot_write(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    delete = sa.text("DELETE FROM leader")
    with pytest.raises(TransientError), database.read() as connection:
        connection.execute(delete)
    database.close()


def test_sessions_say_whose_they_are(
    store: Store, postgresql_server: PostgresqlServer, postgresql_url: str
) -> None:
    named = sa.make_url(postgresql_url).update_query_dict(
        {"application_name": "docmill-gateway"}
    )
    other = open_store(named.render_as_string(hide_password=False))
    found = postgresql_server.query(
        "SELECT DISTINCT application_name FROM pg_stat_activity WHERE datname = %s"
        " ORDER BY 1",
        named.database,
    )
    assert found == [("docmill",), ("docmill-gateway",)]
    assert store.healthy()
    other.close()


def test_a_server_that_refuses_says_why_to_who_runs_the_service(
    postgresql_url: str,
) -> None:
    url = sa.make_url(postgresql_url).set(database="nobody_s", password="hidden")
    with pytest.raises(TransientError, match="nobody_s") as failed:
        open_store(url.render_as_string(hide_password=False))
    assert "hidden" not in failed.value.message


@pytest.mark.parametrize(
    "url",
    ["postgresql+psycopg://host", "postgresql+asyncpg://host/name"],
)
def test_a_url_without_database_or_with_another_driver_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="store_url must"):
        open_store(url)
    with pytest.raises(SettingsError, match="store_url must"):
        migrate(url)


def waiting_for_locks(store: Store) -> int:
    """Give how many sessions of the database wait for a lock."""
    waiting = sa.text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with store._database.read() as connection:  # noqa: SLF001  # no way for users
        return int(connection.scalar(waiting) or 0)
