"""Measures Docmill against named baselines in the same run.

    python -m benchmarks                 all of them
    python -m benchmarks latency start   some of them
    python -m benchmarks --json FILE     also write every value

What takes docmill[ocr] is measured with .venv-ocr/bin/python, and left out elsewhere.
Each figure stands beside its baseline. On a machine that others use too (each table
says how much) ratios hold better than times, and the smallest time better than others.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from benchmarks import (
    accuracy,
    concurrency,
    empty,
    kinds,
    latency,
    likeness,
    memory,
    ocr,
    processes,
    quality,
    receipts,
    stack,
    start,
    throughput,
)
from benchmarks.figures import Figure, as_json, show

CORES = os.cpu_count() or 1
BENCHMARKS: Mapping[str, Callable[[], Iterator[Figure]]] = {
    "accuracy": lambda: chain(accuracy.measure(), receipts.measure()),
    "throughput": throughput.measure,
    "concurrency": concurrency.measure,
    "kinds": kinds.measure,
    "latency": latency.measure,
    "likeness": likeness.measure,
    "empty": empty.measure,
    "memory": memory.measure,
    "ocr": ocr.measure,
    "quality": quality.measure,
    "start": start.measure,
    "stack": stack.measure,
}


def main(arguments: list[str]) -> int:
    """Run the named benchmarks; give the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(BENCHMARKS))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all values")
    given = parser.parse_args(arguments)
    unknown = [name for name in given.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)}")
    if not processes.available():
        parser.error("the benchmarks read /proc: they run on Linux only")
    found: dict[str, Any] = {}
    for name in given.names or BENCHMARKS:
        watch = _Watch()
        figures = list(BENCHMARKS[name]())
        spent_s, others = watch.read()
        title = f"{name} ({spent_s:.0f} s; others used {others:.2f} of {CORES} cores)"
        show(title, figures)
        found[name] = {"othersCores": others, "figures": as_json(figures)}
    if given.json is not None:
        report = {"machine": _machine(), "benchmarks": found}
        given.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0


class _Watch:
    """Measures how long something takes, and who else was at work meanwhile."""

    def __init__(self) -> None:
        self._at = self._now()

    def read(self) -> tuple[float, float]:
        """Give the seconds since it was made, and the cores others used on average."""
        began_s, busy_s, own_s = self._at
        now_s, busy_now_s, own_now_s = self._now()
        spent_s = now_s - began_s
        others_s = (busy_now_s - busy_s) - (own_now_s - own_s)
        return spent_s, max(0.0, others_s / spent_s)

    def _now(self) -> tuple[float, float, float]:
        own_s = processes.cpu_s(os.getpid())
        return time.monotonic(), processes.busy_s(), own_s


def _machine() -> dict[str, Any]:
    now = datetime.fromtimestamp(time.time(), UTC)
    return {
        "cores": CORES,
        "architecture": platform.machine(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "date": now.isoformat(timespec="seconds"),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
