"""What the extract step says of a document, whatever its format."""

import re
from pathlib import Path

import pytest

from service.errors import DocumentError
from service.processing import extraction_parts
from service.processing.context import Limits, StepContext
from service.processing.formats.content import (
    Block,
    Content,
    PageContent,
    TableContent,
)
from service.processing.options import ProcessingOptions
from service.processing.page_text import join_pages
from service.processing.results import Metadata
from tests.unit.processing.drawing import drawn, words
from tests.unit.processing.reading import Silence, content_of, opened
from tests.unit.processing.running import SAMPLES, extract, issues, source_of, text


def filled(
    folder: Path, *pages: PageContent, limits: Limits | None = None
) -> StepContext:
    """Give the context of a document that a reader found these pages in."""
    path = folder / "a.txt"
    path.write_text("")
    context = StepContext(
        source_of(path),
        limits or Limits(),
        output_prefix=folder / "made",
        output_key="key",
        progress=Silence(),
    )
    context.content = Content(pages=pages, metadata=Metadata())
    context.text, context.page_starts = join_pages(context, context.content)
    extraction_parts.fill(context)
    return context


def test_pages_are_found_again_in_the_text(tmp_path: Path) -> None:
    context = filled(
        tmp_path,
        PageContent(text="\nOne\n"),
        PageContent(text=""),
        PageContent(text="Three"),
    )

    assert context.text == "One\n\nThree"
    assert context.text[context.page_starts[2] :] == "Three"
    pages = context.extraction["pages"]
    assert [(page.char_count, page.source) for page in pages] == [
        (3, "text_layer"),
        (0, None),
        (5, "text_layer"),
    ]


def test_cut_text_is_told_everywhere(tmp_path: Path) -> None:
    context = filled(
        tmp_path,
        PageContent(text="x" * 30),
        PageContent(text="y" * 30),
        PageContent(text="z" * 30),
        limits=Limits(max_text_chars=40),
    )

    assert context.limits_hit == ["text_chars"]
    assert context.extraction["text"].truncated
    assert [page.char_count for page in context.extraction["pages"]] == [30, 8, 0]
    assert context.page_starts[2] == 40


def test_recognised_text_is_called_so(tmp_path: Path) -> None:
    scanned = PageContent(text="Scanned", text_source="ocr")
    assert filled(tmp_path, scanned).extraction["text"].source == "ocr"

    both = filled(tmp_path, scanned, PageContent(text="Set"))
    assert both.extraction["text"].source == "mixed"
    assert [page.source for page in both.extraction["pages"]] == ["ocr", "text_layer"]


def test_long_text_and_markdown_lie_beside_the_result(tmp_path: Path) -> None:
    context = filled(tmp_path, PageContent(text="word " * 1_000))

    assert context.extraction["text"].object_key == "key/text.txt"
    written = context.extraction["markdown"]
    assert written.object_key == "key/document.md"
    assert len(written.preview) == 2_000
    assert (tmp_path / "made.document.md").read_text().strip() == (
        "word " * 1_000
    ).strip()


def test_short_text_is_all_in_the_result(tmp_path: Path) -> None:
    context = filled(tmp_path, PageContent(text="A *line*"))

    assert context.extraction["markdown"].preview == "A \\*line\\*"
    assert context.extraction["markdown"].object_key is None
    assert context.outputs == []


def test_no_text_has_no_markdown(tmp_path: Path) -> None:
    assert filled(tmp_path, PageContent(text="")).extraction["markdown"] is None


def test_markdown_that_grows_too_long_is_cut_and_told(tmp_path: Path) -> None:
    blocks = tuple(Block(kind="paragraph", text="*" * 30) for _ in range(10))
    page = PageContent(text="*" * 300, blocks=blocks)
    context = filled(tmp_path, page, limits=Limits(max_text_chars=400))

    assert context.limits_hit == ["markdown_chars"]
    assert context.extraction["markdown"].char_count <= 400


TABLE = TableContent(
    rows=(("Item", "Net"), ("Oak", "1.00"), ("Elm",)),
    has_header=True,
    bbox=(1, 2, 3, 4),
    method="lines",
    confidence=0.9,
)


def test_tables_have_rows_of_one_length(tmp_path: Path) -> None:
    page = PageContent(text="", number=4, tables=(TABLE, TableContent(rows=())))
    (table,) = filled(tmp_path, page).extraction["tables"]

    assert table.page == 4
    assert table.header == ("Item", "Net")
    assert table.rows == (("Oak", "1.00"), ("Elm", ""))
    assert (table.row_count, table.column_count) == (2, 2)
    assert (table.bbox_pt, table.method, table.confidence) == (
        (1, 2, 3, 4),
        "lines",
        0.9,
    )


@pytest.mark.parametrize(("cells", "tables", "rows"), [(8, 2, 0), (4, 1, 1), (1, 0, 0)])
def test_cells_over_the_limit_are_told(
    tmp_path: Path, cells: int, tables: int, rows: int
) -> None:
    page = PageContent(text="", tables=(TABLE, TABLE))
    context = filled(tmp_path, page, limits=Limits(max_table_cells=cells))

    found = context.extraction["tables"]
    assert context.limits_hit == ["table_cells"]
    assert len(found) == tables
    if found:
        assert len(found[-1].rows) == rows
        assert found[-1].row_count == 2


def test_passages_over_the_limit_are_told(tmp_path: Path) -> None:
    page = PageContent(text="Sentence. " * 1_000)
    context = filled(tmp_path, page, limits=Limits(max_chunks=3))

    assert len(context.extraction["chunks"]) == 3
    assert context.limits_hit == ["chunks"]


def test_a_whole_document_comes_as_text_markdown_tables_and_passages() -> None:
    data = extract(SAMPLES / "report-tables.pdf").data

    assert data["markdown"]["preview"].startswith("# Harbour Ferries")
    assert "| Q1 2025 | 1,217 |" in data["markdown"]["preview"]
    assert [table["page"] for table in data["tables"]] == [2, 3, 4]
    assert [chunk["heading"] for chunk in data["chunks"]] == [
        "Harbour Ferries: operating report 2025",
        "1. Route North Quay",
        "2. Route Island Loop",
        "3. Route Airport",
    ]


CHOSEN = ProcessingOptions(pages="2,4-5")


def test_only_chosen_pages_of_a_pdf_are_read(tmp_path: Path) -> None:
    path = drawn(tmp_path, *[words((50, 50, f"Page {n}")) for n in range(1, 7)])

    outcome = extract(path, options=CHOSEN)

    assert text(outcome) == "Page 2\n\nPage 4\n\nPage 5"
    assert [page["page"] for page in outcome.data["pages"]] == [2, 4, 5]
    assert [page["previewUrl"][-5:] for page in outcome.data["pages"]] == [
        "2.png",
        "4.png",
        "5.png",
    ]
    assert outcome.data["metadata"]["pageCount"] == 6
    assert outcome.status == "ok"


def test_chosen_pages_beyond_the_end_are_told(tmp_path: Path) -> None:
    path = drawn(tmp_path, *[words((50, 50, f"Page {n}")) for n in range(1, 5)])

    outcome = extract(path, options=CHOSEN)

    assert text(outcome) == "Page 2\n\nPage 4"
    assert issues(outcome) == ["PAGES_MISSING"]
    assert outcome.status == "ok"


@pytest.mark.parametrize("name", ["invoice.pdf", "receipt.png"])
def test_a_document_without_the_chosen_pages_is_refused(name: str) -> None:
    with pytest.raises(DocumentError) as caught:
        extract(SAMPLES / name, options=CHOSEN)

    assert caught.value.code == "no_pages"


def test_only_chosen_frames_of_a_fax_are_read() -> None:
    content = content_of(SAMPLES / "fax.tiff", options=ProcessingOptions(pages="2"))

    assert [page.number for page in content.pages] == [2]
    assert content.metadata.page_count == 2


def without_page_tree(path: Path) -> Path:
    """Break a file so that PDFium refuses it."""
    content = path.read_bytes()
    path.write_bytes(re.sub(rb"/Pages \d+ ", b"/Pages 999 ", content))
    return path


def test_chosen_pages_of_a_damaged_file_are_read_by_the_second_reader(
    tmp_path: Path,
) -> None:
    path = drawn(tmp_path, *[words((50, 50, f"Page {n}")) for n in range(1, 7)])

    context = opened(without_page_tree(path), options=CHOSEN)
    pages = context.read().pages

    assert [engine.name for engine in context.engines] == ["pdfminer.six"]
    assert [(page.number, page.text) for page in pages] == [
        (2, "Page 2"),
        (4, "Page 4"),
        (5, "Page 5"),
    ]


def test_the_second_reader_places_its_text(tmp_path: Path) -> None:
    path = without_page_tree(drawn(tmp_path, words((50, 100, "Corner"))))

    (page,) = content_of(path).pages

    assert [block.text for block in page.blocks] == ["Corner"]
    assert page.runs[0].bbox[0] == pytest.approx(50, abs=1)
    assert page.runs[0].bbox[3] == pytest.approx(102, abs=4)
    assert (page.width_pt, page.height_pt) == (600, 800)
