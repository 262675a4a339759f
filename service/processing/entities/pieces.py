"""Pieces of text, and how text without places is cut into them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from service.processing.results import Box

MAX_LINES = 3_000
"""Lines of one page whose pieces are placed; a full page of small print has 120."""
MAX_LINE_CHARS = 2_000
_CHAR_PT = 6.0
_LINE_PT = 12.0
_CELL_PT = 150.0
_GAP = re.compile(r"\t| {2,40}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of one line of text."""

    text: str
    start: int
    """Place in the text of its `PageText`."""
    bbox: Box
    line: int
    """From 0, top to bottom."""
    placed: bool
    """Whether `bbox` is where it really stands."""
    bold: bool = False
    confidence: float = 1.0
    offset: int | None = None
    """Place in the document's whole text; None = not found there."""

    @property
    def end(self) -> int:
        """Place behind its last character."""
        return self.start + len(self.text)

    @property
    def height(self) -> float:
        """Height in points."""
        return self.bbox[3] - self.bbox[1]


def cells(text: str, offset: int) -> Iterator[Piece]:
    """Give the cells of unplaced text, as if every character were as wide."""
    start = 0
    for number, line in enumerate(text.split("\n", MAX_LINES)[:MAX_LINES]):
        tabbed = "\t" in line
        place, column = 0, 0
        for part in (*_parts(line[:MAX_LINE_CHARS]),):
            gap, cell = part
            place += len(gap)
            column += gap.count("\t")
            left = column * _CELL_PT if tabbed else place * _CHAR_PT
            if cell:
                yield Piece(
                    cell,
                    start + place,
                    _cell_box(left, number, len(cell), tabbed=tabbed),
                    number,
                    placed=False,
                    offset=offset + start + place,
                )
            place += len(cell)
        start += len(line) + 1


def _parts(line: str) -> Iterator[tuple[str, str]]:
    """Give what stands in a line with the gap before it."""
    place, gap = 0, ""
    for match in _GAP.finditer(line):
        yield gap, line[place : match.start()]
        place, gap = match.end(), match[0]
    yield gap, line[place:]


def _cell_box(left: float, line: int, chars: int, *, tabbed: bool) -> Box:
    width = chars * _CHAR_PT
    if tabbed:
        width = min(width, _CELL_PT - _CHAR_PT)
    return (left, line * _LINE_PT, left + width, (line + 1) * _LINE_PT - 2)
