"""How well the quality of pages is judged: what is found, what is found falsely.

Pages of several styles are made worse in known ways. Of real scans only that is known:
they are good, so whatever is found on them is false.
"""

import hashlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.documents import long_pdf
from benchmarks.figures import Figure, at_least, at_most
from benchmarks.service import ROOT
from service.clock import SystemClock
from service.processing.pipeline import Limits, Outcome, Source, run_pipeline
from service.processing.registry import build_registry
from tools.make_scans import damage
from tools.make_scans.cases import CASES, Case
from tools.make_scans.pages import STYLES, blank_scan, clean_pdf, clean_scan

_ROUNDS = 15
_TEXT_PDF_MS = 30.0
_SCANNED_PAGE_MS = 80.0
_FOUND = 95.0
"""Percent that is to be found, at least."""
_FALSE = 5.0
"""Percent of undamaged pages with an issue, at most."""
_USUAL = frozenset({"NO_TEXT_LAYER"})
"""What every picture has."""
_SCANS = ("receipt.png", "fax.tiff", "scanned-pages.pdf")
_REAL_SCANS = ("qr_bill_example.jpg", "invoice_image.png")
_CORPUS = ROOT.parent / "shared" / "corpus"
_JOB_TYPE = build_registry().get("QUALITY_CHECK")


def measure() -> Iterator[Figure]:
    """Give shares of issues found and found falsely, and the time it takes."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for case in CASES:
            yield _case(place, case)
        yield _blank(place)
        yield from _good_scans()
        yield from _times(place)


def codes_of(folder: Path, name: str, content: bytes) -> frozenset[str]:
    """Give the codes of the issues found in a file of that content."""
    path = folder / name
    path.write_bytes(content)
    return _codes(_check(path))


def _case(folder: Path, case: Case) -> Figure:
    found = [
        codes_of(folder, "page.png", damage.png(case.make(style))) - _USUAL
        for style in STYLES
    ]
    fine = case.allowed | ({case.expected} if case.expected else frozenset())
    false = _percent([bool(codes - fine) for codes in found])
    if case.expected is None:
        return _share(f"{case.name}: any issue", false, at_most(_FALSE), false)
    right = _percent([case.expected in codes for codes in found])
    return _share(f"{case.name}: {case.expected}", right, at_least(_FOUND), false)


def _blank(folder: Path) -> Figure:
    pages = [clean_scan(style) for style in STYLES]
    both = [page for clean in pages for page in (clean, blank_scan())]
    path = folder / "duplex.pdf"
    path.write_bytes(damage.scanned_pdf(*both))
    blank = {
        issue["page"]
        for issue in _check(path).data["issues"]
        if issue["code"] == "BLANK_PAGE"
    }
    wanted = set(range(2, len(both) + 1, 2))
    right = 100 * len(blank & wanted) / len(wanted)
    false = 100 * len(blank - wanted) / len(wanted)
    return _share("blank backs: BLANK_PAGE", right, at_least(_FOUND), false)


def _good_scans() -> Iterator[Figure]:
    for folder, names in ((ROOT / "samples", _SCANS), (_CORPUS, _REAL_SCANS)):
        paths = [folder / name for name in names if (folder / name).exists()]
        if paths:
            found = [_codes(_check(path)) - _USUAL for path in paths]
            false = _percent([bool(codes) for codes in found])
            name = f"good scans of {folder.name}/: any issue"
            yield _share(name, false, at_most(0), false)


def _times(folder: Path) -> Iterator[Figure]:
    kinds = (
        ("text PDF, 1 page", "text.pdf", clean_pdf("letter"), _TEXT_PDF_MS),
        ("text PDF, 16 pages", "long.pdf", long_pdf(16), None),
        (
            "scanned PDF, 1 page",
            "scan.pdf",
            damage.scanned_pdf(clean_scan("letter")),
            _SCANNED_PAGE_MS,
        ),
        (
            "picture, 150 dpi",
            "a.png",
            damage.png(clean_scan("letter")),
            _SCANNED_PAGE_MS,
        ),
        ("picture, 300 dpi", "b.png", damage.png(clean_scan("letter", dpi=300)), None),
    )
    for kind, name, content, target_ms in kinds:
        path = folder / name
        path.write_bytes(content)
        whole, reading = [], []
        for _ in range(_ROUNDS):
            # Of this process alone: others may be at work beside it.
            began = time.process_time()
            outcome = _check(path)
            whole.append((time.process_time() - began) * 1000)
            steps = {step.name: step.milliseconds for step in outcome.steps}
            total = max(sum(steps.values()), 1)
            reading.append(whole[-1] * (total - steps["quality"]) / total)
        yield Figure(
            name=f"{kind}: time",
            unit="ms of CPU",
            values=tuple(whole),
            baseline="of it for reading",
            baseline_values=tuple(reading),
            target=None if target_ms is None else at_most(target_ms),
        )


def _share(name: str, percent: float, target: Any, false: float) -> Figure:
    return Figure(
        name=name,
        unit="% of pages",
        values=(percent,),
        baseline="pages with an issue that is not so",
        baseline_values=(false,),
        baseline_unit="%",
        target=target,
    )


def _percent(verdicts: Sequence[bool]) -> float:
    return 100 * sum(verdicts) / len(verdicts)


def _codes(outcome: Outcome) -> frozenset[str]:
    return frozenset(issue["code"] for issue in outcome.data["issues"])


def _check(path: Path) -> Outcome:
    content = path.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        return run_pipeline(
            _JOB_TYPE,
            Source(
                path=path,
                name=path.name,
                size_bytes=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                document_id=path.name,
            ),
            Limits(),
            lambda _: None,
            SystemClock(),
            Path(folder) / "made",
        )
