"""Documents as Markdown: what is written reads back as it was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from service.processing import markdown
from service.processing.formats.content import Block, PageContent, TableContent

READER = MarkdownIt("commonmark").enable("table")


def written(*pages: PageContent) -> str:
    return "".join(markdown.pieces(pages))


def page(*blocks: Block, tables: tuple[TableContent, ...] = ()) -> PageContent:
    return PageContent(text="unused", blocks=blocks, tables=tables)


def item(text: str, level: int = 1, *, ordered: bool = False) -> Block:
    return Block(kind="list_item", text=text, level=level, ordered=ordered)


def test_blocks_become_their_marks() -> None:
    text = written(
        page(
            Block(kind="heading", text="Invoice", level=2),
            Block(kind="paragraph", text="One line\nand another"),
            Block(kind="code", text="x = `1`"),
        )
    )

    assert text == "## Invoice\n\nOne line\\\nand another\n\n```\nx = `1`\n```\n\n"


def test_lists_nest_and_count() -> None:
    text = written(
        page(
            item("first", ordered=True),
            item("inside", 2),
            item("second", ordered=True),
            Block(kind="paragraph", text="between"),
            item("anew", ordered=True),
        )
    )

    assert text == ("1. first\n    - inside\n2. second\n\nbetween\n\n1. anew\n\n")
    assert READER.render(text).count("<ol>") == 2


def test_a_table_stands_where_its_block_does() -> None:
    table = TableContent(rows=(("Item", "Net"), ("a|b", "1"), ("c",)), has_header=True)
    text = written(page(Block(kind="table", table=0), tables=(table,)))

    assert text == "| Item | Net |\n| --- | --- |\n| a\\|b | 1 |\n| c |  |\n\n"
    assert "<td>a|b</td>" in READER.render(text)


def test_a_table_without_header_gets_an_empty_one() -> None:
    table = TableContent(rows=(("1", "2"),))

    assert written(PageContent(text="1 2", tables=(table,))) == (
        "|  |  |\n| --- | --- |\n| 1 | 2 |\n\n"
    )


def test_an_empty_table_is_nothing() -> None:
    assert written(PageContent(text="", tables=(TableContent(rows=()),))) == ""


def test_text_without_structure_goes_by_paragraphs() -> None:
    assert written(PageContent(text="One\nline\n\n  \nTwo")) == "One\\\nline\n\nTwo\n\n"


def test_a_sheet_has_its_name_above() -> None:
    table = TableContent(rows=(("a", "b"),), has_header=True)
    text = written(PageContent(text="a\tb", name="Q1_*", tables=(table,)))

    assert text.startswith("## Q1\\_\\*\n\n| a | b |")


def test_pages_without_text_write_nothing() -> None:
    assert written(PageContent(text=""), PageContent(text=" \n")) == ""


@pytest.mark.parametrize(
    "line",
    [
        "*not bold* and __neither__ this",
        "# no heading",
        "- no item",
        "+ no item",
        "---",
        "===",
        "> no quote",
        "<script>alert(1)</script>",
        "[no](link) ![no](picture)",
        "`no code`",
        "&copy; stays",
        "back\\slash",
        "05. March",
        "snake_case and -5 %",
        "~~not struck~~",
        "| no | table |",
    ],
)
def test_text_that_looks_like_markdown_stays_text(line: str) -> None:
    tokens = READER.parse(written(PageContent(text=line)))

    assert [token.type for token in tokens] == [
        "paragraph_open",
        "inline",
        "paragraph_close",
    ]
    inline = tokens[1].children or []
    assert {token.type for token in inline} <= {"text", "text_special"}
    assert "".join(token.content for token in inline) == line


@given(st.text(alphabet="ab01 .*_#-+=<>[]()`~|&;!\\\"'/:", max_size=40))
def test_no_line_becomes_anything_but_text(line: str) -> None:
    rendered = READER.render(written(page(Block(kind="heading", text=line))))

    assert rendered.count("<") == (2 if "h1" in rendered else 0)
