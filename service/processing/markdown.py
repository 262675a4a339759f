"""A document as Markdown (CommonMark, tables as in GitHub's)."""

import re
from collections.abc import Iterable, Iterator, Sequence

from service.processing.formats.content import (
    Block,
    PageContent,
    TableContent,
    cleaned,
)

_ACTIVE = re.compile(r"[\\`*\[\]<>~|]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w{1,31};)")
"""What formats wherever it stands; `_` inside a word does not."""
_LINE_START = re.compile(r"^(?=(?:[#+-]+|=+)(?:\s|$))")
"""Where what follows would make a heading, a list item or a line."""
_LINE_NUMBER = re.compile(r"^(0\d{0,8})(?=[.)]\s)")
"""A number that a list would show without its zero; others look the same in one."""
_PERHAPS = re.compile(r"[\\`*_\[\]<>~|&]|^[#+=0-]")
"""What none of the three above finds anything without: most lines have none."""
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")


def pieces(pages: Iterable[PageContent]) -> Iterator[str]:
    """Give a document's Markdown piece by piece, each with what parts it from the next.

    Pages without blocks are their text by paragraphs, or their tables alone when they
    have any: a sheet is its table.
    """
    for page in pages:
        if page.name and all(block.kind != "heading" for block in page.blocks):
            yield f"## {escaped(_one_line(page.name))}\n\n"
        if page.blocks:
            yield from _blocks(page.blocks, page.tables)
        elif page.tables:
            for each in page.tables:
                yield from table(each)
        else:
            yield from _paragraphs(page.text)
        for comment in page.comments:
            yield from _paragraphs(cleaned(comment))


def escaped(text: str) -> str:
    """Give one line of text that stands in Markdown as it is."""
    if not _PERHAPS.search(text):
        return text
    text = _LINE_START.sub(r"\\", _ACTIVE.sub(r"\\\g<0>", text))
    return _LINE_NUMBER.sub(r"\1\\", text)


def table(found: TableContent) -> Iterator[str]:
    """Give a table row by row; one without a header gets an empty one."""
    width = max((len(row) for row in found.rows), default=0)
    if width == 0:
        return
    rows = iter(found.rows)
    header: Sequence[str] = next(rows) if found.has_header else ()
    yield _row(header, width)
    yield "|" + " --- |" * width + "\n"
    for row in rows:
        yield _row(row, width)
    yield "\n"


def _blocks(blocks: Sequence[Block], tables: Sequence[TableContent]) -> Iterator[str]:
    number: dict[int, int] = {}
    for index, block in enumerate(blocks):
        if block.kind != "list_item":
            number.clear()
            yield from _block(block, tables)
            continue
        for deeper in [level for level in number if level > block.level]:
            del number[deeper]
        number[block.level] = number.get(block.level, 0) + 1
        yield _list_item(block, number[block.level])
        following = blocks[index + 1] if index + 1 < len(blocks) else None
        if following is None or following.kind != "list_item":
            yield "\n"


def _block(block: Block, tables: Sequence[TableContent]) -> Iterator[str]:
    match block.kind:
        case "heading":
            marks = "#" * min(max(block.level, 1), 6)
            yield f"{marks} {escaped(_one_line(block.text))}\n\n"
        case "table":
            if block.table is not None and block.table < len(tables):
                yield from table(tables[block.table])
        case "code":
            fence = "`" * max(3, _longest_fence(block.text) + 1)
            yield f"{fence}\n{block.text}\n{fence}\n\n"
        case _:
            yield from _paragraphs(block.text)


def _list_item(block: Block, number: int) -> str:
    mark = f"{number}." if block.ordered else "-"
    # Four blanks are deep enough below both "-" and "12.".
    indent = "    " * (max(block.level, 1) - 1)
    return f"{indent}{mark} {escaped(_one_line(block.text))}\n"


def _paragraphs(text: str) -> Iterator[str]:
    for part in _BLANK_LINE.split(text.strip()):
        lines = [escaped(line.strip()) for line in part.splitlines() if line.strip()]
        if lines:
            yield "\\\n".join(lines) + "\n\n"  # a line that ends on purpose stays one


def _row(cells: Sequence[str], width: int) -> str:
    filled = (*cells, *[""] * (width - len(cells)))
    return "| " + " | ".join(escaped(_one_line(cell)) for cell in filled) + " |\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _longest_fence(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)
