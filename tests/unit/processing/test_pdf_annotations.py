"""What was put onto a PDF's pages later: filled-in fields, notes, attached files."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)
from reportlab.pdfgen.canvas import Canvas

from service.processing.context import Limits
from service.processing.formats.content import PageContent
from service.processing.formats.rendering import rendered_pages
from tests.unit.processing.drawing import changed, drawn, words
from tests.unit.processing.reading import content_of, opened
from tests.unit.processing.running import extract, issues, text

FONT = {
    NameObject("/F"): DictionaryObject({
        NameObject("/Type"): NameObject("/Font"),
        NameObject("/Subtype"): NameObject("/Type1"),
        NameObject("/BaseFont"): NameObject("/Helvetica"),
    })
}  # fmt: skip


def form(canvas: Canvas) -> None:
    canvas.drawString(60, 700, "Amount:")
    canvas.acroForm.textfield(
        name="amount", x=120, y=690, width=200, height=24, value="1,250.00 EUR"
    )


def without_looks(writer: PdfWriter) -> None:
    for field in writer.pages[0].annotations or ():
        del field.get_object()["/AP"]


@pytest.mark.parametrize("change", [lambda _: None, without_looks])
def test_what_was_filled_into_a_form_is_text_beside_its_label(
    tmp_path: Path, change: Callable[[PdfWriter], None]
) -> None:
    page = content_of(changed(drawn(tmp_path, form), change)).pages[0]

    value = next(run for run in page.runs if "1,250.00" in run.text)
    label = next(run for run in page.runs if run.text == "Amount:")
    assert value.text == "1,250.00 EUR"
    assert value.bbox[0] > label.bbox[2]
    assert abs(value.bbox[3] - label.bbox[3]) < 6
    assert "1,250.00 EUR" in page.text


def test_what_was_filled_into_a_form_is_on_its_picture(tmp_path: Path) -> None:
    path = changed(drawn(tmp_path, form), without_looks)
    [(_, page)] = rendered_pages(opened(path), [1], dpi=72, longest_px=1_000)

    inside = page.picture.convert("L").crop((122, 90, 318, 106))
    assert inside.histogram()[:100] != [0] * 100


def stamp(text: str, flags: int) -> Callable[[PdfWriter], None]:
    def add(writer: PdfWriter) -> None:
        look = DecodedStreamObject()
        look.set_data(f"BT /F 14 Tf 5 5 Td ({text}) Tj ET".encode())
        box = ArrayObject(map(FloatObject, (0, 0, 200, 30)))
        look.update({
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): box,
            NameObject("/Resources"): DictionaryObject({
                NameObject("/Font"): DictionaryObject(FONT)
            }),
        })  # fmt: skip
        writer.add_annotation(0, DictionaryObject({
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Stamp"),
            NameObject("/F"): NumberObject(flags),
            NameObject("/Rect"): ArrayObject(map(FloatObject, (50, 500, 250, 530))),
            NameObject("/AP"): DictionaryObject({
                NameObject("/N"): writer._add_object(look)  # noqa: SLF001
            }),
        }))  # fmt: skip

    return add


def page_with(path: Path, change: Callable[[PdfWriter], None]) -> PageContent:
    return content_of(changed(path, change)).pages[0]


def test_what_a_stamp_says_is_text_unless_it_is_hidden(tmp_path: Path) -> None:
    letter = words((50, 100, "Dear Sir"))
    seen = page_with(drawn(tmp_path, letter), stamp("PAID 5 March", 4))
    hidden = page_with(drawn(tmp_path, letter), stamp("PAID 5 March", 2))

    assert "PAID 5 March" in seen.text
    assert [run.bbox[1] for run in seen.runs] == pytest.approx([90, 283], abs=6)
    assert "PAID" not in hidden.text


def attach_to_page(writer: PdfWriter) -> None:
    stream = DecodedStreamObject()
    stream.set_data(b"hours,price\n1,2\n")
    name = TextStringObject("hours.csv")
    file = writer._add_object(DictionaryObject({  # noqa: SLF001
        NameObject("/Type"): NameObject("/Filespec"),
        NameObject("/F"): name,
        NameObject("/UF"): name,
        NameObject("/EF"): DictionaryObject({
            NameObject("/F"): writer._add_object(stream)  # noqa: SLF001
        }),
    }))  # fmt: skip
    for left in (50, 80):
        writer.add_annotation(0, DictionaryObject({
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/FileAttachment"),
            NameObject("/Rect"): ArrayObject(map(FloatObject, (left, 9, left + 9, 20))),
            NameObject("/FS"): file,
        }))  # fmt: skip


def test_files_attached_to_a_page_are_listed_once(tmp_path: Path) -> None:
    path = changed(drawn(tmp_path, words((50, 100, "See file"))), attach_to_page)

    [listed] = extract(path).data["embedded"]

    assert (listed["name"], listed["sizeBytes"]) == ("hours.csv", 16)


def note(kind: str, text: str, flags: int = 4) -> Callable[[PdfWriter], None]:
    def add(writer: PdfWriter) -> None:
        writer.add_annotation(0, DictionaryObject({
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject(kind),
            NameObject("/F"): NumberObject(flags),
            NameObject("/Rect"): ArrayObject(map(FloatObject, (50, 500, 70, 520))),
            NameObject("/Contents"): TextStringObject(text),
        }))  # fmt: skip

    return add


@pytest.mark.parametrize("kind", ["/Text", "/Highlight", "/FreeText", "/Square"])
def test_what_readers_wrote_beside_the_page_is_text_at_its_end(
    tmp_path: Path, kind: str
) -> None:
    path = drawn(tmp_path, words((50, 100, "Net total 80 EUR")))

    outcome = extract(changed(path, note(kind, "Wrong? \u2013 ask\rthem")))

    assert text(outcome) == "Net total 80 EUR\nWrong? \u2013 ask\nthem"
    assert "Wrong? \u2013 ask" in outcome.data["markdown"]["preview"]
    assert outcome.data["chunks"][0]["text"].endswith("them")


def test_a_mark_that_repeats_what_it_marks_or_is_hidden_adds_nothing(
    tmp_path: Path,
) -> None:
    path = drawn(tmp_path, words((50, 100, "Net total 80 EUR")))

    marked = changed(path, note("/Highlight", "total  80 EUR"))
    assert content_of(marked).pages[0].comments == ()
    hidden = changed(path, note("/Text", "Unseen", flags=2))
    assert content_of(hidden).pages[0].comments == ()


def test_a_picture_with_a_note_still_waits_for_its_text(tmp_path: Path) -> None:
    path = drawn(tmp_path, lambda canvas: canvas.rect(50, 50, 400, 600, fill=1))

    outcome = extract(changed(path, note("/Text", "Who sent this?")))

    assert issues(outcome) == ["NO_TEXT_LAYER"]
    assert text(outcome) == "Who sent this?"


def test_comments_that_are_too_long_are_cut_off_and_said_to_be(tmp_path: Path) -> None:
    path = drawn(tmp_path, words((50, 100, "Net total 80 EUR")))
    path = changed(
        changed(path, note("/Text", "x" * 60_000)), note("/Text", "y" * 60_000)
    )

    outcome = extract(path)

    assert outcome.data["limitsHit"] == ("page_comments",)
    assert "y" not in text(outcome)


XFA = (
    "<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'><template/><xfa:datasets "
    "xmlns:xfa='http://www.xfa.org/schema/xfa-data/1.0/'><xfa:data><claim>"
    "<amount> 1,250.00\n</amount><data>Yes</data><empty/></claim>"
    "</xfa:data></xfa:datasets>{end}"
)


def drawn_by_a_program(content: str, *, alone: bool) -> Callable[[PdfWriter], None]:
    def change(writer: PdfWriter) -> None:
        packet = DecodedStreamObject()
        packet.set_data(content.encode())
        added = writer._add_object(packet)  # noqa: SLF001
        writer.root_object.update({
            NameObject("/NeedsRendering"): BooleanObject(alone),
            NameObject("/AcroForm"): DictionaryObject({
                NameObject("/XFA"): added, NameObject("/Fields"): ArrayObject(),
            }),
        })  # fmt: skip

    return change


def test_values_of_a_form_drawn_by_a_program_are_read_and_its_pages_missed(
    tmp_path: Path,
) -> None:
    path = drawn(tmp_path, words((50, 100, "Please wait ...")))
    content = XFA.format(end="</xdp:xdp>")

    outcome = extract(changed(path, drawn_by_a_program(content, alone=True)))

    assert text(outcome) == "Please wait ...\namount: 1,250.00\ndata: Yes"
    assert (outcome.status, issues(outcome)) == ("degraded", ["PART_UNREADABLE"])


def test_values_that_are_too_large_to_be_read_are_said_to_be(tmp_path: Path) -> None:
    path = drawn(tmp_path, words((50, 100, "Please wait ...")))
    path = changed(path, drawn_by_a_program(XFA.format(end="</xdp:xdp>"), alone=True))

    outcome = extract(path, limits=Limits(max_part_bytes=200))

    assert outcome.data["limitsHit"] == ("page_comments",)
    assert text(outcome) == "Please wait ..."


@pytest.mark.parametrize(
    ("end", "alone", "status"), [("", True, "degraded"), ("</xdp:xdp>", False, "ok")]
)
def test_broken_values_and_those_of_forms_with_pages_add_nothing(
    tmp_path: Path, end: str, *, alone: bool, status: str
) -> None:
    path = drawn(tmp_path, words((50, 100, "Claim of 1,250.00")))

    outcome = extract(
        changed(path, drawn_by_a_program(XFA.format(end=end), alone=alone))
    )

    assert (text(outcome), outcome.status) == ("Claim of 1,250.00", status)
