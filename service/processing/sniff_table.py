"""Tells a table in text, and what stands between its cells."""

import re
from collections import Counter

_SAMPLE_CHARS = 65_536
_LINES = 100
_ROWS = 20
_MOST = 0.6
_COMMA_SHARE = 0.9
_FEW = 5
"""Fewer rows with commas must all agree."""
_DECIMAL = re.compile(r"\d,\d")
"""Such commas may be those of amounts, each on a line of text."""
_STRAY_SHARE = 0.1
"""Of the lines from the first row of a table to its last, those without any cell."""
_FILLED_SHARE = 0.5
"""Of the rows, those with something on both sides of a separator."""
_MARKDOWN_TABLE = re.compile(r"\|?(?:\s*:?-{2,}:?\s*\|)+(?:\s*:?-{2,}:?)?$")
"""The line under the head of a table."""
_MARKDOWN_LINE = re.compile(r"\s{0,3}(?:[-*+>]\s(?!\d)|#{1,6}\s|```|~~~)")
"""Of a list, a quotation, a heading or code: no row, whatever it holds."""


def separator_of(text: str) -> str | None:
    """Give what stands between the cells of a text that is a table, else None.

    Most lines hold the same number of it. Statements of banks begin with lines of
    another kind, hence "most"; commas stand in prose as well, so with them nearly all.
    """
    lines = text[:_SAMPLE_CHARS].splitlines()
    lines = [line for line in lines[:_LINES] if line.strip()]
    if not lines or lines[0].lstrip("\ufeff \t").startswith(("{", "[", "<")):
        return None
    if any(_MARKDOWN_TABLE.match(line.strip()) for line in lines):
        return None
    for rows in (_rows(lines), lines):
        for separator in ",;\t|":
            if _separates(separator, rows[:_ROWS]):
                return separator
    return None


def _separates(separator: str, rows: list[str]) -> bool:
    counts = [_outside_quotes(row, separator) for row in rows]
    found = [(times, number) for number, times in Counter(counts).items() if number]
    agreeing, number = max(found, default=(0, 0))
    if agreeing < max(2, _needed(separator, rows)):
        return False
    first = counts.index(number)
    last = len(counts) - counts[::-1].index(number)
    if counts[first:last].count(0) > _STRAY_SHARE * (last - first):
        return False  # lines of code and prose come and go; those of a table stay
    table = [row for row, count in zip(rows, counts, strict=True) if count == number]
    if sum(_is_filled(row, separator) for row in table) < _FILLED_SHARE * agreeing:
        return False  # it ends lines, as in code, or indents them
    # The commas of prose are followed by a blank.
    spaced = sum(row.count(f"{separator} ") for row in rows)
    return separator != "," or spaced * 2 <= number * len(rows)


def _needed(separator: str, rows: list[str]) -> float:
    """Give how many rows must agree; one of a few with commas may be short."""
    count = len(rows)
    if separator != ",":
        return _MOST * count
    if count < _FEW or any(map(_DECIMAL.search, rows)):
        return _COMMA_SHARE * count
    return min(_COMMA_SHARE * count, count - 1)


def _rows(lines: list[str]) -> list[str]:
    """Put lines together that a quoted cell keeps apart; one without end is left."""
    rows, start, quotes = [], 0, 0
    for end, line in enumerate(lines, 1):
        quotes += line.count('"')
        if quotes % 2 == 0:
            rows.append("\n".join(lines[start:end]))
            start = end
    return rows


def _outside_quotes(row: str, separator: str) -> int:
    if _MARKDOWN_LINE.match(row):
        return 0
    return sum(part.count(separator) for part in row.split('"')[::2])


def _is_filled(row: str, separator: str) -> bool:
    return sum(not cell.isspace() and cell != "" for cell in row.split(separator)) > 1
