"""What the machinery can do when there is nothing to do for a document."""

import multiprocessing
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import dramatiq
from dramatiq.brokers.stub import StubBroker

from benchmarks.documents import texts
from benchmarks.figures import Figure
from benchmarks.service import Service, running, seconds_between

DOCUMENTS = 2_000
AT_ONCE = 1_000
ROUNDS = 3
THREADS = 5
"""As many as the service has on up to five cores."""


def measure() -> Iterator[Figure]:
    """Give empty documents a second and the CPU they take."""
    rate, cpu = [], []
    bare_rate, bare_cpu = [], []
    with TemporaryDirectory() as scratch, running() as service:
        ids = service.upload(texts(Path(scratch), "", DOCUMENTS))
        _once(service, ids[:100])
        for _ in range(ROUNDS):
            wall_s, cpu_s = _once(service, ids)
            rate.append(DOCUMENTS / wall_s)
            cpu.append(1000 * cpu_s / DOCUMENTS)
            wall_s, cpu_s = _stub_run()
            bare_rate.append(DOCUMENTS / wall_s)
            bare_cpu.append(1000 * cpu_s / DOCUMENTS)
    baseline = "Dramatiq's StubBroker"
    yield Figure(
        name=f"{DOCUMENTS:,} empty documents in one job",
        unit="documents/s",
        values=tuple(rate),
        baseline=baseline,
        baseline_values=tuple(bare_rate),
    )
    yield Figure(
        name="the same: CPU",
        unit="s per 1 000",
        values=tuple(cpu),
        baseline=baseline,
        baseline_values=tuple(bare_cpu),
    )


def _once(service: Service, ids: list[str]) -> tuple[float, float]:
    before_s = service.cpu_s()
    job_id = service.submit(ids, job_type="NOOP", at_once=AT_ONCE)
    body = service.finished(job_id)
    return seconds_between(body), service.cpu_s() - before_s


def _stub_run() -> tuple[float, float]:
    """Run as many empty actors in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_stub)


def _stub() -> tuple[float, float]:
    broker = StubBroker()
    ended = threading.Semaphore(0)

    def nothing() -> None:
        ended.release()

    actor = dramatiq.actor(broker=broker)(nothing)
    worker = dramatiq.Worker(broker, worker_threads=THREADS)
    worker.start()
    began, began_cpu = time.perf_counter(), time.process_time()
    for _ in range(DOCUMENTS):
        actor.send()
    for _ in range(DOCUMENTS):
        ended.acquire()
    spent = time.perf_counter() - began, time.process_time() - began_cpu
    worker.stop()
    return spent
