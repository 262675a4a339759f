"""Finishing a job over results in a real store and real blobs."""

import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from actors.batches import BatchWorker
from actors.stored_results import AHEAD, AHEAD_BYTES, stored_results
from service.blobs import Blobs
from service.clock import SystemClock
from service.domain.model import Job, TaskStatus
from service.domain.task_ids import finish_task_id
from service.messages import Event, FinishBatch, TaskCompleted
from service.processing.registry import build_registry
from service.processing.results import BatchResult, LeftOut
from service.store import Store, migrate, open_store
from tests.blobs import claimed_blobs
from tests.contract.steps import commit, lead, submit, tasks_of, write
from tests.factories import NOW
from tests.unit.processing.batch.made import made

MB = 1024 * 1024


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path}/docmill.sqlite3"
    migrate(url)
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return claimed_blobs((tmp_path / "blobs").as_uri())


def with_results(store: Store, blobs: Blobs, results: list[bytes | None]) -> Job:
    """Make a job whose results are in blobs; those of None are gone."""
    job = submit(store, documents=len(results), type="BATCH_ANALYSIS", has_finish=True)
    epoch = lead(store)
    writes = []
    for task, result in zip(tasks_of(store, epoch, job), results, strict=True):
        key = f"results/{job.id}/{task.id}/1-run/result.json"
        if result is not None:
            blobs.put_bytes(key, result)
        stored = {"result_key": key, "result_bytes": len(result or b"")}
        writes.append(write(task, TaskStatus.COMPLETED, generation=1, **stored))
    return commit(store, epoch, job, *writes)


def test_a_document_whose_result_is_gone_is_named_and_the_others_are_compared(
    store: Store, blobs: Blobs
) -> None:
    whole = [msgspec.json.encode(made(number)[1]) for number in (1, 2, 3)]
    job = with_results(store, blobs, [whole[0], None, whole[1], whole[2]])
    said: list[Event] = []

    def publish(
        event: Event, *, on_confirm: Callable[[bool], None] | None = None
    ) -> None:
        assert on_confirm is None
        said.append(event)

    worker = BatchWorker(
        publish=publish,
        store=store,
        blobs=blobs,
        registry=build_registry(),
        clock=SystemClock(),
        worker_id="w",
    )
    worker.finish(
        FinishBatch(
            message_id="m",
            owner=job.owner,
            occurred_at=NOW,
            job_id=job.id,
            task_id=finish_task_id(job.id),
            generation=1,
            job_type="BATCH_ANALYSIS",
            time_limit_s=60.0,
        )
    )

    [end] = said
    assert isinstance(end, TaskCompleted)
    result = msgspec.json.decode(end.result, type=BatchResult)
    [gone] = store.tasks(job.owner, job.id, page_size=9).items[1:2]
    left_out = LeftOut(document_id=str(gone.task.document_id), reason="result_missing")
    assert result.left_out == (left_out,)
    [total] = result.totals
    assert (total.documents, total.total) == (3, "357.00")


def test_large_results_are_in_memory_a_few_at_a_time(
    store: Store, blobs: Blobs
) -> None:
    size = AHEAD_BYTES // 2 + MB
    job = with_results(store, blobs, [bytes(size)] * AHEAD)

    tracemalloc.start()
    sizes = [len(result or b"") for _, result in stored_results(store, blobs, job.id)]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert sizes == [size] * AHEAD
    assert most < 3 * size + 2 * MB


def test_small_results_come_in_order_in_however_many_pages(
    store: Store, blobs: Blobs
) -> None:
    results = [str(number).encode() for number in range(70)]
    job = with_results(store, blobs, [*results])
    assert [each for _, each in stored_results(store, blobs, job.id)] == results
