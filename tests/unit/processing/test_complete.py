"""Success means complete: what is lost of a document is named, the rest is read."""

import io
import zipfile
from pathlib import Path

import pytest

from tests.unit.processing.packed import docx, packed, paragraph
from tests.unit.processing.readers import read
from tests.unit.processing.running import SAMPLES, extract, issues, refusal, text

SLIDE = "ppt/slides/slide2.xml"
SHEET = "xl/worksheets/sheet2.xml"


def altered(tmp_path: Path, name: str, member: str, content: bytes | None) -> Path:
    """Give a sample with other content of a member, or without it."""
    with zipfile.ZipFile(SAMPLES / name) as whole:
        parts: dict[str, str | bytes] = {n: whole.read(n) for n in whole.namelist()}
    parts.pop(member)
    if content is not None:
        parts[member] = content
    path = tmp_path / name
    path.write_bytes(packed(parts))
    return path


@pytest.mark.parametrize("content", [None, b"<broken"])
@pytest.mark.parametrize(
    ("name", "member", "pages"),
    [("kickoff.pptx", SLIDE, 3), ("expenses.xlsx", SHEET, 2)],
)
def test_a_damaged_page_is_named_and_the_others_are_read(
    tmp_path: Path, name: str, member: str, pages: int, content: bytes | None
) -> None:
    outcome = extract(altered(tmp_path, name, member, content))

    assert outcome.status == "degraded"
    assert [(each["code"], each["page"]) for each in outcome.data["issues"]] == [
        ("PAGE_UNREADABLE", 2)
    ]
    lengths = [page["charCount"] for page in outcome.data["pages"]]
    assert [length > 0 for length in lengths] == [n != 2 for n in range(1, pages + 1)]


def test_a_document_whose_pages_are_all_damaged_is_corrupt(tmp_path: Path) -> None:
    with zipfile.ZipFile(SAMPLES / "kickoff.pptx") as whole:
        parts: dict[str, str | bytes] = {
            name: b"<" if name.startswith("ppt/slides/slide") else whole.read(name)
            for name in whole.namelist()
        }
    path = tmp_path / "a.pptx"
    path.write_bytes(packed(parts))

    assert refusal(path) == "corrupt"


def test_a_damaged_header_leaves_the_body(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(docx(paragraph("body"), word__header1="<broken"))

    outcome = extract(path)

    assert (text(outcome), issues(outcome)) == ("body", ["PART_UNREADABLE"])


def test_a_damaged_file_of_an_archive_leaves_the_others(tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.txt", "first")
        archive.writestr("b.txt", "second")
    path = tmp_path / "a.zip"
    path.write_bytes(target.getvalue().replace(b"first", b"fIrst"))

    assert issues(extract(path)) == ["PART_UNREADABLE"]
    assert [each.name for each in read(path).embedded] == ["b.txt"]


def test_a_mail_that_breaks_off_is_named(tmp_path: Path) -> None:
    whole = (SAMPLES / "mail-with-invoice.eml").read_bytes()
    path = tmp_path / "a.eml"
    path.write_bytes(whole[: len(whole) * 2 // 3])

    assert issues(extract(path)) == ["TRUNCATED"]


def test_rich_text_that_breaks_off_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.rtf"
    path.write_bytes(b"{\\rtf1 Hello {\\b wor")

    outcome = extract(path)

    assert (text(outcome), issues(outcome)) == ("Hello wor", ["TRUNCATED"])


def test_a_quote_that_is_never_closed_swallows_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,2\n3,"4\n5,6\n7,8\n')

    outcome = extract(path)

    assert issues(outcome) == ["REPAIRED"]
    assert outcome.data["tables"][0]["rows"][-1] == ("7", "8")
