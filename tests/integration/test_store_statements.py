"""Many rows are few statements, and none of them reads or sorts a whole table."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy import event

from service.domain.model import (
    LOCAL_OWNER,
    Job,
    JobStatus,
    Task,
    TaskKind,
    TaskStatus,
)
from service.domain.task_ids import document_task_id
from service.store import Store, open_store, schema
from service.store.leading import LeaderTransaction
from service.store.rows import Changes
from tests.contract.steps import lead, moved, submit, tasks_of, write
from tests.factories import NOW, make_documents, make_log_entry, make_new_job

EVENTS = 1_000
HANDFUL = 12
BACKLOG = 6_000
PAGE = 300
"""Rows that may be sorted after they were found."""
ME = LOCAL_OWNER

Heard = list[tuple[str, Any, bool]]


@pytest.fixture
def store(postgresql_url: str) -> Iterator[Store]:
    store = open_store(postgresql_url)
    yield store
    store.close()


@contextmanager
def heard() -> Iterator[Heard]:
    """Collect the statements that are run inside."""
    statements: Heard = []

    def hear(
        _connection: object,
        _cursor: object,
        sql: str,
        values: Any,
        _context: object,
        many: bool,  # as SQLAlchemy calls it
    ) -> None:
        statements.append((sql, values, many))

    event.listen(sa.Engine, "before_cursor_execute", hear)
    try:
        yield statements
    finally:
        event.remove(sa.Engine, "before_cursor_execute", hear)


def everything(job: Job, tasks: list[Task]) -> Changes:
    """What a full commit writes: half of the tasks end, half are released."""
    ended = [
        write(
            task,
            TaskStatus.COMPLETED,
            generation=1,
            result=msgspec.Raw(b'{"n":1}'),
            result_bytes=7,
        )
        for task in tasks[::2]
    ]
    released = [write(task, TaskStatus.QUEUED, generation=1) for task in tasks[1::2]]
    writes = (*ended, *released)
    log = tuple(make_log_entry(job, 2 + n, position=2 + n) for n in range(EVENTS))
    return Changes(
        jobs=(moved(job, writes, last_seq=1 + EVENTS),),
        tasks=writes,
        log=log,
        created_positions={job.id: 1},
        costs_ms={task.id: 7 for task in tasks},
        sent=tuple((one.task.id, 1) for one in released),
        sent_at=NOW,
    )


def test_a_thousand_events_are_a_handful_of_statements(store: Store) -> None:
    job = submit(store, documents=EVENTS)
    epoch = lead(store)
    tasks = tasks_of(store, epoch, job)
    with heard() as statements, store.leading(epoch) as tx:
        tx.jobs([job.id])
        tx.tasks([task.id for task in tasks])
        tx.apply(everything(job, tasks))
    assert len(statements) <= HANDFUL
    assert not any(many for _, _, many in statements)
    found = tasks_of(store, epoch, job)
    assert {task.cost_ms for task in found} == {7}
    assert sum(task.sent_at == NOW for task in found) == EVENTS // 2
    assert len(store.events_after(job.id, 0, 2 * EVENTS)) == 1 + EVENTS


def test_a_large_job_is_a_handful_of_statements(store: Store) -> None:
    documents = make_documents(EVENTS)
    new = make_new_job(documents, idempotency_key="k", labels={"a": "b"})
    with heard() as statements:
        store.create_job(new, documents)
    assert len(statements) <= HANDFUL
    assert not any(many for _, _, many in statements)


def test_rows_named_twice_in_one_commit_are_refused(store: Store) -> None:
    job = submit(store)
    epoch = lead(store)
    (task, *_) = tasks_of(store, epoch, job)
    twice = (write(task, TaskStatus.QUEUED), write(task, TaskStatus.FAILED))
    with pytest.raises(Exception, match="another state"), store.leading(epoch) as tx:
        tx.apply(Changes(tasks=twice))
    assert tasks_of(store, epoch, job)[0] == task


@pytest.fixture
def backlog(store: Store, postgresql_url: str) -> list[Job]:
    """Two jobs of thousands, a part of them out, retrying and done."""
    jobs = []
    epoch = lead(store)
    for _ in range(2):
        job = submit(store, documents=BACKLOG // 2, labels={"a": "b"})
        tasks = tasks_of(store, epoch, job)
        writes = [
            write(task, TaskStatus.QUEUED, generation=1, queued_at=NOW)
            for task in tasks[:20]
        ]
        writes += [
            write(task, TaskStatus.RETRYING, generation=1, not_before=NOW)
            for task in tasks[20:40]
        ]
        writes += [
            write(task, TaskStatus.COMPLETED, generation=1) for task in tasks[40:1500]
        ]
        log = tuple(make_log_entry(job, 2 + n) for n in range(3_000))
        after = moved(job, writes, last_seq=3_001)
        with store.leading(epoch) as tx:
            tx.apply(Changes(jobs=(after,), tasks=tuple(writes), log=log))
        jobs.append(after)
    for number in range(300):
        submit(store, documents=1, labels={"a": f"other {number}"})
    engine = sa.create_engine(postgresql_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
    engine.dispose()
    return jobs


def ask_all(tx: LeaderTransaction, job: Job) -> None:
    for kind in TaskKind:
        tx.waiting(job.id, kind=kind, now=NOW, limit=5)
        tx.waiting(job.id, kind=kind, now=NOW, limit=5, queue="documents.ocr")
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


def test_what_is_asked_all_day_walks_along_indexes(
    store: Store, postgresql_url: str, backlog: list[Job]
) -> None:
    job = backlog[0]
    epoch = lead(store)
    with heard() as statements:
        with store.leading(epoch) as tx:
            ask_all(tx, job)
        store.job(ME, job.id)
        store.jobs(ME, page_size=5)
        store.jobs(ME, page_size=5, label=("a", "b"))
        store.tasks(ME, job.id, page_size=5)
        store.events_after(job.id, 2_990, 100)
        store.last_seqs([job.id])
        store.planning_rows(job.id, after_index=2_000, limit=100)
        store.documents(ME, page_size=5)
        store.jobs(ME, statuses=[JobStatus.PENDING], page_size=5)
    engine = sa.create_engine(postgresql_url)
    small = {"leader", "commands", "durations"}
    large = set(schema.metadata.tables) - small
    with engine.connect() as connection:
        for sql, values, _ in statements:
            if sql.lstrip().startswith("SELECT") and "FROM" in sql:
                check(connection, sql, values, large)
    engine.dispose()


def check(connection: sa.Connection, sql: str, values: Any, large: set[str]) -> None:
    """No step reads a whole large table, or sorts more than a page of rows."""
    found = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)
    nodes = list(walk(found.scalar_one()[0]["Plan"]))
    steps = [(node["Node Type"], node.get("Relation Name")) for node in nodes]
    whole = [step for step in steps if step[0] == "Seq Scan" and step[1] in large]
    assert whole == [], (sql, steps)
    sorts = [
        node
        for node in nodes
        if "Sort" in node["Node Type"] and node["Actual Rows"] > PAGE
    ]
    assert sorts == [], (sql, steps)


def walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from walk(inner)


def test_what_expired_is_found_without_reading_everything(
    store: Store, backlog: list[Job]
) -> None:
    with store.leading(lead(store)) as tx:
        assert tx.remove_expired(ended_before=NOW - timedelta(days=1), limit=5) == []
    assert store.job(ME, backlog[0].id).job == backlog[0]
