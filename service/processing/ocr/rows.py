"""Rows of a page, made anew from the boxes that text was found in."""

import math
from collections.abc import Sequence
from statistics import fmean, median
from typing import NamedTuple

from service.processing.formats.columns import rows_of
from service.processing.formats.content import Run
from service.processing.results import Box

_TYPE_SHARE = 0.8
"""Height of the type to that of a box, which leaves some room around it."""
_SAME_SIZE = 1.35
"""Boxes whose heights differ by less hold type of one size: a line without descenders
is measured smaller than the one below it."""
_MOST_SURE = 0.99
"""A confidence of 1 is kept for what was not recognised."""


class Found(NamedTuple):
    """A piece of text and its corners in points, from the top left one clockwise."""

    text: str
    confidence: float
    corners: Sequence[tuple[float, float]]


def rows(found: Sequence[Found]) -> list[list[Run]]:
    """Give the pieces by the rows they stand in, however the page lies a little askew.

    Their boxes are those they would have on a page that was laid in straight.
    """
    if not found:
        return []
    angle = _angle(found)
    boxes = [_straight(each, angle) for each in found]
    usual = median(box[3] - box[1] for box in boxes)
    runs = [
        Run(
            text=" ".join(each.text.split()),
            bbox=box,
            size_pt=_size(box[3] - box[1], usual),
            confidence=min(each.confidence, _MOST_SURE),
        )
        for each, box in zip(found, boxes, strict=True)
    ]
    return list(rows_of(runs))


def text_of(rows: Sequence[Sequence[Run]]) -> str:
    """Give the text of rows, a line each."""
    return "\n".join(" ".join(run.text for run in row) for row in rows)


def confidence_of(rows: Sequence[Sequence[Run]]) -> float:
    """Give how sure a page's text is, 0-1: the mean over its letters."""
    letters = sum(len(run.text) for row in rows for run in row)
    sure = sum(run.confidence * len(run.text) for row in rows for run in row)
    return round(sure / max(letters, 1), 3)


def _angle(found: Sequence[Found]) -> float:
    """Give by how much lines fall to the right, in radians; long ones tell it best."""
    falls = [
        (math.hypot(right[0] - left[0], right[1] - left[1]), left, right)
        for left, right in ((each.corners[0], each.corners[1]) for each in found)
    ]
    longest = sorted(falls, key=lambda fall: fall[0], reverse=True)
    telling = longest[: max(len(longest) // 3, 1)]
    return median(
        math.atan2(right[1] - left[1], right[0] - left[0]) for _, left, right in telling
    )


def _straight(found: Found, angle: float) -> Box:
    """Give the box of a piece after the page was turned back by an angle."""
    sin, cos = math.sin(-angle), math.cos(-angle)
    turned = [(x * cos - y * sin, x * sin + y * cos) for x, y in found.corners]
    top_left, top_right, bottom_right, bottom_left = turned
    return (
        round(fmean((top_left[0], bottom_left[0])), 2),
        round(fmean((top_left[1], top_right[1])), 2),
        round(fmean((top_right[0], bottom_right[0])), 2),
        round(fmean((bottom_left[1], bottom_right[1])), 2),
    )


def _size(height: float, usual: float) -> float:
    steps = round(math.log(max(height, 0.1) / max(usual, 0.1), _SAME_SIZE))
    return round(usual * _TYPE_SHARE * _SAME_SIZE**steps, 1)
