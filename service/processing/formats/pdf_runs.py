"""The text of a PDF page in runs: pieces of one line, with their places.

PDFium gives text in the order it was drawn, so that a label and its value are often
far apart; only their places bring them together.
"""

import ctypes
import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw

from service.processing.formats.content import Run, cleaned
from service.processing.formats.pdf_frame import Frame, rounded
from service.processing.results import Box

_RAW: Any = pypdfium2.raw
MAX_PLACED_CHARS = 50_000
"""Of a page; a page of the smallest print has a fifth of it."""
MAX_PLACED_OF_ALL = 1_000_000
"""Of a document: about 400 pages of print, and some seconds."""
HYPHENS = str.maketrans({"\x02": "-", "\ufffe": "-"})
"""What PDFium writes for a hyphen at the end of a line."""
_WIDE = 1.0
"""A gap that parts runs, in heights of the line: a word space is a third of it."""
_WORD_SPACE, _TOUCHING = 0.45, 0.12
"""The widest space between words and the widest gap inside them, in the same."""
_SCATTERED = 2
"""Lines that PDFium finds more than there are."""
_OVERLAP_PT = 1.0
"""How far the place of a letter may reach over a line beside it."""
_SAME_LINE = 0.3
"""Share of the lower of two letters that stands beside the other on one line."""
_BOLD_WEIGHT = 600
_BOLD_NAMES = ("bold", "black", "heavy")


class Letter(NamedTuple):
    """A character on the page that can be seen."""

    at: int
    """Its place among all the page's characters."""
    char: str
    box: Box
    follows: str
    """The white space before it: nothing, a blank or the end of a line."""


def letters(
    text_page: pypdfium2.PdfTextPage, frame: Frame, hidden: frozenset[int]
) -> list[Letter]:
    """Give the visible characters with their places, the first 50 000.

    Args:
        text_page: Whose characters.
        frame: What of the page is visible.
        hidden: Addresses of text objects to leave out.
    """
    count = min(text_page.count_chars(), MAX_PLACED_CHARS)
    box, place_of = _RAW.FS_RECTF(), _RAW.FPDFText_GetLooseCharBox
    reference, follows = ctypes.byref(box), "\n"
    found: list[Letter] = []
    page = text_page.raw  # once: this loop is most of the work on a page of text
    for index, char in enumerate(_chars(text_page, count)):
        if char.isspace() or char == "\0":
            follows = "\n" if char in "\r\n" or follows == "\n" else " "
            continue
        if hidden and _object_of(text_page, index) in hidden:
            continue
        place_of(page, index, reference)
        place = frame.place(box.left, box.bottom, box.right, box.top)
        if follows == "\n" and found:
            follows = _between(found[-1].box, place)
        if frame.shows(place):
            found.append(Letter(index, char, place, follows))
            follows = ""
    return found


def runs(
    text_page: pypdfium2.PdfTextPage,
    frame: Frame,
    found: Sequence[Letter],
    edges: Iterable[Box] = (),
) -> Iterator[Run]:
    """Give the runs that characters make up, in their order.

    Args:
        text_page: Whose characters.
        frame: What of the page is visible.
        found: The characters.
        edges: Straight lines drawn along the page's sides: words with an upright one
            between them are in two cells, however near they are.
    """
    uprights = sorted(each for each in edges if each[3] - each[1] > each[2] - each[0])
    start = 0
    for end in range(1, len(found) + 1):
        if end == len(found) or _parted(found[end - 1], found[end]):
            for number, cell in enumerate(_in_cells(found[start:end], uprights)):
                yield _run(text_page, frame, cell, ruled_off=number > 0)
            start = end


def is_scattered(whole: str, found: Sequence[Letter]) -> bool:
    """Say whether PDFium's text of a whole page has line ends inside its words."""
    lines = sum(not line.isspace() for line in whole.split("\n") if line)
    return lines - sum(letter.follows == "\n" for letter in found) > _SCATTERED


def visible_text(found: Sequence[Letter]) -> str:
    """Give the text that characters make up."""
    return "".join(letter.follows + letter.char for letter in found).strip()


def _chars(text_page: pypdfium2.PdfTextPage, count: int) -> Iterable[str]:
    # One call for all is quicker; where it leaves characters out, indices shift.
    text: str = text_page.get_text_range(0, count) if count else ""
    if len(text) == count:
        return text.translate(HYPHENS)
    each = (_RAW.FPDFText_GetUnicode(text_page, index) for index in range(count))
    return "".join(map(_char, each)).translate(HYPHENS)


def _char(code: int) -> str:
    known = code < 0x11_0000 and not 0xD800 <= code < 0xE000
    return chr(code) if known else "\ufffd"


def _between(one: Box, other: Box) -> str:
    """Give what stands between letters that PDFium puts on two lines.

    On pages with little text it may take the lines for columns, and ends one behind
    each letter.
    """
    height = max(one[3] - one[1], 1.0)
    gap = other[0] - one[2]
    if one[1] != other[1] or one[3] != other[3]:
        return "\n"
    if not -_TOUCHING * height <= gap <= _WORD_SPACE * height:
        return "\n"
    return " " if gap > _TOUCHING * height else ""


def _parted(before: Letter, after: Letter) -> bool:
    if after.follows == "\n":
        return True
    one, other = before.box, after.box
    height = max(one[3] - one[1], 1.0)
    if one[1] == other[1] and 0 <= other[0] - one[2] <= _WIDE * height:
        return False  # most letters, and at once
    beside = min(one[3], other[3]) - max(one[1], other[1])
    if beside >= _SAME_LINE * min(height, other[3] - other[1]):
        # Either way: some scripts run to the left, and pages stand on their head.
        return max(other[0] - one[2], one[0] - other[2]) > _WIDE * height
    width = max(one[2] - one[0], 1.0)  # letters of text that runs up or down
    above = min(one[2], other[2]) - max(one[0], other[0])
    gap = max(other[1] - one[3], one[1] - other[3])
    return above < _SAME_LINE * width or gap > _WIDE * width


def _in_cells(
    line: Sequence[Letter], uprights: Sequence[Box]
) -> Iterable[Sequence[Letter]]:
    """Part a line at ruled lines, unless each letter has a box of its own."""
    cuts = [
        index
        for index in range(1, len(line))
        if line[index].follows
        and _ruled(line[index - 1].box, line[index].box, uprights)
    ]
    if not cuts or len(line) < 2 * (len(cuts) + 1):
        return [line]
    return [line[i:j] for i, j in pairwise([0, *cuts, len(line)])]


def _ruled(one: Box, other: Box, uprights: Sequence[Box]) -> bool:
    """Say whether an upright line stands between two letters, the left one first."""
    middle = (one[1] + one[3]) / 2
    first = bisect_left(uprights, (one[2] - _OVERLAP_PT,))
    for left, top, _, bottom in islice(uprights, first, None):
        if left > other[0] + _OVERLAP_PT:
            return False
        if top <= middle <= bottom:
            return True
    return False


def _run(
    text_page: pypdfium2.PdfTextPage,
    frame: Frame,
    found: Sequence[Letter],
    *,
    ruled_off: bool,
) -> Run:
    middle = found[len(found) // 2]  # the first may be a bullet or an initial
    words = "".join(letter.follows + letter.char for letter in found[1:])
    lefts, tops, rights, bottoms = zip(*(each.box for each in found), strict=True)
    box = (min(lefts), min(tops), max(rights), max(bottoms))
    size, upwards = _set(text_page, middle)
    return Run(
        text=cleaned(found[0].char + words),
        bbox=rounded(box),
        size_pt=size,
        bold=_is_bold(text_page, middle.at),
        quarter_turns=(frame.quarter_turns - upwards) % 4,
        ruled_off=ruled_off,
    )


def _set(text_page: pypdfium2.PdfTextPage, letter: Letter) -> tuple[float, int]:
    """Give the height of the type, and its quarter turns counter-clockwise.

    The font's size may be scaled, and is turned, by a matrix.
    """
    matrix = _RAW.FS_MATRIX()
    nominal: float = _RAW.FPDFText_GetFontSize(text_page, letter.at)
    if not _RAW.FPDFText_GetMatrix(text_page, letter.at, ctypes.byref(matrix)):
        return round(letter.box[3] - letter.box[1], 1), 0
    turns = round(math.atan2(matrix.b, matrix.a) / (math.pi / 2))
    return round(abs(nominal) * math.hypot(matrix.c, matrix.d), 1), turns


def _is_bold(text_page: pypdfium2.PdfTextPage, index: int) -> bool:
    if _RAW.FPDFText_GetFontWeight(text_page, index) >= _BOLD_WEIGHT:
        return True
    name = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    _RAW.FPDFText_GetFontInfo(text_page, index, name, 128, ctypes.byref(flags))
    stated = name.value.lower().decode("ascii", "ignore")
    return any(word in stated for word in _BOLD_NAMES)


def _object_of(text_page: pypdfium2.PdfTextPage, index: int) -> int:
    item = _RAW.FPDFText_GetTextObject(text_page, index)
    return ctypes.addressof(item.contents) if item else 0
