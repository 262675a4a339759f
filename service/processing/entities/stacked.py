"""Labels that are set in two lines: "Invoice" and below it "number".

So narrow columns are headed. What the two lines say together is the label; what each
says alone, like "date", would be a weaker or another one.
"""

from collections.abc import Iterator, Sequence

from service.processing.entities.labels import Label, continues_label, labels
from service.processing.entities.layout import PageText
from service.processing.entities.pieces import Piece

_MOST_PIECES = 40
"""Of a line that are looked at; a table has at most half as many columns."""
_LONGEST = 24
"""Characters of one of the lines."""
_ALIGNED_PT = 2.0
"""By which the edges or middles of the lines of one cell may differ."""
_CLOSE = 0.7
"""Gap between the lines of one cell, in heights of the type."""
_SAME_TYPE = 0.15
"""Share by which their heights may differ."""


def with_stacked(page: PageText, single: Sequence[Label]) -> Sequence[Label]:
    """Give a page's labels, with those in two lines in the place of their parts."""
    if not page.placed:
        return single
    parts: set[int | None] = set()
    made: list[Label] = []
    for upper, lower in _pairs(page):
        found = list(_joined(upper, lower))
        if found:
            made += found
            parts |= {page.index_at(upper.start), page.index_at(lower.start)}
    if not made:
        return single
    kept = (label for label in single if page.index_at(label.start) not in parts)
    return tuple(sorted([*kept, *made], key=lambda label: label.start))


def _pairs(page: PageText) -> Iterator[tuple[Piece, Piece]]:
    """Give the pieces that may be the two lines of one cell without a value."""
    for number, line in enumerate(page.lines[:-1]):
        for index, upper in enumerate(line[:_MOST_PIECES]):
            if not _is_words(upper) or upper.text.rstrip().endswith(":"):
                continue
            if index + 1 < len(line) and not _is_words(line[index + 1]):
                continue  # its own value stands there
            for lower in page.lines[number + 1][:_MOST_PIECES]:
                if _in_one_cell(upper, lower) and _is_words(lower):
                    yield upper, lower


def _is_words(piece: Piece) -> bool:
    text = piece.text
    return len(text) <= _LONGEST and not any(map(str.isdigit, text))


def _in_one_cell(upper: Piece, lower: Piece) -> bool:
    left, _, right, bottom = upper.bbox
    other_left, top, other_right, _ = lower.bbox
    middles = (left + right - other_left - other_right) / 2
    aligned = min(abs(left - other_left), abs(right - other_right), abs(middles))
    height = max(upper.height, 1.0)
    return (
        aligned <= _ALIGNED_PT
        and top - bottom <= _CLOSE * height
        and abs(lower.height - height) <= _SAME_TYPE * height
    )


def _joined(upper: Piece, lower: Piece) -> Iterator[Label]:
    """Give the labels that are all of what two lines say together."""
    if not continues_label(lower.text):
        return
    first = len(upper.text)
    said = f"{upper.text} {lower.text}"
    for label in labels(said):
        before, behind = said[: label.start], said[label.end :]
        if label.end > first and not any(map(str.isalnum, before + behind)):
            yield Label(label.role, lower.start, lower.end, label.weight, label.words)
