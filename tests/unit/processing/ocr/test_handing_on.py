"""Whether a document goes to OCR; needs no engine."""

from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from service.domain.options import Choice
from service.errors import DocumentError, OcrElsewhereError
from service.processing.context import OcrPlace
from service.processing.options import ProcessingOptions
from tests.unit.processing.drawing import drawn
from tests.unit.processing.running import SAMPLES, extract, issues, text

SCAN, TEXT = SAMPLES / "receipt.png", SAMPLES / "minutes-utf8.txt"


@pytest.mark.parametrize("choice", ["auto", "required"])
@pytest.mark.parametrize("name", ["receipt.png", "scanned-pages.pdf", "fax.tiff"])
@pytest.mark.parametrize("job_type", ["DATA_EXTRACTION", "QUALITY_CHECK"])
def test_a_picture_is_handed_on_to_where_ocr_is(
    name: str, choice: Choice, job_type: str
) -> None:
    with pytest.raises(OcrElsewhereError):
        extract(
            SAMPLES / name,
            job_type=job_type,
            options=ProcessingOptions(ocr=choice),
            ocr=OcrPlace.ELSEWHERE,
        )


@pytest.mark.parametrize("place", OcrPlace)
def test_a_picture_stays_a_picture_where_no_ocr_is_wanted(place: OcrPlace) -> None:
    outcome = extract(SCAN, options=ProcessingOptions(ocr="off"), ocr=place)
    assert issues(outcome) == ["NO_TEXT_LAYER"]


def test_without_ocr_a_picture_gives_what_can_be_had_or_fails_if_it_insists() -> None:
    assert issues(extract(SCAN)) == ["NO_TEXT_LAYER"]
    with pytest.raises(DocumentError) as caught:
        extract(SCAN, options=ProcessingOptions(ocr="required"))
    assert caught.value.code == "ocr_unavailable"


@pytest.mark.parametrize("place", OcrPlace)
@pytest.mark.parametrize("path", [TEXT, SAMPLES / "invoice.pdf"])
def test_a_document_with_text_needs_no_ocr(path: Path, place: OcrPlace) -> None:
    outcome = extract(path, options=ProcessingOptions(ocr="required"), ocr=place)
    assert text(outcome)


def stamped(folder: Path) -> Path:
    def scan(canvas: Canvas) -> None:
        canvas.drawImage(str(SCAN), 100, 0, 400, 800)
        canvas.drawString(10, 780, "Scanned with an app")

    return drawn(folder, scan)


def test_a_stamp_over_a_scan_is_not_its_text(tmp_path: Path) -> None:
    with pytest.raises(OcrElsewhereError):
        extract(stamped(tmp_path), ocr=OcrPlace.ELSEWHERE)

    outcome = extract(stamped(tmp_path))
    assert text(outcome) == "Scanned with an app"
    assert [(each["code"], each["page"]) for each in outcome.data["issues"]] == [
        ("LOW_TEXT_DENSITY", 1)
    ]
