"""The baseline of all throughput: the step functions in a bare process pool."""

import gc
import importlib
import multiprocessing
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.pool import Pool
from pathlib import Path

import msgspec

from service.clock import SystemClock
from service.processing import PRELOAD
from service.processing.pipeline import Limits, Source, run_pipeline
from service.processing.registry import build_registry

_WARM_ROUNDS = 3
_REGISTRY = build_registry()


class BarePool:
    """A warm pool that does to documents what a worker's child does, and no more."""

    def __init__(self, pool: Pool, processes: int) -> None:
        self._pool = pool
        self._processes = processes

    def warm(self, paths: Sequence[Path]) -> None:
        """Let every process meet every kind of document."""
        self.run(list(paths) * self._processes * _WARM_ROUNDS)

    def run(self, paths: Sequence[Path]) -> tuple[float, float]:
        """Process documents; give wall-clock and CPU seconds of all of it.

        The CPU seconds are those of the step functions alone, not of the pool.
        """
        began = time.perf_counter()
        cpu_s = sum(self._pool.imap_unordered(_process, paths, chunksize=1))
        return time.perf_counter() - began, cpu_s


@contextmanager
def bare_pool(processes: int) -> Iterator[BarePool]:
    """Run a pool for a ``with`` block."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, initializer=_load) as pool:
        yield BarePool(pool, processes)


def _load() -> None:
    """Load what the sandbox server loads, and treat it the same way."""
    for module in PRELOAD:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()


def _process(path: Path) -> float:
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        outcome = run_pipeline(
            _REGISTRY.get("DATA_EXTRACTION"),
            Source(
                path=path,
                name=path.name,
                size_bytes=path.stat().st_size,
                sha256="0" * 64,
                document_id=path.name,
            ),
            Limits(),
            lambda _: None,
            SystemClock(),
            Path(folder) / "text",
        )
        msgspec.json.encode(outcome.data)
    return time.process_time() - began
