import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from service.domain.model import LOCAL_OWNER, Counts, Job, TaskStatus
from service.store import Store, migrate, open_store
from service.store.rows import Changes
from tests.factories import NOW, make_document, make_documents, make_new_job
from tests.integration.store_writer import next_changes

DOCUMENTS = 20
ROUNDS = 30


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql_url"))
    url = f"sqlite:///{tmp_path}/docmill.sqlite3"
    migrate(url)
    return url


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = open_store(url)
    yield store
    store.close()


@pytest.fixture
def job(store: Store) -> Job:
    documents = make_documents(DOCUMENTS)
    new = make_new_job(documents)
    store.create_job(new, documents)
    return new.job


def test_threads_and_a_second_process_write_without_being_refused(
    store: Store, url: str, job: Job
) -> None:
    # Locks between two stores are those between two processes.
    other = open_store(url)
    epoch = store.acquire_lease("leader", now=NOW).epoch
    together = threading.Barrier(4)

    def repeat(act: Callable[[], object]) -> None:
        together.wait()
        for _ in range(ROUNDS):
            act()

    def lead() -> None:
        with store.leading(epoch) as tx:
            tx.apply(next_changes(tx, job.id))

    acts: list[Callable[[], object]] = [
        lead,
        lambda: store.add_documents([make_document()]),
        lambda: other.add_documents([make_document()]),
        lambda: other.add_command(LOCAL_OWNER, job.id, "cancel", NOW),
    ]
    with ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(repeat, act) for act in acts]:
            done.result()
    other.close()
    assert store.job(LOCAL_OWNER, job.id).job.version == ROUNDS
    documents = store.documents(LOCAL_OWNER, page_size=1_000).items
    assert len(documents) == DOCUMENTS + 2 * ROUNDS
    with store.leading(epoch) as tx:
        assert len(tx.commands(1_000)) == ROUNDS
    check_books(store, job)


def test_readers_never_wait_for_a_writer(store: Store, job: Job) -> None:
    epoch = store.acquire_lease("leader", now=NOW).epoch
    with store.leading(epoch) as tx:
        tx.apply(next_changes(tx, job.id))
        assert store.job(LOCAL_OWNER, job.id).job.version == 0
    assert store.job(LOCAL_OWNER, job.id).job.version == 1


def test_books_balance_after_kill_9_amid_commits(
    store: Store, url: str, job: Job
) -> None:
    before = 0
    for commits in (1, 3, 8):
        command = [sys.executable, "-m", "tests.integration.store_writer", url, job.id]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            for _ in range(commits):
                assert writer.stdout.readline() == b".\n"
            writer.send_signal(signal.SIGKILL)
        version = store.job(LOCAL_OWNER, job.id).job.version
        # What was said to be committed is there.
        assert version >= before + commits
        before = version
        check_books(store, job)


def check_books(store: Store, job: Job) -> None:
    header = store.job(LOCAL_OWNER, job.id).job
    tasks = store.tasks(LOCAL_OWNER, job.id, page_size=1_000).items
    statuses = [view.task.status for view in tasks]
    assert header.counts == Counts(
        pending=statuses.count(TaskStatus.PENDING),
        queued=statuses.count(TaskStatus.QUEUED),
        processing=statuses.count(TaskStatus.PROCESSING),
    )
    assert header.counts.total == DOCUMENTS
    log = store.events_after(job.id, 0, 100_000)
    assert [entry.seq for entry in log] == list(range(1, header.last_seq + 1))
    assert header.last_seq == 1 + DOCUMENTS * header.version
    epoch = store.acquire_lease("check", now=NOW, force=True).epoch
    with store.leading(epoch) as tx:
        assert tx.recount(job.id) == header.counts
        tx.apply(Changes())
