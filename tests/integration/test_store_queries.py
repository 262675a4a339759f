"""Every query the service runs all day walks along an index and sorts nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from msgspec.structs import replace
from sqlalchemy import event

from service.domain.model import (
    LOCAL_OWNER,
    Job,
    JobStatus,
    TaskKind,
    TaskStatus,
)
from service.domain.task_ids import document_task_id
from service.messages import ProcessScan
from service.store import Store, migrate, open_store, schema
from service.store.rows import Changes
from tests.factories import NOW, make_documents, make_new_job

HEARD: list[str] = []
OCR = ProcessScan.queue


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "docmill.sqlite3"


@pytest.fixture
def store(file: Path, trace: None) -> Iterator[Store]:
    migrate(f"sqlite:///{file}")
    store = open_store(f"sqlite:///{file}")
    yield store
    store.close()


@pytest.fixture
def job(store: Store) -> Job:
    documents = make_documents(3)
    new = make_new_job(documents)
    store.create_job(new, documents)
    return new.job


@pytest.fixture(autouse=True)
def trace() -> Iterator[None]:
    """Have every new connection say what it runs, whoever hands it over."""

    def connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.set_trace_callback(HEARD.append)

    event.listen(sa.Pool, "connect", connected)
    yield
    event.remove(sa.Pool, "connect", connected)


@contextmanager
def heard(kind: str = "SELECT") -> Iterator[list[str]]:
    """Collect the statements of a kind that are run inside, with their values."""
    statements: list[str] = []
    HEARD.clear()
    yield statements
    statements += [sql for sql in HEARD if sql.startswith(kind)]


def plans(file: Path, statements: list[str]) -> list[str]:
    """Ask SQLite how it runs each statement, one line per step."""
    with sqlite3.connect(file) as connection:
        found = [
            row[3]
            for sql in statements
            for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")
        ]
    connection.close()
    return found


def check(file: Path, statements: list[str]) -> None:
    """No step sorts, and none reads a whole table."""
    assert statements
    steps = plans(file, statements)
    assert [step for step in steps if "TEMP B-TREE" in step] == []
    # The leader's table has one row.
    tables = set(schema.metadata.tables) - {"leader"}
    assert [step for step in steps if step in {f"SCAN {name}" for name in tables}] == []


def test_what_the_aggregator_asks_is_backed_by_indexes(
    store: Store, file: Path, job: Job
) -> None:
    epoch = store.acquire_lease("me", now=NOW).epoch
    with heard() as statements, store.leading(epoch) as tx:
        for kind in TaskKind:
            tx.waiting(job.id, kind=kind, now=NOW, limit=5)
            tx.waiting(job.id, kind=kind, now=NOW, limit=5, queue=OCR)
        tx.jobs_elsewhere()
        tx.waiting_any(job.id, after_index=-1, limit=5)
        tx.active_jobs(after=None, limit=5)
        tx.out_tasks(after=None, limit=5)
        tx.next_timer(after=NOW)
        tx.last_timers()
        tx.first_tasks(job.id, limit=5)
        tx.unsent(before=NOW, limit=5)
        tx.commands(5)
        tx.last_position()
        tx.jobs([job.id])
        tx.tasks([document_task_id(job.id, index) for index in range(3)])
        tx.remove_expired(ended_before=NOW - timedelta(days=1), limit=5)
    check(file, statements)


def test_what_gateways_and_workers_ask_is_backed_by_indexes(
    store: Store, file: Path, job: Job
) -> None:
    document = store.documents(LOCAL_OWNER, page_size=1).items[0]
    with heard() as statements:
        store.document(LOCAL_OWNER, document.id)
        first = store.documents(LOCAL_OWNER, page_size=1)
        store.documents(LOCAL_OWNER, page_size=1, page_token=first.next_token)
        store.known_documents(LOCAL_OWNER, [document.id])
        store.latest_task(LOCAL_OWNER, document.id)
        store.job(LOCAL_OWNER, job.id)
        store.jobs(LOCAL_OWNER, page_size=5)
        store.jobs(
            LOCAL_OWNER, statuses=[JobStatus.PENDING], type=job.type, page_size=5
        )
        store.tasks(LOCAL_OWNER, job.id, page_size=1)
        store.tasks(LOCAL_OWNER, job.id, statuses=[TaskStatus.FAILED], page_size=1)
        store.task_result(LOCAL_OWNER, job.id, document.id)
        store.waiting_before(job.id, 2)
        store.events_after(job.id, 0, 5)
        store.last_seqs([job.id])
        store.command_outcome(1)
        store.planning_rows(job.id, after_index=-1, limit=5)
        store.document_results(job.id, after_index=-1, limit=5)
        store.batch_result(job.id)
        store.durations(job.type)
    check(file, statements)


def test_jobs_with_a_label_are_found_by_index(store: Store, file: Path) -> None:
    with heard() as statements:
        store.jobs(LOCAL_OWNER, label=("customer", "acme"), page_size=5)
    steps = plans(file, statements)
    assert any("ix_job_labels_value" in step for step in steps)


@pytest.mark.parametrize(
    ("queue", "index"), [(None, "ix_tasks_waiting"), (OCR, "ix_tasks_elsewhere")]
)
def test_waiting_tasks_are_found_by_the_partial_index(
    store: Store, file: Path, job: Job, queue: str | None, index: str
) -> None:
    epoch = store.acquire_lease("me", now=NOW).epoch
    with heard() as statements, store.leading(epoch) as tx:
        tx.waiting(job.id, kind=TaskKind.DOCUMENT, now=NOW, limit=5, queue=queue)
    statements = [sql for sql in statements if "UNION" in sql]
    walks = [step for step in plans(file, statements) if index in step]
    assert len(walks) == 3
    assert all("status=?" in walk for walk in walks)


def test_a_commit_of_a_job_that_goes_on_writes_to_none_of_its_indexes(
    store: Store, file: Path, job: Job
) -> None:
    epoch = store.acquire_lease("me", now=NOW).epoch
    going_on = replace(job, status=JobStatus.PROCESSING, progress=7, version=1)
    ended = replace(
        going_on, status=JobStatus.COMPLETED, finished_at=NOW, progress=100, version=2
    )
    with heard("UPDATE jobs") as statements:
        for after in (going_on, ended):
            with store.leading(epoch) as tx:
                tx.apply(Changes(jobs=(after,)))
    indexes = {"ix_jobs_active", "ix_jobs_finished"}
    assert [written(file, each) & indexes for each in statements] == [set(), indexes]


def written(file: Path, statement: str) -> set[str]:
    """Ask SQLite which tables and indexes a statement opens to write."""
    with sqlite3.connect(file) as connection:
        names = dict(connection.execute("SELECT rootpage, name FROM sqlite_master"))
        program = connection.execute(f"EXPLAIN {statement}").fetchall()
    connection.close()
    return {names[step[3]] for step in program if step[1] == "OpenWrite"}
