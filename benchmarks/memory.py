"""What jobs leave behind in the service's memory, and what active ones hold."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.documents import texts
from benchmarks.figures import Figure, at_most
from benchmarks.service import JOBS, Service, running

MB = 1_000_000
LARGE = 5_000
LARGE_AT_ONCE = 1_000
ACTIVE = 100
ACTIVE_DOCUMENTS = 50
LONG_MS = 60_000


def measure() -> Iterator[Figure]:
    """Give the memory the service takes after a large job and for active ones."""
    with TemporaryDirectory() as scratch, running() as service:
        empty = service.upload(texts(Path(scratch), "", LARGE))
        _run(service, empty[:ACTIVE_DOCUMENTS])
        before = service.rss_bytes() / MB
        _run(service, empty)
        after = service.rss_bytes() / MB
        yield Figure(
            name=f"a job of {LARGE:,} empty documents: memory it leaves",
            unit="MB",
            values=(after - before,),
            baseline="before it",
            baseline_values=(before,),
        )
        slow = service.upload(texts(Path(scratch), str(LONG_MS), ACTIVE_DOCUMENTS))
        yield _active(service, slow)


def _active(service: Service, ids: list[str]) -> Figure:
    before = service.rss_bytes() / MB
    jobs = [service.submit(ids, job_type="SLEEP", at_once=5) for _ in range(ACTIVE)]
    held = (service.rss_bytes() / MB - before) / ACTIVE
    for job_id in jobs:
        service.post(f"{JOBS}/{job_id}/cancel", {})
    return Figure(
        name=f"{ACTIVE} active jobs of {ACTIVE_DOCUMENTS} documents: memory of each",
        unit="MB",
        values=(held,),
        target=at_most(2),
        baseline="before them, in all",
        baseline_values=(before,),
    )


def _run(service: Service, ids: list[str]) -> None:
    job_id = service.submit(ids, job_type="NOOP", at_once=LARGE_AT_ONCE)
    service.finished(job_id)
