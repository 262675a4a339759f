"""What the machinery can do as separate processes, with nothing to do for a document.

Broker, database and every process are on this machine, beside Dramatiq on that broker.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks import processes
from benchmarks.documents import texts
from benchmarks.figures import Figure, at_least
from benchmarks.service import Service, seconds_between
from benchmarks.stack_dramatiq import DramatiqRun, dramatiq_workers
from tools.stack import Stack
from tools.stack.processes import StoreKind, folder_for
from tools.stack.waiting import wait_until

DOCUMENTS: Final = 10_000
AT_ONCE: Final = 1_000
ROUNDS: Final = 3
WORKERS: Final = 2
THREADS: Final = 8
"""Of each worker process, of both: as many as Dramatiq itself takes."""
TARGET: Final = 1.5
"""Times as many documents as Dramatiq alone runs messages."""
STORES: Final[tuple[StoreKind, ...]] = ("postgresql", "sqlite")
BASELINE: Final = "Dramatiq with confirms"
SETTINGS: Final = {
    "job_type_modules": "tests.made_up_work",
    "concurrency": str(THREADS),
}
_LEADS_S = 30.0


@dataclass(slots=True)
class _Rounds:
    """What was measured, a value a round."""

    rates: list[float] = field(default_factory=list)
    """Documents a second."""
    cpu: list[dict[str, float]] = field(default_factory=list)
    """Seconds by part."""
    bare_rates: list[float] = field(default_factory=list)
    """Messages a second of Dramatiq alone."""
    bare_cpu: list[float] = field(default_factory=list)
    """Its seconds for 1 000 messages."""


def measure() -> Iterator[Figure]:
    """Give empty documents a second and their CPU, for each database."""
    for store in STORES:
        yield from _figures(store, _measured(store))


def _measured(store: StoreKind) -> _Rounds:
    rounds = _Rounds()
    with folder_for(None) as folder:
        stack = Stack(folder, store=store, workers=WORKERS, settings=SETTINGS)
        try:
            stack.start_all()
            wait_until(lambda: stack.leader() is not None, "leader", timeout_s=_LEADS_S)
            service = Service(stack.url, stack.pid("gateway"))
            with (
                TemporaryDirectory() as scratch,
                dramatiq_workers(stack.rabbitmq, WORKERS, THREADS) as bare,
            ):
                ids = service.upload(texts(Path(scratch), "", DOCUMENTS))
                _once(stack, service, ids[:500])
                bare.run(500)
                for _ in range(ROUNDS):
                    wall_s, parts = _once(stack, service, ids)
                    rounds.rates.append(DOCUMENTS / wall_s)
                    rounds.cpu.append(parts)
                    wall_s, cpu_s = _bare_once(bare)
                    rounds.bare_rates.append(DOCUMENTS / wall_s)
                    rounds.bare_cpu.append(1000 * cpu_s / DOCUMENTS)
        finally:
            stack.stop_all()
    return rounds


def _figures(store: StoreKind, rounds: _Rounds) -> Iterator[Figure]:
    everything = tuple(1000 * sum(p.values()) / DOCUMENTS for p in rounds.cpu)
    both = zip(rounds.rates, rounds.bare_rates, strict=True)
    yield Figure(
        name=f"{store}: times as many as Dramatiq",
        unit="times",
        values=tuple(ours / bare for ours, bare in both),
        baseline=BASELINE,
        baseline_values=(1.0,),
        target=at_least(TARGET),
    )
    yield Figure(
        name=f"{store}: {DOCUMENTS:,} empty documents in one job",
        unit="documents/s",
        values=tuple(rounds.rates),
        baseline=BASELINE,
        baseline_values=tuple(rounds.bare_rates),
        baseline_unit="messages/s",
    )
    yield Figure(
        name=f"{store}: CPU of everything",
        unit="s per 1 000",
        values=everything,
        baseline=f"{BASELINE}, broker included",
        baseline_values=tuple(rounds.bare_cpu),
    )
    for part in rounds.cpu[0]:
        yield Figure(
            name=f"{store}: part of {part}",
            unit="s per 1 000",
            values=tuple(1000 * parts[part] / DOCUMENTS for parts in rounds.cpu),
            baseline="everything",
            baseline_values=everything,
        )


def _once(
    stack: Stack, service: Service, ids: list[str]
) -> tuple[float, dict[str, float]]:
    """Run one job; give its seconds and the CPU seconds of each part."""
    before = _cpu_of_parts(stack)
    job_id = service.submit(ids, job_type="NOOP", at_once=AT_ONCE)
    body = service.finished(job_id)
    after = _cpu_of_parts(stack)
    spent = {part: after[part] - before[part] for part in after}
    return seconds_between(body), spent


def _bare_once(bare: DramatiqRun) -> tuple[float, float]:
    """Run as many messages; give the seconds and the CPU seconds, all included."""

    def used_s() -> float:
        return bare.cpu_s() + _servers_cpu_s().get("broker", 0.0)

    before_s = used_s()
    wall_s = bare.run(DOCUMENTS)
    return wall_s, used_s() - before_s


def _cpu_of_parts(stack: Stack) -> dict[str, float]:
    parts: dict[str, float] = {}
    for name in filter(stack.running, stack.names):
        kind, pid = name.partition("-")[0], stack.pid(name)
        own_s, all_s = processes.own_cpu_s(pid), processes.cpu_s(pid)
        parts[kind] = parts.get(kind, 0.0) + own_s
        if kind == "documents":
            parts["sandboxes"] = parts.get("sandboxes", 0.0) + all_s - own_s
    return parts | _servers_cpu_s()


def _servers_cpu_s() -> dict[str, float]:
    """Give the CPU seconds of broker and database, which this process started."""
    found: dict[str, float] = {}
    for pid in processes.children(os.getpid()):
        program = processes.program(pid)
        if "rabbitmq" in program or "beam" in program:
            found["broker"] = found.get("broker", 0.0) + processes.cpu_s(pid)
        elif "postgres" in program:
            found["database"] = found.get("database", 0.0) + processes.cpu_s(pid)
    return found
