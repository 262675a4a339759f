"""Values in the boxes of forms: a small caption on top, the value anywhere below it.

Programs of Italy, Spain and elsewhere print such forms with the value at the right,
so that nothing of it stands right under its caption.
"""

from collections.abc import Container, Iterator

from service.processing.entities.layout import PageText

IN_BOX = 0.8
"""How far a place in the same box speaks for a value, 0-1."""
_SMALLER = 0.9
"""Height of a caption, at most, in heights of the value."""
_DEEPEST = 3.2
"""How far below the caption a value may begin, in its heights."""
_MOST_PIECES = 200
"""Of one line that are looked at."""
_WIDEST_PT = 230.0
"""Of the last box in a row, whose end nothing shows."""


def in_box(
    page: PageText, index: int, labelled: Container[int]
) -> Iterator[tuple[int, int]]:
    """Give the place below a caption and left of the next one.

    Args:
        page: Of the caption.
        index: Of the caption's piece.
        labelled: Indices of the pieces that begin with a label.
    """
    caption = page.pieces[index]
    if not caption.placed:
        return
    left, right = caption.bbox[0] - 1, _end_of_box(page, index)
    for line in page.lines[caption.line + 1 : caption.line + 6]:
        for value in line[:_MOST_PIECES]:
            if not (left <= value.bbox[0] and value.bbox[2] <= right):
                continue
            deep = value.bbox[1] - caption.bbox[3]
            small = caption.height <= _SMALLER * value.height
            said = page.index_at(value.start) in labelled
            if small and not said and deep <= _DEEPEST * max(caption.height, 1.0):
                yield value.start, value.end
            return


def _end_of_box(page: PageText, index: int) -> float:
    caption = page.pieces[index]
    following = page.pieces[index + 1 : index + 2]
    if following and following[0].line == caption.line:
        return following[0].bbox[0]
    return caption.bbox[0] + _WIDEST_PT
