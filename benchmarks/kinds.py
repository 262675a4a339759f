"""What a document costs by its kind, inside the sandbox and by the bare function.

Over the sample files, and over real ones where present; and what many documents leave
in the memory of the worker and of the process behind its sandbox.
"""

import hashlib
import itertools
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from actors.sandbox import Sandbox, SandboxJob, SandboxLimits, remove_outputs
from benchmarks import processes
from benchmarks.figures import Figure, at_most, percentile
from benchmarks.service import ROOT
from service.clock import SystemClock
from service.errors import DocumentError
from service.processing.pipeline import Limits, Source, StepReport, run_pipeline
from service.processing.registry import build_registry

TYPES = ("DATA_EXTRACTION", "FULL_ANALYSIS")
MB = 1_000_000
MANY = 1_000
_ROUNDS = 8
_TIME_LIMIT_S = 30.0
_PDF_P95_MS = 300.0
_GROWTH_MB = 50.0
_CORPUS = ROOT.parent / "shared" / "corpus"
_NO_DOCUMENTS = frozenset({"expected.json", "SOURCES.md"})
_KINDS: Mapping[str, str] = {
    ".docx": "DOCX, PPTX", ".pptx": "DOCX, PPTX", ".xlsx": "XLSX, CSV",
    ".csv": "XLSX, CSV", ".txt": "text", ".html": "HTML, XML", ".xml": "HTML, XML",
    ".eml": "mail", ".png": "picture", ".jpg": "picture", ".tiff": "picture",
}  # fmt: skip
_SCANS = frozenset({"scanned-pages.pdf"})
DIGITAL_PDF = "digital PDF"
_REGISTRY = build_registry()
Work = Callable[[str, Path, Path], object]
"""Does a job type to a file; what it makes begins with the second path."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Milliseconds spent on the documents of one kind."""

    documents: int
    inside: Sequence[float]
    bare: Sequence[float]


def measure() -> Iterator[Figure]:
    """Give the times of digital PDFs and the memory; print those of all kinds."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox((), SandboxLimits()) as sandbox,
    ):
        prefix = Path(folder) / "made"
        within = _within(sandbox)
        paths = [path for path in _paths() if _opens(within, path, prefix)]
        memory = list(_memory(sandbox, within, paths, prefix))
        for job_type in TYPES:
            spent = _spent(job_type, within, paths, prefix)
            _show(job_type, spent)
            digital = spent[DIGITAL_PDF]
            yield Figure(
                name=f"{job_type}, {DIGITAL_PDF}: 95th percentile",
                unit="ms",
                values=(percentile(digital.inside, 0.95),),
                baseline="without the sandbox",
                baseline_values=(percentile(digital.bare, 0.95),),
                target=at_most(_PDF_P95_MS),
            )
        yield from memory


def _paths() -> list[Path]:
    return [
        path
        for folder in (ROOT / "samples", _CORPUS)
        for path in sorted(folder.glob("*"))
        if path.name not in _NO_DOCUMENTS
    ]


def _kind(path: Path) -> str:
    if path.suffix == ".pdf":
        return "scanned PDF" if path.name in _SCANS else DIGITAL_PDF
    return _KINDS[path.suffix]


def _opens(work: Work, path: Path, prefix: Path) -> bool:
    """Say whether a file has results: what is refused costs nothing."""
    try:
        work(TYPES[0], path, prefix)
    except DocumentError:
        return False
    return True


def _spent(
    job_type: str, within: Work, paths: Sequence[Path], prefix: Path
) -> dict[str, Spent]:
    kinds: dict[str, list[Path]] = defaultdict(list)
    for path in paths:
        kinds[_kind(path)].append(path)
    return {
        kind: Spent(
            len(members),
            list(_times(within, job_type, members, prefix)),
            list(_times(_bare, job_type, members, prefix)),
        )
        for kind, members in kinds.items()
    }


def _times(
    work: Work, job_type: str, paths: Sequence[Path], prefix: Path
) -> Iterator[float]:
    for path in paths:
        work(job_type, path, prefix)
        for _ in range(_ROUNDS):
            began = time.perf_counter()
            work(job_type, path, prefix)
            yield (time.perf_counter() - began) * 1000


def _within(sandbox: Sandbox) -> Work:
    def work(job_type: str, path: Path, prefix: Path) -> None:
        job = SandboxJob(
            job_type=job_type,
            document_id=path.name,
            path=path,
            name=path.name,
            size_bytes=path.stat().st_size,
            sha256=_hash(path),
            output_prefix=prefix,
        )
        sandbox.run(job, time_limit_s=_TIME_LIMIT_S, on_report=_ignore)
        remove_outputs(prefix)

    return work


def _bare(job_type: str, path: Path, prefix: Path) -> None:
    source = Source(
        path=path,
        name=path.name,
        size_bytes=path.stat().st_size,
        sha256=_hash(path),
        document_id=path.name,
    )
    outcome = run_pipeline(
        _REGISTRY.get(job_type), source, Limits(), _ignore, SystemClock(), prefix
    )
    msgspec.json.encode(outcome.data)
    remove_outputs(prefix)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _ignore(_: StepReport) -> None:
    """Listen to nothing."""


def _memory(
    sandbox: Sandbox, within: Work, paths: Sequence[Path], prefix: Path
) -> Iterator[Figure]:
    """Give what `MANY` documents of all kinds leave in memory."""
    mixed = itertools.cycle(itertools.product(paths, TYPES))
    for path, job_type in itertools.islice(mixed, len(paths) * len(TYPES)):
        within(job_type, path, prefix)
    worker, behind = [_worker_mb()], [_behind_mb(sandbox)]
    for number, (path, job_type) in enumerate(itertools.islice(mixed, MANY)):
        within(job_type, path, prefix)
        if number % 10 == 0:
            behind.append(_behind_mb(sandbox))
    worker.append(_worker_mb())
    yield Figure(
        name=f"memory {MANY:,} mixed documents leave in the worker",
        unit="MB",
        values=(worker[-1] - worker[0],),
        baseline="before them",
        baseline_values=(worker[0],),
        target=at_most(_GROWTH_MB),
    )
    yield Figure(
        name="memory of the sandbox's child meanwhile, shared pages included",
        unit="MB",
        values=tuple(behind[1:]),
        baseline="before them",
        baseline_values=(behind[0],),
    )


def _worker_mb() -> float:
    return processes.rss_bytes(os.getpid()) / MB


def _behind_mb(sandbox: Sandbox) -> float:
    server = sandbox.server_pid
    found = processes.children(server) if server is not None else []
    return max((processes.rss_bytes(pid) / MB for pid in found), default=0.0)


def _show(job_type: str, spent: Mapping[str, Spent]) -> None:
    table = Table(title=f"{job_type}, ms a document", title_justify="left")
    table.add_column("kind")
    for head in ("documents", "median", "p95", "bare median", "bare p95"):
        table.add_column(head, justify="right")
    for kind, each in sorted(spent.items()):
        cells = (
            percentile(times, share)
            for times in (each.inside, each.bare)
            for share in (0.5, 0.95)
        )
        shown = (f"{cell:.1f}" for cell in cells)
        table.add_row(kind, str(each.documents), *shown)
    Console().print(table)
