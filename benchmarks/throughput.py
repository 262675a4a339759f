"""Real documents through the whole service, against a bare process pool."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.bare import BarePool, bare_pool
from benchmarks.documents import SMALL, long_pdfs, small_files
from benchmarks.figures import Figure, at_least, at_most
from benchmarks.service import Service, running, seconds_between

CORES = os.cpu_count() or 1
AT_ONCE = 8 * CORES
JOB_TYPE = "DATA_EXTRACTION"
PAGES = (1, 2, 3, 4)
"""35 to 135 ms each on the machine of docs/benchmarks.md; what they took is shown."""
LARGE = 60
LARGE_ROUNDS = 7
SMALL_EACH = 150
SMALL_ROUNDS = 5


def measure() -> Iterator[Figure]:
    """Give the share of the bare pool that is reached, and the CPU that is added."""
    with (
        TemporaryDirectory() as scratch,
        running() as service,
        bare_pool(CORES) as pool,
        bare_pool(1) as single,
    ):
        yield from _large(Path(scratch), service, pool)
        for name in SMALL:
            yield from _small(Path(scratch), service, pool, single, name)


def _large(folder: Path, service: Service, pool: BarePool) -> Iterator[Figure]:
    kinds = long_pdfs(folder, PAGES)
    files = kinds * (LARGE // len(kinds))
    ids = service.upload(files)
    pool.warm(kinds)
    _once(service, ids, at_once=AT_ONCE)
    shares, cpu_shares, bare, alone = [], [], [], []
    for _ in range(LARGE_ROUNDS):
        bare_s, bare_cpu_s = pool.run(files)
        wall_s, cpu_s = _once(service, ids, at_once=AT_ONCE)
        shares.append(100 * bare_s / wall_s)
        cpu_shares.append(100 * bare_cpu_s / cpu_s)
        bare.append(len(files) / bare_s)
        alone.append(1000 * bare_cpu_s / len(files))
    name = f"PDF of {PAGES[0]}-{PAGES[-1]} pages, {AT_ONCE} at once"
    yield Figure(
        name=f"{name}: share reached",
        unit="%",
        values=tuple(shares),
        target=at_least(90),
        baseline=f"bare pool of {CORES} processes",
        baseline_values=tuple(bare),
        baseline_unit="documents/s",
    )
    yield Figure(
        name=f"{name}: share of all CPU that is the documents' own",
        unit="%",
        values=tuple(cpu_shares),
        baseline="CPU of the step functions in the pool",
        baseline_values=tuple(alone),
        baseline_unit="ms a document",
    )


def _small(
    folder: Path, service: Service, pool: BarePool, single: BarePool, name: str
) -> Iterator[Figure]:
    files = small_files(folder, name, SMALL_EACH)
    ids = service.upload(files)
    pool.warm(files[:1])
    single.warm(files[:1])
    _once(service, ids, at_once=AT_ONCE)
    shares, bare, added, alone = [], [], [], []
    for _ in range(SMALL_ROUNDS):
        bare_s, _ = pool.run(files)
        wall_s, _ = _once(service, ids, at_once=AT_ONCE)
        bare.append(len(files) / bare_s)
        shares.append(100 * bare_s / wall_s)
        _, bare_cpu_s = single.run(files)
        _, cpu_s = _once(service, ids, at_once=1)
        alone.append(1000 * bare_cpu_s / len(files))
        added.append(1000 * (cpu_s - bare_cpu_s) / len(files))
    yield Figure(
        name=f"{name}, 1 at once: CPU the service adds",
        unit="ms a document",
        values=tuple(added),
        target=at_most(3),
        baseline="CPU of the step functions",
        baseline_values=tuple(alone),
    )
    yield Figure(
        name=f"{name}, {AT_ONCE} at once: share reached",
        unit="%",
        values=tuple(shares),
        baseline=f"bare pool of {CORES} processes",
        baseline_values=tuple(bare),
        baseline_unit="documents/s",
    )


def _once(service: Service, ids: list[str], *, at_once: int) -> tuple[float, float]:
    """Process stored documents as one job.

    Returns:
        Seconds from its first release to its last end, and CPU seconds from before it
        was submitted until its last event had been read.
    """
    before_s = service.cpu_s()
    job_id = service.submit(ids, job_type=JOB_TYPE, at_once=at_once)
    for _ in service.events(job_id):
        pass
    spent_s = service.cpu_s() - before_s
    return seconds_between(service.finished(job_id)), spent_s
