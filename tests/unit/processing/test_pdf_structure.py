"""Headings, paragraphs, lists and tables of PDFs."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from service.processing.formats.content import PageContent
from service.processing.formats.ruled import grids
from service.processing.options import ProcessingOptions
from service.processing.results import Box
from tests.unit.processing.drawing import drawn, grid, together, turned, words
from tests.unit.processing.reading import content_of, opened
from tests.unit.processing.running import SAMPLES, corpus


def page_of(path: Path) -> PageContent:
    return content_of(path).pages[0]


def blocks_of(path: Path) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in page_of(path).blocks]


PROSE = (
    "This sentence is set in the size of the body and goes over the",
    "whole of the line, as does this one, which ends with a well-",
    "known word.",
)


def prose(down: float) -> list[tuple[float, float, str]]:
    return [(50, down + 12 * row, line) for row, line in enumerate(PROSE)]


def test_large_type_makes_headings(tmp_path: Path) -> None:
    draw = together(
        words((50, 60, "Report"), size=24),
        words(*prose(100)),
        words((50, 170, "1. Findings"), size=14),
        words(*prose(200)),
    )

    blocks = page_of(drawn(tmp_path, draw)).blocks

    assert [(block.kind, block.level) for block in blocks] == [
        ("heading", 1),
        ("paragraph", 1),
        ("heading", 2),
        ("paragraph", 1),
    ]
    assert blocks[2].text == "1. Findings"


def test_lines_become_paragraphs_again(tmp_path: Path) -> None:
    path = drawn(tmp_path, words(*prose(100), (50, 200, "Another.")))

    assert blocks_of(path) == [
        ("paragraph", " ".join(PROSE).replace("well- known", "wellknown")),
        ("paragraph", "Another."),
    ]


def test_an_address_keeps_its_lines(tmp_path: Path) -> None:
    lines = ["Meridian Survey Partners LLP, Accounts", "27 Quayside", "Newcastle"]
    path = drawn(
        tmp_path, words(*((50, 100 + 12 * n, line) for n, line in enumerate(lines)))
    )

    assert blocks_of(path) == [("paragraph", "\n".join(lines))]


def test_bullets_make_lists(tmp_path: Path) -> None:
    path = drawn(
        tmp_path,
        words(
            (50, 100, "\u2022 First of them"),
            (50, 112, "\u2022 Second one"),
            (70, 124, "- below it"),
            (50, 136, "\u2022 Third"),
        ),
    )

    assert [
        (block.kind, block.level, block.text) for block in page_of(path).blocks
    ] == [
        ("list_item", 1, "First of them"),
        ("list_item", 1, "Second one"),
        ("list_item", 2, "below it"),
        ("list_item", 1, "Third"),
    ]


def test_labels_in_larger_type_are_no_headings() -> None:
    blocks = page_of(corpus("EN16931_Einfach.pdf")).blocks

    headings = [block.text for block in blocks if block.kind == "heading"]
    assert headings == ["Handelsrechnung (380) Nr. 471102 vom 05.03.2018"]


ROWS = [
    ("Item", "Description", "Amount"),
    ("1", "Oak table", "1,480.00"),
    ("2", "Chair", "219.50"),
    ("3", "Cable tray", "38.25"),
]
LEFTS = (60, 120, 300)


def cells(
    rows: Sequence[tuple[str, ...]], down: float
) -> list[tuple[float, float, str]]:
    return [
        (left, down + 20 * place, cell)
        for place, row in enumerate(rows)
        for left, cell in zip(LEFTS, row, strict=True)
        if cell
    ]


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_ruled_table_is_read_by_its_lines(tmp_path: Path, degrees: int) -> None:
    draw = together(
        words((50, 60, "Before")),
        grid([50, 110, 290, 400], [85, 105, 125, 145, 165]),
        words(*cells(ROWS, 100)),
        words((50, 250, "After")),
    )

    page = page_of(turned(drawn(tmp_path, draw), degrees))

    assert len(page.tables) == 1
    table = page.tables[0]
    assert (table.method, table.confidence) == ("lines", 1.0)
    if degrees == 0:
        assert table.rows == tuple(ROWS)
        assert table.has_header
        assert table.bbox == pytest.approx((50, 85, 400, 165))
        assert [block.kind for block in page.blocks] == [
            "paragraph",
            "table",
            "paragraph",
        ]
    else:
        filled = {cell for row in table.rows for cell in row if cell}
        assert filled == {cell for row in ROWS for cell in row}


def test_lines_drawn_as_thin_areas_rule_a_table_too(tmp_path: Path) -> None:
    def rules(canvas: Canvas) -> None:
        for left in (50, 110, 290, 400):
            canvas.rect(left, 800 - 165, 0.6, 80, stroke=0, fill=1)
        for down in (85, 105, 125, 145, 165):
            canvas.rect(50, 800 - down, 350, 0.6, stroke=0, fill=1)

    page = page_of(drawn(tmp_path, together(rules, words(*cells(ROWS, 100)))))

    assert page.tables[0].rows == tuple(ROWS)


def test_a_cell_over_two_columns_is_the_first_of_them(tmp_path: Path) -> None:
    def merged(canvas: Canvas) -> None:
        for down in (85, 105, 125):
            canvas.line(50, 800 - down, 400, 800 - down)
        for left in (50, 290, 400):
            canvas.line(left, 800 - 85, left, 800 - 125)
        canvas.line(110, 800 - 105, 110, 800 - 125)

    rows = [("Over both", "", "Sum"), ("1", "Oak", "1,480.00")]
    page = page_of(drawn(tmp_path, together(merged, words(*cells(rows, 100)))))

    assert page.tables[0].rows == tuple(rows)


def test_a_frame_around_text_is_no_table(tmp_path: Path) -> None:
    draw = together(grid([50, 500], [80, 300]), words(*prose(100)))

    assert page_of(drawn(tmp_path, draw)).tables == ()


def test_columns_without_lines_are_a_table() -> None:
    tables = page_of(SAMPLES / "invoice.pdf").tables

    assert len(tables) == 1
    assert tables[0].method == "text"
    assert tables[0].has_header
    assert [row[4] for row in tables[0].rows] == [
        "Amount",
        "1,480.00",
        "1,756.00",
        "778.80",
        "114.75",
        "260.00",
    ]


def test_prose_in_columns_is_no_table(tmp_path: Path) -> None:
    lines = [
        (left, 100 + 12 * row, "words in a column")
        for row in range(8)
        for left in (50.0, 230.0, 410.0)
    ]

    assert page_of(drawn(tmp_path, words(*lines))).tables == ()


def test_tables_are_left_alone_when_nobody_wants_them() -> None:
    content = content_of(
        SAMPLES / "invoice.pdf", options=ProcessingOptions(tables=False)
    )

    assert content.pages[0].tables == ()
    assert all(block.kind != "table" for block in content.pages[0].blocks)


def test_graph_paper_is_named_and_not_searched(tmp_path: Path) -> None:
    lines = [50 + 1.9 * number for number in range(260)]
    path = drawn(
        tmp_path,
        together(
            words((100, 30, "Measured")),
            grid([left * 1.0 for left in lines[::2]], [d * 1.2 for d in lines]),
            grid([560 + 0.1 * n for n in range(3)], [700, 720]),
        ),
    )
    context = opened(path)

    assert context.text == "Measured"
    assert set(context.limits_hit) <= {"table_pages"}


def test_too_many_lines_are_not_tried() -> None:
    across: list[Box] = [(0, 10.0 * n, 3000, 10.0 * n) for n in range(300)]
    upright: list[Box] = [(10.0 * n, 0, 10.0 * n, 3000) for n in range(300)]

    assert grids(across + upright) is None
    assert grids(across + upright[:1]) == []
    found = grids(across[:100] + upright[:100])
    assert found is not None
    assert len(found[0].cells) == 99 * 99


def test_a_drawing_of_very_many_parts_is_told(tmp_path: Path) -> None:
    def hatching(canvas: Canvas) -> None:
        for number in range(10_001):
            canvas.rect(number % 100 * 5, number // 100 * 5, 3, 3)

    context = opened(drawn(tmp_path, together(words((50, 20, "A map")), hatching)))

    assert context.text == "A map"
    assert context.limits_hit == ["table_pages"]
    # Nothing of the text is lost: that alone makes no result degraded.
    assert [issue.severity for issue in context.issues] == ["info"]


def test_very_many_tables_are_told(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 5)
        for left in range(50, 530, 60):
            for up in range(50, 530, 60):
                canvas.grid([left, left + 20, left + 40], [up, up + 20, up + 40])
                canvas.drawString(left + 2, up + 2, "a")
                canvas.drawString(left + 22, up + 2, "b")

    context = opened(drawn(tmp_path, draw))

    assert len(context.read().pages[0].tables) == 50
    assert context.limits_hit == ["table_pages"]


def test_text_without_end_is_placed_in_part(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 1)
        for row in range(600):
            canvas.drawString(5, 10 + row, "abc " * 100)

    context = opened(drawn(tmp_path, draw))
    (page,) = context.read().pages

    assert context.limits_hit == ["page_runs"]
    assert len(page.text) > 200_000
    assert sum(len(run.text.replace(" ", "")) for run in page.runs) < 50_001


def test_a_table_inside_a_form_is_found_in_its_place(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.beginForm("table")
        grid([50, 110, 290, 400], [585, 605, 625, 645, 665])(canvas)
        words(*cells(ROWS, 600))(canvas)
        canvas.endForm()
        canvas.scale(0.5, 0.5)
        canvas.doForm("table")

    (table,) = page_of(drawn(tmp_path, draw)).tables

    assert table.rows == tuple(ROWS)
    assert table.bbox == pytest.approx((25, 692.5, 200, 732.5))
