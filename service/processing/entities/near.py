"""Pairs labels with the values that stand behind, right of or below them.

Text drawn by a program has no reading order to rely on: only the places say that a
value belongs to a label. Nearer is better, and another label in between parts them.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, Protocol, TypeVar

from service.processing.entities.captions import IN_BOX, in_box
from service.processing.entities.folding import fold
from service.processing.entities.labels import Label
from service.processing.entities.layout import PageText
from service.processing.entities.pieces import Piece
from service.processing.entities.roles import are_rivals, is_date

BEHIND, RIGHT, BELOW = 1.0, 0.95, 0.85
"""How far a value's place speaks for its belonging to the label, 0-1."""
IN_SENTENCE = 0.6
"""For labels with words before them: there they mostly are no labels."""
_MAX_BELOW = 3.2
"""How far below a value may begin, in heights of the label."""
_MAX_BELOW_LINES = 2
"""The same where pieces are not placed."""
_MAX_PIECES = 200
"""Pieces of one line that are looked at."""
_WITHIN_CHARS = 12
"""Between two labels that are one: "Total incl. VAT"."""
_LONG_PIECE = 90
_CELL_LINES = 3
"""Of a table's rows."""
_COLUMNS = 2
"""Names of columns on one line that make it the head of a table."""
_EACH_FURTHER = 0.04
_WITH_OR_WITHOUT = re.compile(
    r"\W*(?:(?:[a-z]{3}|[€$£])\W+)?"
    r"(?:inc|incl|inkl|ex|exc|excl|exkl|eks|ekskl|zzgl|(?:in|ex)[ck]lus\w*)"
    r"\.?(?: der| of| van| de)? *"
)
"""What makes one label of two: "Total incl. VAT", whatever its point says."""
_LEADING = re.compile(r"[^\w]*")


class Spanned(Protocol):
    """Something at a place of a page's text."""

    @property
    def start(self) -> int:
        """Its first character."""
        ...

    @property
    def end(self) -> int:
        """Behind its last character."""
        ...


Value = TypeVar("Value", bound=Spanned)


@dataclass(frozen=True, slots=True)
class Near(Generic[Value]):
    """A value, the label it belongs to, and how well they fit, 0-1."""

    value: Value
    label: Label
    fit: float


class Neighbourhood:
    """The labels of one page, and what is near them.

    Attributes:
        page: The page.
        labels: Those that may have a value: not part of another, not over a column.
        table_heads: The lines that name the columns of tables.
    """

    def __init__(self, page: PageText, labels: Sequence[Label]) -> None:
        self.page = page
        headed = [
            label
            for number, label in enumerate(labels)
            if self._heads(label, labels[max(number - 3, 0) : number])
        ]
        heads = self._table_heads(headed)
        self.labels = [each for each in headed if self._line(each.start) not in heads]
        self.table_heads = heads

    @cached_property
    def _labelled(self) -> dict[int, int]:
        """Pieces that begin with a label, by index; gives where that label ends."""
        found = {}
        for label in self.labels:
            index = self.page.index_at(label.start)
            if index is not None and self._leads(label, self.page.pieces[index]):
                found[index] = label.end
        return found

    def near(
        self, label: Label, values: Sequence[Value], *, last_first: bool = False
    ) -> Iterator[Near[Value]]:
        """Give the values that may belong to a label, the best fitting first.

        Args:
            label: One of `labels`.
            values: Of the page, in the order of their places.
            last_first: Whether the last value of a line is the label's, as in a table
                whose last column holds what counts.
        """
        index = self.page.index_at(label.start)
        if index is None:
            return
        piece = self.page.pieces[index]
        weight = label.weight * self._standing(label, piece)
        for fit, spans in self._places(label, index):
            inside = _inside(values, spans)
            if last_first and fit not in {BELOW, IN_BOX}:
                inside.reverse()
            for number, value in enumerate(inside[:4]):
                further = max(1 - number * _EACH_FURTHER, 0.5)
                yield Near(value, label, round(weight * fit * further, 3))
            if inside:
                return

    def labels_at(self, piece: Piece) -> Sequence[Label]:
        """Give the labels that a piece begins with, but names of columns.

        "Firma:" is one, "Firma Adam Nowak" is a name.
        """
        return [
            each
            for each in self.labels
            if piece.start <= each.start < min(piece.start + 3, piece.end)
            and each.role != "column"
            and (each.role != "name"
                 or re.match(r"\s*(?::|$)", self.page.text[each.end : piece.end]))
        ]  # fmt: skip

    def heads_column(
        self, label: Label, value: Spanned, values: Sequence[Spanned]
    ) -> bool:
        """Say whether a label stands over several values: each is that of its row."""
        beside = self._line(label.start) == self._line(value.start)
        return not beside and self.in_column(value, values)

    def in_column(self, value: Spanned, values: Sequence[Spanned]) -> bool:
        """Say whether right above or below a value another one stands."""
        index = self.page.index_at(value.start)
        if index is None:
            return False
        own = self.page.pieces[index]
        above = reversed(self.page.lines[max(own.line - _CELL_LINES, 0) : own.line])
        below = self.page.lines[own.line + 1 : own.line + 1 + _CELL_LINES]
        return any(
            _inside(values, [(piece.start, piece.end)])
            for piece in (self._next_in_column(own, above),
                          self._next_in_column(own, below))
            if piece is not None
        )  # fmt: skip

    def _next_in_column(
        self, own: Piece, lines: Iterable[Sequence[Piece]]
    ) -> Piece | None:
        """Give the next piece above or below: cells beside it may have more lines."""
        for line in lines:
            for piece in line[:_MAX_PIECES]:
                if piece.bbox[0] < own.bbox[2] and piece.bbox[2] > own.bbox[0]:
                    return piece
            if self._is_captions(line):
                return None
        return None

    def _is_captions(self, line: Sequence[Piece]) -> bool:
        """Say whether a line only names what stands below it: a row of boxes."""
        pieces = line[:_MAX_PIECES]
        said = "".join(piece.text for piece in pieces)
        return not any(map(str.isdigit, said)) and any(
            self.page.index_at(piece.start) in self._labelled for piece in pieces
        )

    def _table_heads(self, labels: Sequence[Label]) -> frozenset[int]:
        """Give the lines that name the columns of a table: their labels are none."""
        lines = Counter(
            self._line(each.start) for each in labels if each.role == "column"
        )
        return frozenset(line for line, count in lines.items() if count >= _COLUMNS)

    def _line(self, place: int) -> int:
        index = self.page.index_at(place)
        return -1 if index is None else self.page.pieces[index].line

    def _places(
        self, label: Label, index: int
    ) -> Iterator[tuple[float, Sequence[tuple[int, int]]]]:
        """Give the parts of the text to look at, the nearest first."""
        piece = self.page.pieces[index]
        end = self._next_label(label, piece.end)
        behind = (label.end, end)
        right = [] if end < piece.end else list(self._right(piece, index))
        if right and not _says(self.page.text[label.end : end]):
            yield RIGHT, [behind, *right]
        else:
            yield BEHIND, [behind]
            yield RIGHT, right
        yield BELOW, list(self._below(label, piece))
        yield IN_BOX, list(in_box(self.page, index, self._labelled))

    def _right(self, piece: Piece, index: int) -> Iterator[tuple[int, int]]:
        last = min(len(self.page.pieces), index + 1 + _MAX_PIECES)
        for other in range(index + 1, last):
            found = self.page.pieces[other]
            if found.line != piece.line or other in self._labelled:
                return
            yield found.start, found.end

    def _below(self, label: Label, piece: Piece) -> Iterator[tuple[int, int]]:
        box = self.page.bbox(label.start, label.end) or piece.bbox
        left, right = min(box[0], piece.bbox[0]), max(box[2], piece.bbox[2])
        height = max(piece.height, 1.0)
        for line in self.page.lines[piece.line + 1 : piece.line + 6]:
            for below in line[:_MAX_PIECES]:
                if below.bbox[0] >= right or below.bbox[2] <= left:
                    continue
                far = below.bbox[1] - piece.bbox[3] > _MAX_BELOW * height
                lines = below.line - piece.line
                if far if piece.placed else lines > _MAX_BELOW_LINES:
                    return
                if self.page.index_at(below.start) in self._labelled:
                    return
                yield below.start, below.end
                if _says(below.text):
                    return

    def _next_label(self, label: Label, end: int) -> int:
        """Give where the next label of the same piece begins, else the piece's end."""
        return min(
            (
                other.start
                for other in self.labels
                if label.end < other.start < end and are_rivals(label.role, other.role)
            ),
            default=end,
        )

    def _standing(self, label: Label, piece: Piece) -> float:
        if len(piece.text) > _LONG_PIECE:
            return IN_SENTENCE
        before = self.page.text[piece.start : label.start]
        if not re.search(r"[^\W\d_]{2}", before):
            return 1.0
        # Behind a value or a mark a new label may begin: "Net 5.00 VAT 1.00".
        parted = re.search(r"[\d)|/·•:;,.%€£$-]\s*$", before)
        return 0.9 if parted else IN_SENTENCE

    def _leads(self, label: Label, piece: Piece) -> bool:
        lead = _LEADING.match(piece.text)
        return label.start <= piece.start + (lead.end() if lead else 0)

    def _heads(self, label: Label, before: Sequence[Label]) -> bool:
        """Say whether no other label stands right before: "Total" in "VAT total"."""
        return not any(
            other.end <= label.start
            and label.start - other.end <= _WITHIN_CHARS
            and self._continues(other, label)
            for other in before
        )

    def _continues(self, one: Label, other: Label) -> bool:
        between = self.page.text[one.end : other.start]
        if "\n" in between or "\t" in between:
            return False
        if _WITH_OR_WITHOUT.fullmatch(fold(between)):
            return True
        if is_date(other.role) and not is_date(one.role) and other.words > 1:
            return False  # "To pay no later than" has a date, whatever it begins with
        # "Your order: PO 7" names the same thing twice.
        same = one.role == other.role and len(between) <= 3
        return same or not re.search(r"[\d:|]| {2}|\. ", between)


def _inside(values: Sequence[Value], spans: Sequence[tuple[int, int]]) -> list[Value]:
    # A value may reach into the next piece: a day and its month are set apart.
    found: list[Value] = []
    for start, end in spans:
        first = bisect_left(values, start, key=lambda each: each.start)
        last = bisect_left(values, end, first, key=lambda each: each.start)
        found += values[first:last]
    return found


def _says(text: str) -> bool:
    return any(char.isalnum() for char in text)
