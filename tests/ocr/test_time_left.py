"""What OCR does when a document is short of time."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from service.processing.context import Limits, OcrPlace
from service.processing.pipeline import Outcome, run_pipeline
from service.processing.registry import build_registry
from service.processing.reports import StepReport
from tests.support import ManualClock
from tests.unit.processing.running import issues, source_of, text

LIMIT_S = 30.0


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """Three scanned pages with a line each."""
    pages = [Image.new("L", (400, 300), "white") for _ in range(3)]
    for number, page in enumerate(pages, 1):
        font = ImageFont.load_default(32)
        ImageDraw.Draw(page).text((30, 40), f"Page number {number}", font=font)
    pages[0].save(tmp_path / "scan.pdf", save_all=True, append_images=pages[1:])
    return tmp_path / "scan.pdf"


def read(scan: Path, pages_s: Sequence[float]) -> tuple[Outcome, list[int]]:
    """Read it while each page takes so long; gives the pages begun, too."""
    clock = ManualClock()
    begun: list[int] = []

    def report(said: StepReport) -> None:
        clock.advance(0.1)  # What comes at the same moment is not reported.
        if said.step == "ocr" and said.page is not None and said.page not in begun:
            begun.append(said.page)
            clock.advance(pages_s[said.page - 1])

    outcome = run_pipeline(
        build_registry().get("DATA_EXTRACTION"),
        source_of(scan),
        Limits(),
        report,
        clock,
        scan.with_name("made"),
        ocr=OcrPlace.HERE,
        time_limit_s=LIMIT_S,
    )
    return outcome, begun


@pytest.mark.parametrize(
    ("pages_s", "begun", "texts"),
    [
        # The third would end at 30 s, and other steps follow.
        ([10.0, 10.0, 10.0], [1, 2], 2),
        # It became slow while it was being read.
        ([1.0, 26.0, 1.0], [1, 2], 1),
        ([26.0, 1.0, 1.0], [1], 0),
    ],
)
def test_ocr_ends_in_time_and_says_what_is_missing(
    scan: Path, pages_s: list[float], begun: list[int], texts: int
) -> None:
    outcome, pages = read(scan, pages_s)
    assert pages == begun
    expected = [f"Page number {number}" for number in range(1, texts + 1)]
    assert text(outcome).split("\n\n") == (expected or [""])
    assert outcome.status == "degraded"
    assert list(outcome.data["limitsHit"]) == ["ocr_time"]
    missing = 1 if texts == 0 else 3 - texts  # of all pages it is said once
    assert issues(outcome).count("NO_TEXT_LAYER") == missing
    assert outcome.data["timingsMs"]["ocr"] >= 1000 * sum(pages_s[: len(begun)])
    assert outcome.data["timingsMs"]["extract"] < 1000
