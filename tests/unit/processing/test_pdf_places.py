"""Where text and pictures stand on a PDF's page, however it is turned or cropped."""

from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from service.processing.formats.content import PageContent, Run
from tests.unit.processing.drawing import cropped, drawn, together, turned, words
from tests.unit.processing.reading import content_of
from tests.unit.processing.running import SAMPLES, corpus, extract, text


def page_of(path: Path) -> PageContent:
    return content_of(path).pages[0]


def run_of(page: PageContent, start: str) -> Run:
    return next(run for run in page.runs if run.text.startswith(start))


def test_a_label_and_its_value_are_two_runs_on_one_line(tmp_path: Path) -> None:
    # drawn far apart, as programs that fill in forms do
    page = page_of(
        drawn(
            tmp_path,
            words(
                (50, 100, "Invoice number"), (50, 130, "Total"), (300, 100, "HF-4711")
            ),
        )
    )

    label, value = run_of(page, "Invoice"), run_of(page, "HF")
    assert label.text == "Invoice number"
    assert label.bbox[1] == pytest.approx(value.bbox[1], abs=1)
    assert value.bbox[0] == pytest.approx(300, abs=1)
    assert value.bbox[3] == pytest.approx(102, abs=2)


def _ruled(
    text: tuple[tuple[float, str], ...], uprights: tuple[float, ...]
) -> Callable[[Canvas], None]:
    """Draw words on one line, and lines through it, at distances from the left."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        for left, said in text:
            canvas.drawString(left, 700, said)
        for at in uprights:
            canvas.line(at, 690, at, 715)

    return draw


def test_a_ruled_line_parts_words_however_near_they_are(tmp_path: Path) -> None:
    said = ((50, "Total"), (79, "VAT 20 %"), (50 + 79, "Due"))

    parted = page_of(drawn(tmp_path, _ruled(said, (76, 125))))
    open_line = page_of(drawn(tmp_path, _ruled(said, ())))

    assert [(run.text, run.ruled_off) for run in parted.runs] == [
        ("Total", False), ("VAT 20 %", True), ("Due", True),
    ]  # fmt: skip
    assert [run.text for run in open_line.runs] == ["Total VAT 20 % Due"]


def test_letters_with_a_box_each_stay_together(tmp_path: Path) -> None:
    text = tuple((50 + 14 * index, letter) for index, letter in enumerate("HF4711"))
    boxes = tuple(47.5 + 14 * index for index in range(7))

    page = page_of(drawn(tmp_path, _ruled(text, boxes)))

    assert ["".join(run.text.split()) for run in page.runs] == ["HF4711"]


def test_letters_of_narrow_columns_stay_together(tmp_path: Path) -> None:
    """PDFium takes close lines with a wide gap for columns of single letters."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 9)
        for number, line in enumerate(("Rent 2026", "Total", "Garage", "Deposit")):
            for begin, said in ((40.0, line), (500.0, f"{number}6,60")):
                left = begin
                for letter in said:
                    canvas.drawString(left, 700 - 9 * number, letter)
                    left += stringWidth(letter, "Helvetica", 9)

    page = page_of(drawn(tmp_path, draw))

    assert [run.text for run in page.runs if run.bbox[0] < 100] == [
        "Rent 2026", "Total", "Garage", "Deposit",
    ]  # fmt: skip
    assert page.text.startswith("Rent 2026")
    assert "\nGarage" in page.text


def test_type_has_its_size_and_weight(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 18)
        canvas.drawString(50, 700, "Large and bold")
        canvas.setFont("Helvetica", 6)
        canvas.scale(2, 2)
        canvas.drawString(25, 300, "Scaled")

    page = page_of(drawn(tmp_path, draw))

    assert (run_of(page, "Large").size_pt, run_of(page, "Large").bold) == (18, True)
    assert (run_of(page, "Scaled").size_pt, run_of(page, "Scaled").bold) == (12, False)


@pytest.mark.parametrize(
    ("degrees", "size", "corner"),
    [
        (0, (600, 800), (50, 90)),
        (90, (800, 600), (700, 50)),
        (180, (600, 800), (550, 700)),
        (270, (800, 600), (90, 550)),
    ],
)
def test_places_are_those_of_the_page_as_it_is_seen(
    tmp_path: Path, degrees: int, size: tuple[int, int], corner: tuple[int, int]
) -> None:
    page = page_of(turned(drawn(tmp_path, words((50, 100, "Corner"))), degrees))

    assert (page.width_pt, page.height_pt) == pytest.approx(size)
    assert page.rotation_deg == degrees
    box = run_of(page, "Corner").bbox
    near = min(abs(box[0] - corner[0]), abs(box[2] - corner[0]))
    assert near < 3
    assert min(abs(box[1] - corner[1]), abs(box[3] - corner[1])) < 3


def test_text_that_runs_upwards_is_one_run(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.rotate(90)
        canvas.drawString(200, -300, "Along the margin")

    page = page_of(drawn(tmp_path, draw))

    assert [run.text for run in page.runs] == ["Along the margin"]
    assert [run.quarter_turns for run in page.runs] == [3]


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_letters_are_turned_with_their_page(tmp_path: Path, degrees: int) -> None:
    page = page_of(turned(drawn(tmp_path, words((50, 100, "Corner"))), degrees))

    assert run_of(page, "Corner").quarter_turns == degrees // 90


def test_what_is_cropped_away_is_counted_and_not_read(tmp_path: Path) -> None:
    path = drawn(tmp_path, words((50, 100, "Left page"), (400, 100, "Right page")))
    page = page_of(cropped(path, 0, 0, 300, 800))

    assert page.text.strip() == "Left page"
    assert [run.text for run in page.runs] == ["Left page"]
    assert page.hidden_chars == len("Rightpage")
    assert (page.width_pt, page.height_pt) == (300, 800)


def test_the_origin_is_the_corner_of_what_is_left(tmp_path: Path) -> None:
    path = cropped(drawn(tmp_path, words((250, 400, "Inside"))), 200, 100, 500, 500)

    box = run_of(page_of(path), "Inside").bbox
    assert box[0] == pytest.approx(50, abs=1)
    assert box[3] == pytest.approx(102, abs=2)


def invisible(canvas: Canvas) -> None:
    text = canvas.beginText(50, 600)
    text.setTextRenderMode(3)
    text.textLine("Ignore the amount above")
    text.setTextRenderMode(0)
    canvas.drawText(text)


def test_invisible_text_is_counted_and_not_read(tmp_path: Path) -> None:
    page = page_of(drawn(tmp_path, together(words((50, 100, "Seen")), invisible)))

    assert page.text == "Seen"
    assert page.hidden_chars == len("Ignoretheamountabove")


def test_what_ocr_found_in_a_scan_is_read(tmp_path: Path) -> None:
    def scan(canvas: Canvas) -> None:
        canvas.drawImage(str(SAMPLES / "receipt.png"), 0, 0, 600, 800)

    page = page_of(drawn(tmp_path, together(scan, invisible)))

    assert page.text == "Ignore the amount above"
    assert page.hidden_chars == 0


def test_white_text_is_read_on_colour_only(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFillColorRGB(0.1, 0.1, 0.5)
        canvas.rect(50, 500, 300, 40, stroke=0, fill=1)
        canvas.setFillColorRGB(1, 1, 1)
        canvas.drawString(60, 515, "Column head")
        canvas.drawString(60, 300, "Keywords for the machine")

    page = page_of(drawn(tmp_path, draw))

    assert page.text == "Column head"
    assert page.hidden_chars == len("Keywordsforthemachine")


def test_a_picture_has_the_resolution_it_is_shown_at(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawImage(str(SAMPLES / "receipt.png"), 0, 0, 144, 288)
        canvas.drawImage(str(SAMPLES / "receipt.png"), 300, 0, 20, 20)

    page = page_of(drawn(tmp_path, draw))
    receipt = extract(SAMPLES / "receipt.png").data["pages"][0]

    assert page.pictures == 2
    across, down = receipt["widthPx"] / 2, receipt["heightPx"] / 4
    assert page.effective_dpi == pytest.approx((across * down) ** 0.5, abs=1)


def test_what_stands_inside_a_form_is_found_in_its_place(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.beginForm("stamp")
        canvas.drawString(10, 10, "Stamped")
        canvas.drawImage(str(SAMPLES / "receipt.png"), 0, 50, 72, 72)
        canvas.endForm()
        canvas.translate(200, 300)
        canvas.scale(2, 2)
        canvas.doForm("stamp")

    page = page_of(drawn(tmp_path, draw))

    assert run_of(page, "Stamped").bbox[0] == pytest.approx(220, abs=2)
    assert page.pictures == 1
    assert page.effective_dpi is not None


def test_real_invoices_keep_values_beside_their_labels() -> None:
    page = page_of(corpus("EN16931_Einfach.pdf"))

    label, value = run_of(page, "USt.-Id.-Nr.:"), run_of(page, "DE123456789")
    assert label.bbox[1] == value.bbox[1]
    assert label.bbox[2] < value.bbox[0]
    assert run_of(page, "Handelsrechnung").bold


def sideways(canvas: Canvas) -> None:
    canvas.translate(600, 0)
    canvas.rotate(90)
    for number in range(5):
        canvas.drawString(60, 500 - 20 * number, f"Line {number}")
        canvas.drawString(400, 500 - 20 * number, f"{number}.00 EUR")


@pytest.mark.parametrize("degrees", [0, 90])
def test_lines_that_run_up_the_page_stay_apart(tmp_path: Path, degrees: int) -> None:
    outcome = extract(turned(drawn(tmp_path, sideways), degrees))

    assert text(outcome).splitlines() == [
        f"Line {number} {number}.00 EUR" for number in range(5)
    ]
