"""What PDFs carry that acts, and which of them are encrypted."""

import zlib
from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    TextStringObject,
)
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from tests.unit.processing.drawing import changed, drawn, words
from tests.unit.processing.reading import content_of
from tests.unit.processing.running import SAMPLES

LETTER = words((50, 100, "A letter"))


def action(kind: str, **entries: str) -> DictionaryObject:
    return DictionaryObject(
        {NameObject("/S"): NameObject(kind)}
        | {NameObject(f"/{name}"): TextStringObject(v) for name, v in entries.items()}
    )


def opening_with(folder: Path, what: DictionaryObject) -> Path:
    def change(writer: PdfWriter) -> None:
        writer.root_object[NameObject("/OpenAction")] = what

    return changed(drawn(folder, LETTER), change)


def test_a_plain_file_does_nothing() -> None:
    content = content_of(SAMPLES / "invoice.pdf")

    assert not content.safety.javascript
    assert content.safety.external_references == ()
    assert not content.encrypted


def test_a_script_of_the_document_is_named(tmp_path: Path) -> None:
    def change(writer: PdfWriter) -> None:
        named = ArrayObject(
            [TextStringObject("a"), action("/JavaScript", JS="app.alert(1)")]
        )
        scripts = DictionaryObject({NameObject("/Names"): named})
        writer.root_object[NameObject("/Names")] = DictionaryObject(
            {NameObject("/JavaScript"): scripts}
        )

    path = changed(drawn(tmp_path, LETTER), change)

    assert content_of(path).safety.javascript


def test_a_script_on_opening_is_named(tmp_path: Path) -> None:
    path = opening_with(tmp_path, action("/JavaScript", JS="app.alert(1)"))

    assert content_of(path).safety.javascript


def test_a_script_in_an_object_stream_is_named(tmp_path: Path) -> None:
    packed = zlib.compress(b"9 0 <</S/JavaScript/JS(app.alert\\(1\\))>>")
    stream = (
        b"8 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n"
        % len(packed)
    )
    path = drawn(tmp_path, LETTER)
    path.write_bytes(
        path.read_bytes().replace(
            b"xref\n0", stream + packed + b"\nendstream endobj\nxref\n0", 1
        )
    )

    assert content_of(path).safety.javascript


def test_what_it_would_start_or_open_is_named(tmp_path: Path) -> None:
    path = opening_with(tmp_path, action("/Launch", F="calc.exe"))
    assert content_of(path).safety.external_references == ("calc.exe",)

    path = opening_with(tmp_path, action("/GoToR", F="other.pdf"))
    assert content_of(path).safety.external_references == ("other.pdf",)


@pytest.mark.parametrize("apart", [False, True])
def test_a_web_page_that_opens_with_it_is_named(tmp_path: Path, *, apart: bool) -> None:
    def change(writer: PdfWriter) -> None:
        opens = action("/URI", URI="https://example.org/seen")
        writer.root_object[NameObject("/OpenAction")] = (
            writer._add_object(opens) if apart else opens  # noqa: SLF001 - no other way
        )

    path = changed(drawn(tmp_path, LETTER), change)

    found = content_of(path).safety.external_references
    assert found == ("https://example.org/seen",)


def test_a_link_to_the_web_is_ordinary(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 700, "Our site")
        canvas.linkURL("https://example.org/", (50, 690, 150, 710))

    content = content_of(drawn(tmp_path, draw))

    assert content.safety.external_references == ()


def test_an_unnamed_target_gives_the_kind_of_action(tmp_path: Path) -> None:
    what = action("/SubmitForm")
    what[NameObject("/Fields")] = ArrayObject()

    content = content_of(opening_with(tmp_path, what))

    assert content.safety.external_references == ("SubmitForm",)


def test_encryption_without_a_password_is_named(tmp_path: Path) -> None:
    lock = StandardEncryption("", ownerPassword="owner", canCopy=0)
    path = tmp_path / "locked.pdf"
    canvas = Canvas(str(path), encrypt=lock)
    canvas.drawString(72, 700, "Readable")
    canvas.save()

    content = content_of(path)

    assert content.encrypted
    assert content.pages[0].text == "Readable"
