"""Headings, paragraphs and list items of a page whose text is known by its places.

For every reader that gives runs; what it finds keeps the order the runs came in.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from service.processing.formats.content import Block, PageContent, Run, TableContent
from service.processing.results import Box

_LARGER = 1.15
"""A heading's type against that of the body text."""
_HEADING_CHARS = 200
_HEADING_SHARE = 0.2
"""Type of which a document has more than this share is another body text."""
_MAX_LEVEL = 6
_PARAGRAPH_GAP = 0.7
"""White space between two lines, in heights of a line, that ends a paragraph."""
_SHORT_LINE = 0.8
"""A line that ends before this share of the paragraph's width was ended on purpose."""
_BULLET = re.compile(r"[•◦▪●○■□‣·*\u2013\u2014-]\s+(?=\S)")
_NUMBER = re.compile(r"(?:\d{1,3}(?:\.\d{1,3}){0,3}|[a-zA-Z])[.)]\s")


@dataclass(slots=True)
class _Line:
    runs: list[Run]

    @property
    def text(self) -> str:
        return " ".join(run.text for run in self.runs)

    @property
    def box(self) -> Box:
        return (
            min(run.bbox[0] for run in self.runs),
            min(run.bbox[1] for run in self.runs),
            max(run.bbox[2] for run in self.runs),
            max(run.bbox[3] for run in self.runs),
        )

    @property
    def size(self) -> float:
        return max(self.runs, key=lambda run: len(run.text)).size_pt


@dataclass(slots=True)
class _Paragraph:
    """Lines that belong together."""

    lines: list[_Line] = field(default_factory=list)

    def goes_on_with(self, line: _Line) -> bool:
        last = self.lines[-1]
        height = last.box[3] - last.box[1]
        gap = line.box[1] - last.box[3]
        return (
            -0.5 * height < gap <= _PARAGRAPH_GAP * height
            and abs(line.size - last.size) <= 0.1 * last.size
            and line.box[0] < last.box[2]
            and line.box[2] > last.box[0]
            and not _NUMBER.match(line.text)
        )

    def text(self) -> str:
        """Give the lines as one text; those ended on purpose stay apart."""
        edge = self.lines[0].box[0]
        width = max(line.box[2] for line in self.lines) - edge
        ended = [
            len(line.runs) > 1 or line.box[2] - edge < _SHORT_LINE * width
            for line in self.lines[:-1]
        ]
        if ended and 2 * sum(ended) >= len(ended):  # an address, no prose
            return "\n".join(line.text for line in self.lines)
        text = self.lines[0].text
        for short, line in zip(ended, self.lines[1:], strict=True):
            if short:
                text = f"{text}\n{line.text}"
            elif text.endswith("-") and line.text[:1].islower():
                text = text[:-1] + line.text
            else:
                text = f"{text} {line.text}"
        return text


def structured(pages: Sequence[PageContent]) -> Iterator[PageContent]:
    """Give the pages of a document with the blocks that their runs make up."""
    levels = heading_levels(pages)
    for page in pages:
        yield replace(page, blocks=blocks(page.runs, page.tables, levels))


def heading_levels(pages: Iterable[PageContent]) -> Mapping[float, int]:
    """Give the sizes of type that a document sets its headings in, and their levels."""
    used: Counter[float] = Counter()
    for page in pages:
        for run in page.runs:
            used[run.size_pt] += len(run.text)
    if not used:
        return {}
    body, most = used.most_common(1)[0][0], _HEADING_SHARE * used.total()
    larger = (size for size in used if size >= _LARGER * body and used[size] <= most)
    ranked = sorted(larger, reverse=True)
    return {size: min(rank, _MAX_LEVEL) for rank, size in enumerate(ranked, 1)}


def blocks(
    runs: Iterable[Run], tables: Sequence[TableContent], levels: Mapping[float, int]
) -> tuple[Block, ...]:
    """Give the structure of a page.

    Args:
        runs: Its text.
        tables: Its tables, which stand where their first line does.
        levels: Those of headings, by the sizes of their type.
    """
    return tuple(_blocks(list(_lines(runs)), tables, levels))


def _blocks(
    lines: Sequence[_Line], tables: Sequence[TableContent], levels: Mapping[float, int]
) -> Iterator[Block]:
    seen: set[int] = set()
    paragraph = _Paragraph()
    indents: list[float] = []
    for line in lines:
        table = _table_of(line, tables)
        bullet = table is None and bool(_BULLET.match(line.text))
        joined = paragraph.lines and table is None and not bullet
        if joined and paragraph.goes_on_with(line):
            paragraph.lines.append(line)
            continue
        yield from _block(paragraph, levels, indents)
        paragraph = _Paragraph([line] if table is None else [])
        if table is not None and table not in seen:
            seen.add(table)
            yield Block(kind="table", table=table)
    yield from _block(paragraph, levels, indents)
    for table in sorted(set(range(len(tables))) - seen):
        yield Block(kind="table", table=table)


def _block(
    paragraph: _Paragraph, levels: Mapping[float, int], indents: list[float]
) -> Iterator[Block]:
    if not paragraph.lines:
        return
    text, size = paragraph.text(), paragraph.lines[0].size
    bullet = _BULLET.match(text)
    if bullet:
        level = _level(indents, paragraph.lines[0].box[0])
        yield Block(kind="list_item", text=text[bullet.end() :], level=level)
        return
    indents.clear()
    if size in levels and _is_heading(paragraph, text):
        heading = " ".join(text.split())
        yield Block(kind="heading", text=heading, level=levels[size])
    else:
        yield Block(kind="paragraph", text=text)


def _level(indents: list[float], left: float) -> int:
    """Give how deep a list item is: deeper than all items further left before it."""
    while indents and indents[-1] >= left - 1.0:
        indents.pop()
    indents.append(left)
    return min(len(indents), _MAX_LEVEL)


def _is_heading(paragraph: _Paragraph, text: str) -> bool:
    """Say whether large text is a heading: short, in words, not a label and a value."""
    parted = any(
        len(line.runs) > 1 + bool(_NUMBER.match(line.text)) for line in paragraph.lines
    )
    return (
        len(text) <= _HEADING_CHARS
        and not parted
        and any(char.isalpha() for char in text)
    )


def _lines(runs: Iterable[Run]) -> Iterator[_Line]:
    """Give the lines: runs that follow each other and stand side by side."""
    line: list[Run] = []
    for run in runs:
        if line and not _follows(line[-1].bbox, run.bbox):
            yield _Line(line)
            line = []
        line.append(run)
    if line:
        yield _Line(line)


def _follows(one: Box, other: Box) -> bool:
    overlap = min(one[3], other[3]) - max(one[1], other[1])
    lower = min(one[3] - one[1], other[3] - other[1])
    return overlap > 0.5 * lower and other[0] >= one[2] - 1.0


def _table_of(line: _Line, tables: Sequence[TableContent]) -> int | None:
    left, top, right, bottom = line.box
    x, y = (left + right) / 2, (top + bottom) / 2
    for index, table in enumerate(tables):
        area = table.bbox
        if area and area[0] <= x <= area[2] and area[1] <= y <= area[3]:
            return index
    return None
