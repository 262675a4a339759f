"""Bar codes and QR codes on pictures and on PDF pages."""

from pathlib import Path

import pytest
from reportlab.graphics.barcode.code128 import Code128
from reportlab.pdfgen.canvas import Canvas

from service.processing import codes
from service.processing.formats.code_areas import CodeAreas
from service.processing.results import Code
from tests.unit.processing.drawing import (
    Draw,
    drawn,
    qr_code,
    together,
    turned,
    words,
)
from tests.unit.processing.reading import opened
from tests.unit.processing.running import SAMPLES, corpus, extract

BILL = "SPC\n0200\n1\nCH5800791123000889012\nS\nRobert Schneider AG"
TRANSFER = "BCD\n002\n1\nSCT\n\nHartwell & Finch\nDE89370400440532013000\nEUR12.50"
LABEL = words((50, 40, "An invoice"))


def found_in(path: Path) -> tuple[Code, ...]:
    context = opened(path)
    codes.read_codes(context)
    found: tuple[Code, ...] = context.extraction["codes"]
    return found


def picture_of(path: Path, left: float, down: float, side: float) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.drawImage(str(path), left, 800 - down - side, side, side)

    return draw


def test_a_real_qr_bill_is_read() -> None:
    (code,) = extract(corpus("qr_bill_example.jpg")).data["codes"]

    assert (code["format"], code["kind"], code["page"]) == ("QRCode", "swiss_qr", 1)
    lines = code["text"].split("\n")
    assert lines[3] == "CH5800791123000889012"
    assert lines[18:20] == ["3949.75", "CHF"]


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_code_drawn_as_squares_is_read_with_its_place(
    tmp_path: Path, degrees: int
) -> None:
    draw = together(LABEL, qr_code(BILL, 100, 500, 130))

    (code,) = found_in(turned(drawn(tmp_path, draw), degrees))

    assert (code.text, code.kind) == (BILL, "swiss_qr")
    assert code.bbox_pt is not None
    left, top, right, bottom = code.bbox_pt
    corner = {0: (100, 500), 90: (170, 100), 180: (370, 170), 270: (500, 370)}[degrees]
    assert corner[0] - 2 <= left < right <= corner[0] + 132
    assert corner[1] - 2 <= top < bottom <= corner[1] + 132


def test_a_small_code_is_read(tmp_path: Path) -> None:
    draw = together(LABEL, qr_code(TRANSFER, 400, 700, 45))

    assert [code.kind for code in found_in(drawn(tmp_path, draw))] == ["epc"]


def test_a_bar_code_is_read(tmp_path: Path) -> None:
    def bars(canvas: Canvas) -> None:
        Code128("DOC-12345", barHeight=40, barWidth=1).drawOn(canvas, 72, 200)

    (code,) = found_in(drawn(tmp_path, together(LABEL, bars)))

    assert (code.format, code.text, code.kind) == ("Code128", "DOC-12345", "other")


def test_a_scanned_page_is_searched_whole(tmp_path: Path) -> None:
    def scan(canvas: Canvas) -> None:
        canvas.drawImage(str(corpus("qr_bill_example.jpg")), 0, 0, 600, 800)

    assert [code.kind for code in found_in(drawn(tmp_path, scan))] == ["swiss_qr"]


def test_a_page_of_text_costs_nothing() -> None:
    context = opened(SAMPLES / "invoice.pdf")
    codes.read_codes(context)

    assert context.extraction["codes"] == ()
    assert "zxing-cpp" not in [engine.name for engine in context.engines]


def test_a_letterhead_is_looked_at_once(tmp_path: Path) -> None:
    head = together(LABEL, picture_of(SAMPLES / "receipt.png", 480, 20, 60))
    pages = [head] * 60
    pages[30] = together(head, qr_code(BILL, 100, 500, 130))

    context = opened(drawn(tmp_path, *pages))
    codes.read_codes(context)

    assert [code.page for code in context.extraction["codes"]] == [31]
    assert context.limits_hit == []


def test_pages_beyond_the_budget_are_named(tmp_path: Path) -> None:
    page = together(picture_of(SAMPLES / "receipt.png", 0, 0, 790), LABEL)

    context = opened(drawn(tmp_path, *[page] * 12))
    codes.read_codes(context)

    assert context.limits_hit == ["code_pages"]


def test_the_same_code_twice_in_one_place_is_one(tmp_path: Path) -> None:
    draw = together(LABEL, qr_code(BILL, 100, 500, 130), qr_code(BILL, 100, 500, 130))

    assert len(found_in(drawn(tmp_path, draw))) == 1


def test_documents_of_other_kinds_are_left_alone() -> None:
    context = opened(SAMPLES / "minutes-utf8.txt")
    codes.read_codes(context)

    assert "codes" not in context.extraction


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (BILL, "swiss_qr"),
        (BILL.replace("\n", "\r\n"), "swiss_qr"),
        (TRANSFER, "epc"),
        ("https://example.org/SPC", "other"),
        ("SPC and more", "other"),
        ("", "other"),
    ],
)
def test_the_first_line_says_what_a_code_is(text: str, kind: str) -> None:
    assert codes.kind_of(text) == kind


def test_very_many_areas_are_told() -> None:
    areas = CodeAreas()

    areas.note(1, [(0.0, 0.0, 1.0, float(n)) for n in range(10_001)])

    assert len(list(areas)) == 10_000
    assert not areas.complete
