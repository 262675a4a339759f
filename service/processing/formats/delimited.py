"""Tables in text: cells between commas, semicolons, tabs or bars (RFC 4180)."""

import csv
from collections.abc import Iterator, Sequence
from typing import Literal

from service.processing.context import StepContext
from service.processing.formats.content import (
    Block,
    PageContent,
    TableContent,
)
from service.processing.formats.flow import within_limit
from service.processing.formats.table_head import has_header
from service.processing.sniff_table import separator_of

_FIELD_CHARS_MAX = 1_000_000


def page(context: StepContext, text: str) -> PageContent:
    """Give the page of a text that is a table.

    Quotes that are never closed are taken for mere characters.
    """
    separator = separator_of(text)
    if separator is None or not context.options.tables:
        return PageContent(text=text, blocks=(Block(kind="paragraph", text=text),))
    try:
        rows, more = _rows(context, text, separator, quoting=csv.QUOTE_MINIMAL)
        _check_end(text, rows)
    except csv.Error:
        message = "A quoted cell has no end; the table was read line by line."
        context.add_issue("REPAIRED", "warning", message)
        try:
            rows, more = _rows(context, text, separator, quoting=csv.QUOTE_NONE)
        except csv.Error:
            return PageContent(text=text, blocks=(Block(kind="paragraph", text=text),))
    table = within_limit(
        context,
        TableContent(
            rows=rows,
            has_header=has_header(rows),
            row_count=len(rows) + more if more else None,
        ),
    )
    block = Block(kind="table", table=0)
    return PageContent(text=text, blocks=(block,), tables=(table,))


def _check_end(text: str, rows: Sequence[Sequence[str]]) -> None:
    """Refuse a last cell whose quote is open, so that it holds all that comes after.

    Raises:
        csv.Error: It is so.
    """
    if rows and "\n" in rows[-1][-1] and text.count('"') % 2:
        message = "the last quote is open"
        raise csv.Error(message)


def _rows(
    context: StepContext, text: str, separator: str, *, quoting: Literal[0, 3]
) -> tuple[tuple[tuple[str, ...], ...], int]:
    """Give the rows within the limit on cells read, and how many more were counted."""
    # The limit is one of the whole process; nothing else in it reads CSV.
    csv.field_size_limit(_FIELD_CHARS_MAX)
    reader = csv.reader(_lines(text), delimiter=separator, quoting=quoting)
    rows, cells, more = [], 0, 0
    left = context.limits.max_cells
    for row in reader:
        if not row:
            continue  # an empty line
        cells += len(row)
        if cells > left:
            context.hit_limit("cells", f"Only the first {left} cells were read.")
            break
        if cells <= 2 * context.limits.max_table_cells:
            rows.append(tuple(row))
        else:
            more += 1
    return tuple(rows), more


def _lines(text: str) -> Iterator[str]:
    """Give the lines one by one: a list of them would double the memory."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end
