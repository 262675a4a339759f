import io
from pathlib import Path

import docx as python_docx
import pptx
import pytest

from service.processing.context import Limits
from tests.unit.processing.ole import ole_file
from tests.unit.processing.packed import STRICT_WORD, docx, packed, paragraph
from tests.unit.processing.running import (
    SAMPLES,
    corpus,
    extract,
    refusal,
    text,
)


def saved(tmp_path: Path, content: bytes, name: str = "a.docx") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def test_a_document_keeps_paragraphs_tables_and_footer() -> None:
    outcome = extract(SAMPLES / "agreement.docx")

    lines = text(outcome).splitlines()
    assert lines[0] == "Maintenance agreement"
    assert "MV Sandpiper\tevery 3 months\tEUR 1,850.00" in lines
    assert lines[-1] == "Contract TMS-2027-014"
    assert outcome.data["metadata"]["author"] == "Tidewater Marine"
    assert outcome.data["metadata"]["createdAt"] == "2026-10-01T09:00:00.000Z"


def test_a_real_document_is_read() -> None:
    outcome = extract(corpus("word_tables.docx"))

    assert "Cell 1.0\tCell 1.1\tCell 1.2" in text(outcome).splitlines()


def test_strict_documents_are_read(tmp_path: Path) -> None:
    content = docx(paragraph("Strict"), namespace=STRICT_WORD)

    assert text(extract(saved(tmp_path, content))) == "Strict"


def test_text_boxes_count_once_and_deleted_text_not_at_all(tmp_path: Path) -> None:
    inside = f"<w:txbxContent>{paragraph('In a box')}</w:txbxContent>"
    box = (
        "<m:AlternateContent xmlns:m='urn:mc'>"
        f"<m:Choice>{inside}</m:Choice><m:Fallback>{inside}</m:Fallback>"
        "</m:AlternateContent>"
    )
    removed = "<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>"
    broken = "<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r></w:p>"
    content = docx(f"<w:p><w:r>{box}</w:r></w:p>{removed}{broken}")

    assert text(extract(saved(tmp_path, content))) == "In a box\n\n\na\tb\nc"


def test_deleted_text_that_is_still_there_is_named(tmp_path: Path) -> None:
    removed = "<w:r><w:delText>our price was 5 EUR</w:delText></w:r>"
    content = docx(f"<w:p><w:del>{removed}</w:del></w:p>{paragraph('Offer')}")

    outcome = extract(saved(tmp_path, content), job_type="QUALITY_CHECK")

    [issue] = outcome.data["issues"]
    assert (issue["code"], issue["measured"]) == ("HIDDEN_TEXT", 19)


def test_notes_and_comments_follow_the_body(tmp_path: Path) -> None:
    note = f"<w:n xmlns:w='urn:w'>{paragraph('A note')}</w:n>"

    content = docx(paragraph("Body"), word__footnotes=note, word__comments=note)

    assert text(extract(saved(tmp_path, content))) == "Body\nA note\nA note"


def test_slides_are_pages_with_their_notes() -> None:
    outcome = extract(SAMPLES / "kickoff.pptx")

    assert [page["page"] for page in outcome.data["pages"]] == [1, 2, 3]
    assert "Mention the grid connection date." in text(outcome)
    assert "15 January\tCharger tests" in text(outcome)
    assert outcome.data["metadata"]["pageCount"] == 3


def test_slides_come_in_the_order_of_the_deck(tmp_path: Path) -> None:
    deck = pptx.Presentation()
    for title in ("one", "two", "three"):
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = title
    order = deck.slides._sldIdLst  # noqa: SLF001 - the library offers no reordering
    order.insert(0, order[2])
    target = io.BytesIO()
    deck.save(target)

    outcome = extract(saved(tmp_path, target.getvalue(), "a.pptx"))

    assert text(outcome).split() == ["three", "one", "two"]


def test_too_many_slides_are_refused() -> None:
    limits = Limits(max_pages=2)

    assert refusal(SAMPLES / "kickoff.pptx", limits=limits) == "too_many_pages"


def test_an_empty_document_is_fine(tmp_path: Path) -> None:
    target = io.BytesIO()
    python_docx.Document().save(target)

    outcome = extract(saved(tmp_path, target.getvalue()))

    assert (outcome.status, text(outcome)) == ("ok", "")


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.pptx"])
def test_a_password_is_named(tmp_path: Path, name: str) -> None:
    content = ole_file({"EncryptionInfo": b"x", "EncryptedPackage": b"x" * 5_000})

    assert refusal(saved(tmp_path, content, name)) == "encrypted"


@pytest.mark.parametrize("sample", ["agreement.docx", "expenses.xlsx", "kickoff.pptx"])
@pytest.mark.parametrize("share", [0.3, 0.9, 0.99])
def test_half_files_are_corrupt(tmp_path: Path, sample: str, share: float) -> None:
    whole = (SAMPLES / sample).read_bytes()
    path = saved(tmp_path, whole[: int(len(whole) * share)], sample)

    assert refusal(path) in {"corrupt", "unsupported_type"}


def test_a_document_without_its_main_part_is_corrupt(tmp_path: Path) -> None:
    content = packed({"[Content_Types].xml": "<Types/>", "word/other.xml": "<a/>"})

    assert refusal(saved(tmp_path, content)) == "corrupt"


def test_wrong_metadata_does_no_harm(tmp_path: Path) -> None:
    core = "<c><title> Much \n to do </title><created>soon</created></c>"
    app = "<a><Pages>many</Pages></a>"

    content = docx(paragraph("x"), docProps__core=core, docProps__app=app)

    metadata = extract(saved(tmp_path, content)).data["metadata"]
    assert metadata["title"] == "Much to do"
    assert metadata["createdAt"] is None
    assert metadata["pageCount"] is None
