"""How text lies on a page: by how much it is askew, and which way is up.

Seen along its lines, text gathers in rows with nothing between them. The angle at which
it does so most is the skew; if it does so more seen from the side, the page lies on its
side. Most letters of Latin, Greek and Cyrillic script stand on the line and differ at
the top, so the side of the letters that gathers more is the bottom.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from service.processing.quality.ink import Numbers, Shapes

Turn = Literal[0, 90, 180, 270]

MOST_SKEW_DEG = 15.0
_COARSE_DEG, _FINE_DEG = 0.5, 0.1
_COARSE_POINTS, _FINE_POINTS = 8_000, 40_000
_LEAST_LETTERS = 25
_LEAST_GATHERING = 1.12
"""Times the median over all angles that the best one gathers, for there to be lines."""
_SURE_SIDE = 1.6
"""Times that columns gather more than rows: 2.1 and more on pages on their side, up to
1.3 on upright ones, typewritten and blurred."""
_SURE_BOTTOM = 1.1
"""Times that one side of the letters gathers more than the other: on upright pages the
bottoms gather 0.94 to 2.4 times as much as the tops."""
_LETTERS_FOR_BOTTOM = 80
_LEAST_LETTER_PX = 4.0
"""Of smaller letters head and foot look alike."""
_LETTER_WIDTH, _LETTER_HEIGHT = 1.5, 2.2
"""Of the median height, that a single letter has at most."""
_SINGLE = 0.6
"""Share of the shapes that are single letters, at least."""
_BINS_OF_HEIGHT = 5
"""Feet that differ by less of the height stand on one line."""

_Values = Numbers | NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lie:
    """How text lies; None where it cannot be told."""

    skew_deg: float | None
    """Clockwise."""
    orientation_deg: Turn | None
    """How far the content is turned clockwise."""
    sideways: bool = False
    """Whether lines run from top to bottom."""


def find_lie(shapes: Shapes) -> Lie:
    """Find skew and orientation of the letters of a page."""
    if shapes.count < _LEAST_LETTERS:
        return Lie(None, None)
    x, y = shapes.points_x, shapes.points_y
    rows, row_skew = _search(x, y)
    columns, column_skew = _search(y, x)
    if max(rows, columns) < _LEAST_GATHERING:
        return Lie(None, None)
    if rows >= columns:
        return Lie(row_skew, _upright(shapes, row_skew))
    if columns > _SURE_SIDE * rows:
        turn = _sideways(shapes, column_skew)
        return Lie(-column_skew, turn, sideways=True)
    return Lie(None, None)


def _search(along: Numbers, across: Numbers) -> tuple[float, float]:
    """Give how much points gather at the best angle, and that angle in degrees."""
    angles = np.arange(-MOST_SKEW_DEG, MOST_SKEW_DEG + _COARSE_DEG / 2, _COARSE_DEG)
    found = _gathering(along, across, angles, _COARSE_POINTS)
    best = float(angles[int(found.argmax())])
    usual = float(np.median(found))
    fine = best + np.arange(-_COARSE_DEG, _COARSE_DEG + _FINE_DEG / 2, _FINE_DEG)
    finer = _gathering(along, across, fine, _FINE_POINTS)
    angle = round(float(fine[int(finer.argmax())]), 1)
    return float(found.max()) / usual, angle + 0.0


def _gathering(
    along: _Values, across: _Values, angles: NDArray[np.float64], most: int
) -> NDArray[np.float64]:
    """Give the sum of squares of the profile across each angle."""
    step = max(len(along) // most, 1)
    a, b = along[::step].astype(np.float32), across[::step].astype(np.float32)
    slopes = np.tan(np.radians(angles)).astype(np.float32)
    reach = int(a.max() * float(np.abs(slopes).max())) + 1
    bins = int(b.max()) + 2 * reach + 1
    found = np.zeros(len(angles))
    for place, slope in enumerate(slopes):
        profile = np.bincount((b - a * slope).astype(np.int64) + reach, minlength=bins)
        found[place] = float((profile.astype(np.float64) ** 2).sum())
    return found


def _upright(shapes: Shapes, skew_deg: float) -> Turn | None:
    feet, heads = shapes.bottom, shapes.top
    middle = (shapes.left + shapes.right) // 2
    return _told(shapes, feet, heads, middle, skew_deg, turns=(0, 180))


def _sideways(shapes: Shapes, skew_deg: float) -> Turn | None:
    # Turned clockwise by 90 degrees, what was the bottom lies at the left.
    feet, heads = shapes.left, shapes.right
    middle = (shapes.top + shapes.bottom) // 2
    return _told(shapes, feet, heads, middle, skew_deg, turns=(90, 270))


def _told(
    shapes: Shapes,
    feet: Numbers,
    heads: Numbers,
    along: Numbers,
    skew_deg: float,
    *,
    turns: tuple[Turn, Turn],
) -> Turn | None:
    """Give the first of the turns when letters stand on the feet, else the second."""
    tall = np.abs(heads - feet)
    wide = (shapes.right - shapes.left) + (shapes.bottom - shapes.top) - tall
    usual = float(np.median(tall))
    if usual < _LEAST_LETTER_PX:
        return None
    # Words that run together have heads of equal height and feet that are not.
    single = (wide <= _LETTER_WIDTH * usual) & (tall <= _LETTER_HEIGHT * usual)
    if int(single.sum()) < max(_LETTERS_FOR_BOTTOM, _SINGLE * shapes.count):
        return None
    ratio = _ratio(feet[single], heads[single], along[single], skew_deg, usual)
    if ratio > _SURE_BOTTOM:
        return turns[0]
    return turns[1] if ratio < 1 / _SURE_BOTTOM else None


def _ratio(
    feet: Numbers, heads: Numbers, along: Numbers, skew_deg: float, height: float
) -> float:
    bin_px = max(height / _BINS_OF_HEIGHT, 1.0)
    angle = np.array([skew_deg])
    both = []
    for edge in (feet, heads):
        gathered = [
            _gathering(along / bin_px, edge / bin_px + phase, angle, len(along))[0]
            for phase in (0.0, 0.5)
        ]
        both.append(float(sum(gathered)))
    return both[0] / both[1]
