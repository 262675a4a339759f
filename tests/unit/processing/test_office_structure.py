"""What the parts of office documents are: headings, lists, tables."""

import io
from pathlib import Path

import docx as python_docx
import pptx

from service.processing.context import Limits
from service.processing.formats.content import Content
from tests.unit.processing.packed import docx, paragraph
from tests.unit.processing.readers import context_of, read, read_in, structure
from tests.unit.processing.running import SAMPLES, corpus

_NUMBERING = (
    "<w:numbering xmlns:w='urn:w'>"
    "<w:abstractNum w:abstractNumId='7'><w:lvl w:ilvl='0'><w:numFmt w:val='bullet'/>"
    "</w:lvl><w:lvl w:ilvl='1'><w:numFmt w:val='decimal'/></w:lvl></w:abstractNum>"
    "<w:num w:numId='3'><w:abstractNumId w:val='7'/></w:num></w:numbering>"
)
_STYLES = (
    "<w:styles xmlns:w='urn:w'>"
    "<w:style w:styleId='berschrift2'><w:name w:val='heading 2'/></w:style>"
    "<w:style w:styleId='Mine'><w:name w:val='Mine'/>"
    "<w:basedOn w:val='berschrift2'/></w:style>"
    "<w:style w:styleId='Loop'><w:name w:val='Loop'/><w:basedOn w:val='Loop'/>"
    "</w:style>"
    "<w:style w:styleId='Src'><w:name w:val='Source Code'/></w:style>"
    "<w:style w:styleId='Bul'><w:name w:val='List Bullet 2'/></w:style>"
    "<w:style w:styleId='Blue'><w:name w:val='Blue'/>"
    "<w:tblStylePr w:type='firstRow'/></w:style>"
    "</w:styles>"
)


def styled(text: str, properties: str) -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def row(*cells: str, properties: str = "") -> str:
    return f"<w:tr>{properties}{''.join(cells)}</w:tr>"


def cell(content: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"


def table(*rows: str, properties: str = "") -> str:
    return f"<w:tbl><w:tblPr>{properties}</w:tblPr>{''.join(rows)}</w:tbl>"


def read_body(tmp_path: Path, body: str, *, tables: bool = True) -> Content:
    path = tmp_path / "a.docx"
    parts = {"word__styles": _STYLES, "word__numbering": _NUMBERING}
    path.write_bytes(docx(body, **parts))
    return read(path, tables=tables)


def test_headings_are_known_by_style_in_any_language(tmp_path: Path) -> None:
    content = read_body(
        tmp_path,
        styled("One", "<w:pStyle w:val='berschrift2'/>")
        + styled("Two", "<w:pStyle w:val='Mine'/>")
        + styled("Three", "<w:outlineLvl w:val='2'/>")
        + styled("Body", "<w:outlineLvl w:val='9'/>")
        + styled("Unknown", "<w:pStyle w:val='Nowhere'/>")
        + styled("Circle", "<w:pStyle w:val='Loop'/>"),
    )

    assert structure(content.pages[0]) == [
        "h2 One",
        "h2 Two",
        "h3 Three",
        "paragraph Body",
        "paragraph Unknown",
        "paragraph Circle",
    ]


def test_lists_are_known_by_numbering_and_style(tmp_path: Path) -> None:
    def numbered(text: str, num: int, level: int) -> str:
        return styled(
            text,
            f"<w:numPr><w:ilvl w:val='{level}'/><w:numId w:val='{num}'/></w:numPr>",
        )

    content = read_body(
        tmp_path,
        numbered("a", 3, 0)
        + numbered("b", 3, 1)
        + numbered("none", 0, 0)
        + styled("styled", "<w:pStyle w:val='Bul'/>")
        + styled("x = 1", "<w:pStyle w:val='Src'/>"),
    )

    assert structure(content.pages[0]) == [
        "u1 a",
        "o2 b",
        "paragraph none",
        "u2 styled",
        "code x = 1",
    ]


def test_merged_cells_have_their_value_once() -> None:
    tables = read(corpus("word_tables.docx")).pages[0].tables

    assert all(table.has_header for table in tables)
    assert tables[1].rows[1] == ("Cell 1.0", "Merged Cell 1.1 1.2", "")
    assert tables[3].rows[2] == ("Cell 2.0", "", "Cell 2.2")
    assert len({len(row) for table in tables for row in table.rows[:1]}) > 1


def test_a_header_is_known_by_its_mark_its_style_or_its_looks(tmp_path: Path) -> None:
    plain = row(cell(paragraph("Ann")), cell(paragraph("Bob")))
    marked = row(
        cell(paragraph("A")),
        cell(paragraph("B")),
        properties="<w:trPr><w:tblHeader/></w:trPr>",
    )
    style = "<w:tblStyle w:val='Blue'/><w:tblLook w:val='04A0'/>"
    unstyled = "<w:tblStyle w:val='Mine'/><w:tblLook w:val='04A0'/>"

    content = read_body(
        tmp_path,
        table(marked, plain)
        + table(plain, plain, properties=style)
        + table(plain, plain, properties=unstyled),
    )

    assert [t.has_header for t in content.pages[0].tables] == [True, True, False]
    assert read(SAMPLES / "agreement.docx").pages[0].tables[0].has_header


def test_a_table_around_tables_is_only_layout(tmp_path: Path) -> None:
    inner = table(row(cell(paragraph("1")), cell(paragraph("2"))))
    outer = table(
        row(cell(paragraph("Left")), cell(paragraph("Before") + inner + paragraph("")))
    )

    page = read_body(tmp_path, outer + paragraph("End")).pages[0]

    assert structure(page) == [
        "paragraph Left",
        "paragraph Before",
        "table",
        "paragraph End",
    ]
    assert [each.rows for each in page.tables] == [(("1", "2"),)]
    assert page.text == "Left\nBefore\n1\t2\n\nEnd"


def test_parts_of_tables_without_a_table_do_no_harm(tmp_path: Path) -> None:
    odd = f"<w:tc>{paragraph('a')}</w:tc><w:tr>{paragraph('b')}</w:tr>"
    inner = f"<w:tc><w:tc>{paragraph('c')}</w:tc></w:tc>"
    twice = f"<w:tbl><w:tr><w:tr>{inner}</w:tr></w:tr></w:tbl>"

    assert read_body(tmp_path, odd + twice).pages[0].text == "a\nb\nc"


def test_the_text_holds_what_the_blocks_hold(tmp_path: Path) -> None:
    for page in read(SAMPLES / "agreement.docx").pages:
        at = 0
        for block in page.blocks:
            lines = (
                ["\t".join(r).rstrip("\t") for r in page.tables[block.table].rows]
                if block.table is not None
                else [block.text]
            )
            for line in lines:
                at = page.text.index(line, at) + len(line)


def test_hidden_text_is_counted_and_left_out(tmp_path: Path) -> None:
    hidden = "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r></w:p>"
    shown = "<w:p><w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>open</w:t></w:r></w:p>"

    page = read_body(tmp_path, hidden + shown).pages[0]

    assert (page.text, page.hidden_chars) == ("open", 6)


def test_tab_stops_are_no_tabs(tmp_path: Path) -> None:
    stops = "<w:tabs><w:tab w:val='right' w:pos='9000'/></w:tabs>"

    assert read_body(tmp_path, styled("x", stops)).pages[0].text == "x"


def test_without_tables_their_text_stays(tmp_path: Path) -> None:
    body = table(row(cell(paragraph("a")), cell(paragraph("b"))))

    page = read_body(tmp_path, body, tables=False).pages[0]

    assert page.tables == ()
    assert (page.text, structure(page)) == ("a\tb", ["paragraph a\tb"])


def test_tables_over_the_limit_are_cut_and_named(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    rows = [row(cell(paragraph(f"r{n}")), cell(paragraph("x"))) for n in range(9)]
    path.write_bytes(docx(table(*rows) + table(*rows)))
    context = context_of(path, limits=Limits(max_table_cells=25))

    page = read_in(context).pages[0]

    assert [len(each.rows) for each in page.tables] == [9, 3]
    assert [each.row_count for each in page.tables] == [None, 9]
    assert context.limits_hit == ["table_cells"]
    assert page.text.count("r8") == 2


def test_slides_have_titles_lists_and_tables() -> None:
    pages = read(SAMPLES / "kickoff.pptx").pages

    assert structure(pages[0])[0] == "h1 Electric ferries: kick-off"
    assert structure(pages[1]) == [
        "h2 What we want to reach",
        "u1 Two vessels in service by May",
        "u1 Charging at both quays",
        "u1 No crossing cancelled for lack of power",
        "paragraph Mention the grid connection date.",
    ]
    assert pages[2].tables[0].has_header


def test_chosen_slides_keep_their_numbers() -> None:
    content = read(SAMPLES / "kickoff.pptx", pages="2-3")

    assert [page.number for page in content.pages] == [2, 3]
    assert content.metadata.page_count == 3


def test_a_table_on_a_slide_that_nobody_marked_has_no_header(tmp_path: Path) -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    shape = slide.shapes.add_table(2, 2, 0, 0, 100, 100)
    shape.table.first_row = False
    shape.table.cell(0, 0).text = "one\ntwo"
    target = io.BytesIO()
    deck.save(target)
    path = tmp_path / "a.pptx"
    path.write_bytes(target.getvalue())

    found = read(path).pages[0].tables[0]

    assert (found.has_header, found.rows) == (False, (("one\ntwo", ""), ("", "")))


def test_documents_of_a_common_library_are_understood(tmp_path: Path) -> None:
    document = python_docx.Document()
    document.add_heading("Top", 0)
    document.add_heading("Below", 2)
    document.add_paragraph("first", style="List Number")
    document.add_paragraph("dot", style="List Bullet")
    document.save(str(tmp_path / "a.docx"))

    page = read(tmp_path / "a.docx").pages[0]

    assert structure(page) == ["h1 Top", "h2 Below", "o1 first", "u1 dot"]
