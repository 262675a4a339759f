"""Memory that many scans leave in an OCR worker, and what one costs.

In this process stands what a worker is, with a sandbox of its own in which text is
recognised. The scans are the receipts of `receipts`, and in between a scanned PDF.
"""

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from actors.sandbox import Sandbox, SandboxJob, SandboxLimits, remove_outputs
from benchmarks import processes
from benchmarks.figures import Figure, at_most
from benchmarks.service import ROOT
from service.processing.context import OcrPlace
from service.processing.ocr import ocr_installed
from service.processing.reports import StepReport
from service.settings import Settings
from tools.make_receipts.making import make_all

MANY = 100
MB = 1_000_000
_SEED = 1
_PAGES = ROOT / "samples" / "scanned-pages.pdf"
_EVERY = 10
"""In the place of one in so many receipts comes a PDF of two scanned pages."""
_FIRST = 5
"""Scans after which everything is loaded."""
_GROWTH_MB = 50.0
_CHILD_MB = 1_000.0
_TIME_LIMIT_S = 120.0


def measure() -> Iterator[Figure]:
    """Give memory of worker, server and children over `MANY` scans, and the time."""
    if not ocr_installed():
        return
    limits = SandboxLimits(ocr=OcrPlace.HERE, memory_bytes=Settings().ocr_memory_bytes)
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox((), limits, temp_parent=Path(folder)) as sandbox,
    ):
        bench = _Bench(sandbox, Path(folder))
        scans = [made.content for made in make_all(_SEED)]
        scans[::_EVERY] = [_PAGES.read_bytes()] * len(scans[::_EVERY])
        for content in islice(cycle(scans), MANY):
            bench.read(content)
    yield _growth(f"memory {MANY} scans leave in the worker", bench.worker_mb)
    yield _growth(
        "memory they leave in the server, which has the models", bench.server_mb
    )
    yield Figure(
        name="memory of a child at work, shared pages included",
        unit="MB",
        values=tuple(bench.child_mb),
        baseline=f"{len(bench.children)} children, first of them",
        baseline_values=(bench.child_mb[0],),
        target=at_most(_CHILD_MB),
    )
    yield Figure(
        name="a scan through the sandbox",
        unit="ms",
        values=tuple(bench.spent_ms[_FIRST:]),
        baseline="the first, a PDF, server's start included",
        baseline_values=(bench.spent_ms[0],),
    )


class _Bench:
    """Reads scans one after the other, and looks at the memory of all concerned."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self._sandbox = sandbox
        self._folder = folder
        self.worker_mb: list[float] = []
        self.server_mb: list[float] = []
        self.child_mb: list[float] = []
        self.children: set[int] = set()
        self.spent_ms: list[float] = []

    def read(self, content: bytes) -> None:
        path = self._folder / "scan"
        path.write_bytes(content)
        prefix = self._folder / "made"
        most_mb = 0.0

        def look(_: StepReport) -> None:
            nonlocal most_mb
            for pid in self._behind():
                most_mb = max(most_mb, processes.rss_bytes(pid) / MB)
                self.children.add(pid)

        began_s = time.perf_counter()
        self._sandbox.run(
            SandboxJob(
                job_type="DATA_EXTRACTION",
                document_id="doc_ocr",
                path=path,
                name=path.name,
                size_bytes=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                output_prefix=prefix,
            ),
            time_limit_s=_TIME_LIMIT_S,
            on_report=look,
        )
        self.spent_ms.append((time.perf_counter() - began_s) * 1000)
        remove_outputs(prefix)
        self.child_mb.append(most_mb)
        self.worker_mb.append(processes.rss_bytes(os.getpid()) / MB)
        server = self._sandbox.server_pid
        assert server is not None
        self.server_mb.append(processes.rss_bytes(server) / MB)

    def _behind(self) -> list[int]:
        server = self._sandbox.server_pid
        return [] if server is None else processes.children(server)


def _growth(name: str, seen_mb: list[float]) -> Figure:
    return Figure(
        name=name,
        unit="MB",
        values=(seen_mb[-1] - seen_mb[_FIRST],),
        baseline=f"after {_FIRST} scans",
        baseline_values=(seen_mb[_FIRST],),
        target=at_most(_GROWTH_MB),
    )
