"""Five at once against one at a time, through the whole service."""

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.documents import texts
from benchmarks.figures import Figure, at_least, at_most
from benchmarks.service import Service, running

AT_ONCE = 5
MANY, MANY_MS, MANY_ROUNDS = 50, 100, 3
FEW, FEW_MS, FEW_ROUNDS = 10, 50, 11


def measure() -> Iterator[Figure]:
    """Give how many times faster five at once are, submit to last event."""
    with TemporaryDirectory() as scratch, running() as service:
        many = service.upload(texts(Path(scratch), str(MANY_MS), MANY))
        few = service.upload(texts(Path(scratch), str(FEW_MS), FEW))
        _once(service, few, at_once=AT_ONCE)
        yield _speedup(service, many, MANY_MS, rounds=MANY_ROUNDS, target=4.8)[0]
        yield from _speedup(service, few, FEW_MS, rounds=FEW_ROUNDS, target=4.4)


def _speedup(
    service: Service, ids: list[str], each_ms: int, *, rounds: int, target: float
) -> tuple[Figure, Figure]:
    one_ms, five_ms = [], []
    for _ in range(rounds):
        one_ms.append(_once(service, ids, at_once=1))
        five_ms.append(_once(service, ids, at_once=AT_ONCE))
    work = f"{len(ids)} x {each_ms} ms"
    speedup = Figure(
        name=f"{work}, {AT_ONCE} at once: times faster",
        unit="x",
        values=tuple(a / b for a, b in zip(one_ms, five_ms, strict=True)),
        target=at_least(target),
        baseline="one at a time",
        baseline_values=tuple(one_ms),
        baseline_unit="ms in all",
    )
    whole = Figure(
        name=f"{work}, {AT_ONCE} at once: in all",
        unit="ms",
        values=tuple(five_ms),
        target=at_most(125),
        baseline="the work itself",
        baseline_values=(len(ids) * each_ms / AT_ONCE,),
    )
    return speedup, whole


def _once(service: Service, ids: list[str], *, at_once: int) -> float:
    """Give milliseconds from sending the submit to reading the last event."""
    began = time.perf_counter()
    job_id = service.submit(ids, job_type="SLEEP", at_once=at_once)
    for _ in service.events(job_id):
        pass
    return 1000 * (time.perf_counter() - began)
