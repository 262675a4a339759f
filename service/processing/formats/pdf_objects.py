"""What is drawn on a PDF page: pictures, lines, text nobody sees, signs of codes."""

import ctypes
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pypdfium2
import pypdfium2.raw

from service.processing.formats.pdf_frame import Frame
from service.processing.formats.pdf_matrix import (
    Matrix,
    Point,
    matrix_of,
    moved,
    product,
)
from service.processing.results import Box

_RAW: Any = pypdfium2.raw
_MAX_OBJECTS = 10_000
"""Drawings have more; what follows is text and lines like those before."""
_MAX_SEGMENTS = 10_000
_MAX_DEPTH = 3
_MAX_COMPARED = 1_000_000
"""White texts times areas: beyond this nobody says which of them can be seen."""
_SHORTEST_PT = 5.0
"""Shorter lines rule no cell; the modules of QR codes are full of them."""
_PAPER = 250
"""Levels of red, green and blue from which a colour is taken for paper."""
_DOT_PT = 12.0
"""A module of a printed QR code is smaller."""
_DOTS_OF_A_CODE = 80
"""The smallest QR code has 441 modules, of which runs may be drawn as one."""
_BARS_OF_A_CODE = 20
_BAR_WIDTH_PT = 5.0
_SEGMENTS_OF_A_CODE = 200


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture on a page."""

    box: Box
    width_px: int
    height_px: int

    @property
    def area_pt2(self) -> float:
        """What it covers, in square points."""
        return (self.box[2] - self.box[0]) * (self.box[3] - self.box[1])

    @property
    def dpi(self) -> float | None:
        """Pixels to the inch it is shown at."""
        if self.area_pt2 <= 0:
            return None
        return round(72 * math.sqrt(self.width_px * self.height_px / self.area_pt2), 1)


@dataclass(slots=True)
class Drawn:
    """What was found on a page; boxes are as seen."""

    frame: Frame
    pictures: list[Picture] = field(default_factory=list)
    edges: list[Box] = field(default_factory=list)
    """Straight lines along the page's sides, their thickness left out."""
    painted: list[Box] = field(default_factory=list)
    """Areas that are not white: on them white text can be read."""
    unseen: set[int] = field(default_factory=set)
    """Addresses of text objects whose text is invisible (render mode 3)."""
    white: dict[int, Box] = field(default_factory=dict)
    """Text objects in white or without any ink."""
    dots: list[Box] = field(default_factory=list)
    bars: Counter[tuple[int, int]] = field(default_factory=Counter)
    """Thin upright rectangles by where they begin and end."""
    bar_boxes: list[Box] = field(default_factory=list)
    mosaics: list[Box] = field(default_factory=list)
    """Single paths of very many pieces."""
    segments: int = 0
    complete: bool = True
    """Whether all of the page was looked at."""

    @property
    def scanned(self) -> bool:
        """Whether pictures fill most of the page."""
        covered = sum(picture.area_pt2 for picture in self.pictures)
        return covered > 0.5 * self.frame.width * self.frame.height

    def hidden(self) -> frozenset[int]:
        """Give the text objects that cannot be seen.

        Invisible text over a picture that fills most of the page is what OCR found in
        it: that can be seen, in the picture.
        """
        white: set[int] = set()
        if len(self.white) * len(self.painted) <= _MAX_COMPARED:
            white = {
                address
                for address, box in self.white.items()
                if not any(_holds(area, box) for area in self.painted)
            }
        return frozenset(white if self.scanned else self.unseen | white)

    def code_areas(self) -> list[Box]:
        """Give where a QR or bar code may stand."""
        found = [
            picture.box
            for picture in self.pictures
            if _about_square(picture.box) and picture.width_px >= 21
        ]
        found += [box for box in self.mosaics if _about_square(box)]
        if self.scanned:
            found.append((0.0, 0.0, self.frame.width, self.frame.height))
        if len(self.dots) >= _DOTS_OF_A_CODE:
            found.append(_around(self.dots))
        if any(count >= _BARS_OF_A_CODE for count in self.bars.values()):
            found.append(_around(self.bar_boxes))
        return found


def drawn_on(page: pypdfium2.PdfPage, frame: Frame) -> Drawn:
    """Look at what is drawn on a page."""
    drawn = Drawn(frame)
    for item, matrix in _objects(page, drawn):
        look = _LOOKS.get(_RAW.FPDFPageObj_GetType(item))
        if look is not None:
            look(drawn, item, matrix)
    return drawn


def _objects(
    page: pypdfium2.PdfPage, drawn: Drawn
) -> Iterator[tuple[Any, Matrix | None]]:
    """Give the page's objects and those inside forms, with the forms' matrices."""
    left = _MAX_OBJECTS
    waiting: list[tuple[Any, Matrix | None, int]] = [(page, None, 0)]
    while waiting:
        holder, matrix, depth = waiting.pop()
        if depth:
            count = _RAW.FPDFFormObj_CountObjects(holder)
            get = _RAW.FPDFFormObj_GetObject
        else:
            count, get = _RAW.FPDFPage_CountObjects(holder), _RAW.FPDFPage_GetObject
        for index in range(min(count, left)):
            item = get(holder, index)
            if _RAW.FPDFPageObj_GetType(item) != _RAW.FPDF_PAGEOBJ_FORM:
                yield item, matrix
            elif depth < _MAX_DEPTH:
                inner = product(matrix_of(item), matrix)
                waiting.append((item, inner, depth + 1))
        drawn.complete = drawn.complete and count <= left
        left -= min(count, left)


def _look_at_text(drawn: Drawn, item: Any, matrix: Matrix | None) -> None:
    mode = _RAW.FPDFTextObj_GetTextRenderMode(item)
    if mode == _RAW.FPDF_TEXTRENDERMODE_INVISIBLE:
        drawn.unseen.add(_address(item))
    elif mode == _RAW.FPDF_TEXTRENDERMODE_FILL and _is_paper(item):
        drawn.white[_address(item)] = _bounds(drawn, item, matrix)


def _look_at_picture(drawn: Drawn, item: Any, matrix: Matrix | None) -> None:
    width, height = ctypes.c_uint(), ctypes.c_uint()
    _RAW.FPDFImageObj_GetImagePixelSize(item, ctypes.byref(width), ctypes.byref(height))
    box = _bounds(drawn, item, matrix)
    drawn.painted.append(box)
    if drawn.frame.shows(box):
        drawn.pictures.append(Picture(box, width.value, height.value))


def _look_at_path(drawn: Drawn, item: Any, matrix: Matrix | None) -> None:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    _RAW.FPDFPath_GetDrawMode(item, ctypes.byref(fill), ctypes.byref(stroke))
    paper = bool(fill.value) and not stroke.value and _is_paper(item)
    if paper or not (fill.value or stroke.value):
        return
    box = _bounds(drawn, item, matrix)
    count = _RAW.FPDFPath_CountSegments(item)
    if fill.value:
        drawn.painted.append(box)
        _note_code_part(drawn, box, count)
    drawn.segments += count
    if drawn.segments > _MAX_SEGMENTS:
        drawn.complete = False
    else:
        own = product(matrix_of(item), matrix)
        drawn.edges.extend(_edges(drawn.frame, item, count, own))


def _look_at_shading(drawn: Drawn, item: Any, matrix: Matrix | None) -> None:
    drawn.painted.append(_bounds(drawn, item, matrix))


_LOOKS: Mapping[int, Callable[[Drawn, Any, Matrix | None], None]] = {
    _RAW.FPDF_PAGEOBJ_TEXT: _look_at_text,
    _RAW.FPDF_PAGEOBJ_PATH: _look_at_path,
    _RAW.FPDF_PAGEOBJ_IMAGE: _look_at_picture,
    _RAW.FPDF_PAGEOBJ_SHADING: _look_at_shading,
}


def _note_code_part(drawn: Drawn, box: Box, segments: int) -> None:
    width, height = box[2] - box[0], box[3] - box[1]
    if segments >= _SEGMENTS_OF_A_CODE:
        drawn.mosaics.append(box)
    elif width <= _BAR_WIDTH_PT and height >= 3 * _BAR_WIDTH_PT:
        drawn.bars[round(box[1]), round(box[3])] += 1
        drawn.bar_boxes.append(box)
    elif width <= _DOT_PT and height <= _DOT_PT and segments <= 6:
        drawn.dots.append(box)


def _edges(frame: Frame, item: Any, count: int, matrix: Matrix) -> Iterator[Box]:
    """Give the pieces of a path that run along the page's sides."""
    first: Point = (0.0, 0.0)
    last = first
    for index in range(count):
        segment = _RAW.FPDFPath_GetPathSegment(item, index)
        point = _point(segment, matrix)
        kind = _RAW.FPDFPathSegment_GetType(segment)
        if kind == _RAW.FPDF_SEGMENT_MOVETO:
            first = point
        elif kind == _RAW.FPDF_SEGMENT_LINETO:
            yield from _edge(frame, last, point)
        if _RAW.FPDFPathSegment_GetClose(segment):
            yield from _edge(frame, point, first)
        last = point


def _edge(frame: Frame, one: Point, other: Point) -> Iterator[Box]:
    across, along = abs(one[0] - other[0]), abs(one[1] - other[1])
    if min(across, along) < 1.0 and max(across, along) >= _SHORTEST_PT:
        left, right = sorted((one[0], other[0]))
        bottom, top = sorted((one[1], other[1]))
        yield frame.place(left, bottom, right, top)


def _point(segment: Any, matrix: Matrix) -> Point:
    x, y = ctypes.c_float(), ctypes.c_float()
    _RAW.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
    return moved(x.value, y.value, matrix)


def _bounds(drawn: Drawn, item: Any, matrix: Matrix | None) -> Box:
    values = [ctypes.c_float() for _ in range(4)]
    _RAW.FPDFPageObj_GetBounds(item, *(ctypes.byref(value) for value in values))
    left, bottom, right, top = (value.value for value in values)
    if matrix is not None:
        corners = [
            moved(x, y, matrix)
            for x, y in ((left, bottom), (left, top), (right, bottom), (right, top))
        ]
        left, right = min(x for x, _ in corners), max(x for x, _ in corners)
        bottom, top = min(y for _, y in corners), max(y for _, y in corners)
    return drawn.frame.place(left, bottom, right, top)


def _is_paper(item: Any) -> bool:
    """Say whether something is filled with white, or with nothing at all."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    known = _RAW.FPDFPageObj_GetFillColor(
        item, *(ctypes.byref(level) for level in (red, green, blue, alpha))
    )
    white = min(red.value, green.value, blue.value) >= _PAPER
    return bool(known) and (white or alpha.value == 0)


def _address(item: Any) -> int:
    return ctypes.addressof(item.contents)


def _holds(area: Box, box: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return area[0] <= x <= area[2] and area[1] <= y <= area[3]


def _about_square(box: Box) -> bool:
    width, height = box[2] - box[0], box[3] - box[1]
    return min(width, height) >= 20 and 0.75 <= width / height <= 1.34


def _around(boxes: list[Box]) -> Box:
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
