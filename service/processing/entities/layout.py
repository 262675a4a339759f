"""The text of a page in reading order, and where each piece of it stands.

Where a reader places its text, lines are put together from the pieces at one height:
what lies apart is apart by a tab. Where it does not, the text is taken as it is and a
piece is a cell: what stands between tabs or wide spaces. So one algorithm, which looks
right of and below a label, serves all kinds of documents.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property

from service.processing.context import StepContext
from service.processing.entities.pieces import MAX_LINES, Piece, cells
from service.processing.entities.turning import Turned, turned, uprighted
from service.processing.formats.content import PageContent, Run
from service.processing.results import Box, FieldSource

_SAME_LINE = 0.5
"""Share of the smaller height by which the middles of a line's pieces may differ."""
_APART = 1.0
"""Gap between pieces that lie apart, in heights of the type: a space is 0.3."""
_TOUCHING = 0.12
_USUAL, _CAPITAL = 556, 667
_WIDTHS = {
    char: width
    for width, chars in (
        (222, "ijl'"), (278, " .,:;/!|ftI[]\u00a0\u00b7"), (333, "r()-"),
        (500, "ckszxyvJ"), (556, "L"), (611, "FTZ"), (722, "wCDHNRU"), (778, "GOQ"),
        (833, "mM"), (944, "W"), (889, "%"), (1000, "@"),
    )
    for char in chars
}  # fmt: skip
"""Of characters in thousandths of the type's size, as in Helvetica (Adobe AFM)."""
_ALIGN_CHARS = 4_000
"""How far ahead in the page's text the next piece is looked for."""


class PageText:
    """The text of one page, its pieces and what is where.

    Attributes:
        number: Of the page, from 1.
        text: In reading order; a line break ends a line, a tab parts what lies apart.
        written: The same as the file has it, where a tab stands for another separator.
        placed: Whether the pieces have real positions.
        height_pt: Of the page; 0 where it is not known.
        cut: Whether text was left out because there are too many lines.
    """

    def __init__(
        self,
        number: int,
        text: str,
        *,
        offset: int,
        pieces: Sequence[Piece] | None = None,
        height_pt: float | None = None,
        turned: Turned | None = None,
        recognised: bool = False,
        cut: bool = False,
    ) -> None:
        self.number = number
        self.cut = cut
        self.text = self.written = text
        self.placed = pieces is not None
        self.height_pt = height_pt or 0.0
        self._offset = offset
        self._given = pieces
        self._turned = turned
        self._recognised = recognised

    @cached_property
    def pieces(self) -> Sequence[Piece]:
        """All pieces in reading order."""
        if self._given is not None:
            return self._given
        return tuple(cells(self.text, self._offset))

    @cached_property
    def height(self) -> float:
        """Height of the page, else that of its pieces."""
        lowest = max((piece.bbox[3] for piece in self.pieces), default=1.0)
        return self.height_pt or lowest

    @cached_property
    def lines(self) -> Sequence[Sequence[Piece]]:
        """The pieces of each line."""
        lines: list[list[Piece]] = []
        for piece in self.pieces:
            while len(lines) <= piece.line:
                lines.append([])
            lines[piece.line].append(piece)
        return lines

    @cached_property
    def _starts(self) -> Sequence[int]:
        return [piece.start for piece in self.pieces]

    def index_at(self, place: int) -> int | None:
        """Give the index of the piece at a place in `text`."""
        index = bisect_right(self._starts, place) - 1
        if index < 0 or place >= self.pieces[index].end:
            return None
        return index

    def between(self, start: int, end: int) -> Sequence[Piece]:
        """Give the pieces that share characters with a part of `text`."""
        first = bisect_right(self._starts, start) - 1
        last = bisect_right(self._starts, end - 1)
        return [p for p in self.pieces[max(first, 0) : last] if p.end > start]

    def bbox(self, start: int, end: int) -> Box | None:
        """Give the box around a part of `text`; None when nothing is placed.

        Inside a piece the characters are taken to be as wide as in most typefaces.
        """
        if not self.placed:
            return None
        boxes = [_part(piece, start, end) for piece in self.between(start, end)]
        if not boxes:
            return None
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        box = (min(lefts), min(tops), max(rights), max(bottoms))
        left, top, right, bottom = self._turned.seen(box) if self._turned else box
        return (round(left, 1), round(top, 1), round(right, 1), round(bottom, 1))

    def offsets(self, start: int, end: int) -> tuple[int | None, int | None]:
        """Give the place of a part of `text` in the document's whole text."""
        if not self.placed:
            return self._offset + start, self._offset + end
        pieces = self.between(start, end)
        if not pieces or pieces[0].offset is None or pieces[-1].offset is None:
            return None, None
        first = pieces[0].offset + max(start - pieces[0].start, 0)
        last = pieces[-1].offset + min(end, pieces[-1].end) - pieces[-1].start
        # Drawn in another order than read, the part is no part of the whole text.
        return (first, last) if 0 < last - first <= 2 * (end - start) else (None, None)

    def source(self, start: int, end: int) -> tuple[FieldSource, float]:
        """Say whether a part of `text` was recognised, and how surely, 0-1."""
        lowest = 1.0
        if self.placed:
            lowest = min((p.confidence for p in self.between(start, end)), default=1.0)
        return ("ocr" if self._recognised or lowest < 1 else "text"), lowest


def page_texts(context: StepContext) -> Iterator[PageText]:
    """Give the pages of a document that was read, one after the other."""
    pages, starts = context.read().pages, context.page_starts
    for index, page in enumerate(pages):
        start = starts[index] if index < len(starts) else len(context.text)
        end = starts[index + 1] if index + 1 < len(starts) else len(context.text)
        number = page.number or index + 1
        yield _page_text(page, number, context.text[start:end], start)


def _page_text(page: PageContent, number: int, text: str, offset: int) -> PageText:
    recognised = page.text_source == "ocr"
    if not page.runs:
        return PageText(number, text, offset=offset, recognised=recognised)
    held = turned(page.runs, page.width_pt or 0.0, page.height_pt or 0.0)
    runs = uprighted(page.runs, held) if held else page.runs
    pieces, reading, cut = _placed(runs, text, offset)
    return PageText(
        number,
        reading,
        offset=offset,
        pieces=pieces,
        height_pt=held.upright_height if held else page.height_pt,
        turned=held,
        recognised=recognised,
        cut=cut,
    )


def _placed(
    runs: Sequence[Run], text: str, offset: int
) -> tuple[Sequence[Piece], str, bool]:
    """Give the pieces, the text they make, and whether there are more lines."""
    offsets = _aligned(runs, text)
    order = sorted(
        (index for index, run in enumerate(runs) if run.text.strip()),
        key=lambda index: runs[index].bbox[1] + runs[index].bbox[3],
    )
    pieces: list[Piece] = []
    parts: list[str] = []
    place = 0
    for number, line in enumerate(_grouped(runs, order)):
        if number >= MAX_LINES:
            return pieces, "".join(parts), True
        before: Run | None = None
        for index in sorted(line, key=lambda each: runs[each].bbox[0]):
            run = runs[index]
            gap = "\n" if before is None and parts else _separator(before, run)
            shown = " ".join(run.text.split("\n"))
            parts += (gap, shown)
            place += len(gap)
            found = offsets[index]
            pieces.append(
                Piece(
                    shown,
                    place,
                    run.bbox,
                    number,
                    placed=True,
                    bold=run.bold,
                    confidence=run.confidence,
                    offset=None if found is None else offset + found,
                )
            )
            place += len(shown)
            before = run
    return pieces, "".join(parts), False


def _grouped(runs: Sequence[Run], order: Sequence[int]) -> Iterator[list[int]]:
    """Give the runs of each line, from runs ordered by the height of their middles."""
    line: list[int] = []
    middle = height = 0.0
    for index in order:
        _, top, _, bottom = runs[index].bbox
        near = abs((top + bottom) / 2 - middle) <= _SAME_LINE * min(
            height, max(bottom - top, 1.0)
        )
        if line and not near:
            yield line
            line = []
        if not line:
            middle, height = (top + bottom) / 2, max(bottom - top, 1.0)
        line.append(index)
    if line:
        yield line


def _separator(before: Run | None, run: Run) -> str:
    if before is None:
        return ""
    gap = run.bbox[0] - before.bbox[2]
    height = max(min(run.bbox[3] - run.bbox[1], run.size_pt or 1_000.0), 1.0)
    if run.ruled_off or gap > _APART * height:
        return "\t"
    return "" if gap < _TOUCHING * height else " "


def _aligned(runs: Sequence[Run], text: str) -> list[int | None]:
    """Find each run in the page's text, which mostly has them in the same order."""
    found: list[int | None] = []
    cursor = 0
    for run in runs:
        wanted = run.text.strip()
        place = text.find(wanted, cursor, cursor + _ALIGN_CHARS + len(wanted))
        if place < 0:
            place = text.find(wanted, max(cursor - _ALIGN_CHARS, 0), cursor)
        if not wanted or place < 0:
            found.append(None)
            continue
        found.append(place - (len(run.text) - len(run.text.lstrip())))
        cursor = place + len(wanted)
    return found


def _part(piece: Piece, start: int, end: int) -> Box:
    left, top, right, bottom = piece.bbox
    first = max(start - piece.start, 0)
    last = min(end, piece.end) - piece.start
    if first == 0 and last == len(piece.text):
        return piece.bbox
    before, inside = _width(piece.text[:first]), _width(piece.text[first:last])
    scale = (right - left) / max(before + inside + _width(piece.text[last:]), 1)
    return (left + before * scale, top, left + (before + inside) * scale, bottom)


def _width(text: str) -> int:
    return sum(
        _WIDTHS.get(char, _CAPITAL if char.isupper() else _USUAL) for char in text
    )
