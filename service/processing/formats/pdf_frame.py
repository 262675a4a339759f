"""Where things stand on a PDF page as it is seen: points from its top left."""

import ctypes
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw

from service.processing.results import Box

_RAW: Any = pypdfium2.raw


@dataclass(frozen=True, slots=True)
class Frame:
    """The visible part of a page; PDF counts upwards and knows nothing of turning."""

    left: float
    bottom: float
    right: float
    top: float
    quarter_turns: int
    """Clockwise, 0-3, as the page's ``/Rotate`` says (ISO 32000-1 §7.7.3.3)."""
    width: float
    """As seen, in points."""
    height: float

    def place(self, left: float, bottom: float, right: float, top: float) -> Box:
        """Give a box of the page's own coordinates as it is seen."""
        turns = self.quarter_turns
        if turns == 0:
            x, y = self.left, self.top
            return left - x, y - top, right - x, y - bottom
        if turns == 1:
            x, y = self.bottom, self.left
            return bottom - x, left - y, top - x, right - y
        if turns == 2:
            x, y = self.right, self.bottom
            return x - right, bottom - y, x - left, top - y
        x, y = self.top, self.right
        return x - top, y - right, x - bottom, y - left

    def shows(self, box: Box) -> bool:
        """Say whether the middle of a seen box lies on the page."""
        return (
            0 <= box[0] + box[2] <= 2 * self.width
            and 0 <= box[1] + box[3] <= 2 * self.height
        )


def frame_of(page: pypdfium2.PdfPage) -> Frame:
    """Give the visible part of a page."""
    box = _RAW.FS_RECTF()
    _RAW.FPDF_GetPageBoundingBox(page, ctypes.byref(box))
    turns = _RAW.FPDFPage_GetRotation(page) % 4
    across, up = box.right - box.left, box.top - box.bottom
    return Frame(
        left=box.left,
        bottom=box.bottom,
        right=box.right,
        top=box.top,
        quarter_turns=turns,
        width=up if turns % 2 else across,
        height=across if turns % 2 else up,
    )


def rounded(box: Box) -> Box:
    """Give a box in hundredths of a point: more is noise."""
    return (round(box[0], 2), round(box[1], 2), round(box[2], 2), round(box[3], 2))
