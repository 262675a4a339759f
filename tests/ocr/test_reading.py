"""The text of pictures, by the real engine."""

import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from service.processing.context import Limits, OcrPlace
from service.processing.options import ProcessingOptions
from service.processing.pipeline import Outcome, StepReport
from tests.ocr.drawn import drawn
from tests.unit.processing.drawing import drawn as drawn_pages
from tests.unit.processing.running import SAMPLES, extract, issues, text

pytestmark = pytest.mark.timeout(180)

TELEMETRY = """
import os
assert "CI" not in os.environ
from service.processing.ocr.reading import engine
from PIL import Image
engine().read(Image.new("RGB", (200, 100), "white"))
"""


def recognised(path: Path) -> Outcome:
    return extract(path, ocr=OcrPlace.HERE)


def test_the_text_of_pictures_is_read_row_by_row() -> None:
    outcome = extract(
        SAMPLES / "receipt.png",
        job_type="BATCH_ANALYSIS",
        options=ProcessingOptions(ocr_languages=("en", "ko", "ru")),
        ocr=OcrPlace.HERE,
    )
    assert outcome.status == "ok"
    extraction = outcome.data["extraction"]
    rows = extraction["text"]["preview"].splitlines()
    assert {"TOTAL EUR 20.41", "12/10/2026 18:42 till 3"} <= set(rows)
    assert extraction["text"]["source"] == "ocr"
    assert {page["source"] for page in extraction["pages"]} == {"ocr"}
    assert {each["name"] for each in outcome.data["engines"]} >= {"rapidocr"}
    # Languages nobody reads are said, and the others read.
    assert issues(outcome) == ["OCR_LANGUAGE_UNSUPPORTED"]
    assert "ko, ru" in outcome.data["issues"][0]["message"]
    # What was recognised is compared by its looks all the same.
    assert len(outcome.data["fingerprint"]["pageHashes"]) == 1


def test_the_fields_of_a_photographed_invoice_come_from_ocr() -> None:
    outcome = recognised(SAMPLES / "invoice-photo.jpg")
    assert "Invoice number HF-2026-04711" in text(outcome).splitlines()
    fields = outcome.data["fields"]
    found = {name: fields[name]["value"] for name in ("invoiceNumber", "issueDate")}
    assert found == {"invoiceNumber": "HF-2026-04711", "issueDate": "2026-09-14"}
    assert fields["invoiceNumber"]["source"] == "ocr"
    assert fields["invoiceNumber"]["confidence"] < 1


def test_a_page_gives_the_same_text_whichever_way_up_it_is(tmp_path: Path) -> None:
    receipt = Image.open(SAMPLES / "receipt.png").convert("L")
    upright = receipt.crop((0, receipt.height // 2, receipt.width, receipt.height))
    texts, lies = [], []
    for turn in (0, 90, 180):
        path = tmp_path / f"{turn}.png"
        upright.rotate(turn, expand=True).save(path)
        outcome = extract(path, job_type="FULL_ANALYSIS", ocr=OcrPlace.HERE)
        texts.append(outcome.data["extraction"]["text"]["preview"])
        (page,) = outcome.data["quality"]["pages"]
        lies.append((page["orientationDeg"], "ROTATED" in issues(outcome)))
    assert "TOTAL EUR 20.41" in texts[0]
    assert texts == [texts[0]] * 3
    assert lies == [(0, False), (270, True), (180, True)]


def test_progress_moves_inside_a_page() -> None:
    seen: list[StepReport] = []
    extract(SAMPLES / "receipt.png", report=seen.append, ocr=OcrPlace.HERE)
    fractions = [each.fraction for each in seen if each.step == "ocr"]
    assert fractions == sorted(fractions)
    assert len(set(fractions)) > 3


def test_pages_over_the_budget_are_named_and_the_time_of_ocr_is_its_own(
    tmp_path: Path,
) -> None:
    pages = [Image.open(BytesIO(drawn(word))) for word in ("Harbour", "Compass")]
    pages[0].save(tmp_path / "scan.pdf", save_all=True, append_images=pages[1:])
    seen: list[StepReport] = []
    outcome = extract(
        tmp_path / "scan.pdf",
        limits=Limits(max_ocr_pages=1),
        report=seen.append,
        ocr=OcrPlace.HERE,
    )
    assert text(outcome).strip() == "Harbour"
    assert list(outcome.data["limitsHit"]) == ["ocr_pages"]
    assert set(issues(outcome)) == {"LIMIT_REACHED", "NO_TEXT_LAYER"}
    assert [page["source"] for page in outcome.data["pages"]] == ["ocr", None]
    shown = [each for each in seen if each.step == "ocr"]
    assert {(each.page, each.pages) for each in shown} == {(None, None), (1, 1)}
    steps = {each.name: each.milliseconds for each in outcome.steps}
    assert list(steps)[:3] == ["sniff", "extract", "ocr"]
    assert steps == outcome.data["timingsMs"]


def test_a_picture_without_text_is_said_to_have_none(tmp_path: Path) -> None:
    Image.new("RGB", (600, 400), "white").save(tmp_path / "blank.png")
    outcome = recognised(tmp_path / "blank.png")
    assert (outcome.status, issues(outcome)) == ("ok", ["NO_TEXT_FOUND"])


def test_nothing_is_reported_to_anybody(tmp_path: Path) -> None:
    """In CI onnxruntime is silent anyway: here nothing says that it is there."""
    clean = {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run(
        [sys.executable, "-B", "-c", TELEMETRY],
        env=clean | {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / ".cache")},
        check=True,
        timeout=120,
    )
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert left == []


def test_a_scan_with_a_stamp_over_it_is_read(tmp_path: Path) -> None:
    def scan(canvas: Canvas) -> None:
        canvas.drawImage(str(SAMPLES / "receipt.png"), 100, 0, 400, 800)
        canvas.drawString(10, 780, "Scanned with an app")

    outcome = recognised(drawn_pages(tmp_path, scan))

    assert issues(outcome) == []
    assert "TOTAL EUR 20.41" in text(outcome)
    assert outcome.data["text"]["source"] == "ocr"


def test_words_over_a_picture_without_any_stay(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(drawn(""))

    def cover(canvas: Canvas) -> None:
        canvas.drawImage(str(path), 0, 0, 600, 800)
        canvas.setFillColorRGB(0.99, 0.99, 0.99)
        canvas.drawString(50, 400, "Barely there")

    outcome = recognised(drawn_pages(tmp_path, cover))

    assert text(outcome) == "Barely there"
    assert issues(outcome) == ["LOW_TEXT_DENSITY"]


def test_a_picture_that_nothing_but_blanks_stand_over_has_no_text(
    tmp_path: Path,
) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(drawn(""))

    def cover(canvas: Canvas) -> None:
        canvas.drawImage(str(path), 0, 0, 600, 800)
        canvas.drawString(50, 400, "   ")

    outcome = recognised(drawn_pages(tmp_path, cover))

    assert issues(outcome) == ["NO_TEXT_FOUND"]
