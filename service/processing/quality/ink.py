"""Tells ink from paper, and finds the letters among the ink."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
"""A page, 0 = black, 255 = white; rows from the top."""
Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]

_TILE = 32
"""Pixels of a side of the tiles that have a paper each: light falls unevenly."""
_INK_TILE = 16
"""The same at about 50 dpi, for the share of ink."""
_PAPER = 0.8
"""Share of a tile's pixels that are at most as light as its paper."""
_LEAST_DEPTH = 12
"""Levels of 255 that ink is darker than paper, at least."""
_NOISE_DEPTH = 4.0
"""Times the noise's sigma that ink is darker, at least."""
_INK_LEVEL = 0.8
"""Share of dark pixels that are at most as dark as full ink."""
_SOLID = 200 / 255
"""Of the paper around it, under which a tile is an area of ink: ink on white paper."""
_DARKEST_PAPER = 64
"""A page without a tile that is as light is covered with ink all over."""
_EDGE = 1 / 8
"""Of a side, up to which what is dark along it is the scanner's lid and no ink."""
_SAMPLE = 7
"""Every so manieth pixel is enough for a histogram; odd, so that it wanders."""
_MAX_RUNS = 250_000
"""More are a texture, not text: a page of small print has about 60 000."""
_MAX_ROUNDS = 40
_LEAST_HEIGHT = 3
_MOST_HEIGHT = 1 / 12
"""Of the page's height; what is taller is a picture or a rule."""
_MOST_WIDTH = 12
"""Times its height; blurred letters run together into words."""
_SMALL = 0.5
"""Of the height that a quarter of the letters exceeds: less are dots and commas."""


@dataclass(frozen=True, slots=True)
class Ink:
    """Where ink is."""

    mask: Mask
    contrast: float | None
    """Mean paper minus mean ink, in levels of 255; None = no ink."""


@dataclass(frozen=True, slots=True)
class Shapes:
    """The boxes around connected ink that may be letters or words, in pixels."""

    left: Numbers
    top: Numbers
    right: Numbers
    """One past the last column."""
    bottom: Numbers
    points_x: Numbers
    """Middle of each stretch of ink that belongs to one of the boxes."""
    points_y: Numbers

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.top)

    def height(self, *, sideways: bool) -> float:
        """Give the median height of the letters in pixels, however they lie."""
        low, high = (self.left, self.right) if sideways else (self.top, self.bottom)
        return float(np.median(high - low))


def find_ink(gray: Gray, noise: float) -> Ink:
    """Find what is darker than the paper around it by half of full ink or more."""
    depth = _depth(gray)
    floor = max(_LEAST_DEPTH, round(_NOISE_DEPTH * noise))
    histogram = np.bincount(depth.ravel()[::_SAMPLE], minlength=256)[floor + 1 :]
    dark = int(histogram.sum())
    if dark == 0:
        return Ink(np.zeros(gray.shape, np.bool_), None)
    full = floor + 1 + int(np.searchsorted(histogram.cumsum(), _INK_LEVEL * dark))
    threshold = max(floor, full // 2)
    mask = depth > threshold
    levels = np.arange(floor + 1, 256)
    inked = levels > threshold
    found = int(histogram[inked].sum())
    contrast = float((histogram * levels)[inked].sum()) / found if found else None
    return Ink(mask, contrast)


def ink_shares(small: Gray) -> tuple[float, float]:
    """Give how much of a page at about 50 dpi is ink, and how much is faint marks.

    The margin is left out: scanners leave shadows there. Ink is what is darker than
    200 on white paper, and as much darker on paper that is not white; areas of it too,
    unless they only frame the page.
    """
    height, width = small.shape
    rows, columns = height // 50, width // 50
    inner = small[rows : height - rows, columns : width - columns]
    levels = _under_areas(_tile_levels(inner, _INK_TILE, 0.5))
    paper = _on_pixels(levels, _INK_TILE, inner)
    dark = inner < paper * _SOLID
    faint = inner < paper - 10.0
    return float(dark.mean()), float(faint.mean())


def shrunk(gray: Gray, factor: int) -> Gray:
    """Give the picture with a side of `factor` pixels averaged into one."""
    height, width = (side - side % factor for side in gray.shape)
    if factor < 2 or not height or not width:
        return gray
    rows = gray[:height, :width].reshape(height // factor, factor, width)
    sums = rows.sum(axis=1, dtype=np.uint16)
    tiles = sums.reshape(height // factor, width // factor, factor)
    total = tiles.sum(axis=2, dtype=np.uint32)
    mean: Gray = (total // (factor * factor)).astype(np.uint8)
    return mean


def find_shapes(mask: Mask) -> Shapes | None:
    """Find connected ink that may be letters; None where it is a texture."""
    height, width = mask.shape
    flat = np.zeros((height, width + 1), np.bool_)
    flat[:, :width] = mask
    line = flat.ravel()
    turns = np.flatnonzero(line[1:] != line[:-1]) + 1
    if line[0]:
        turns = np.concatenate((np.zeros(1, turns.dtype), turns))
    starts, ends = turns[0::2], turns[1::2]
    if not 0 < len(starts) <= _MAX_RUNS:
        return None
    root = _components(starts, ends, width + 1)
    return _letters(starts, ends, root, height=height, stride=width + 1)


def _depth(gray: Gray) -> Gray:
    """Give how much darker than the paper around it each pixel is."""
    height, width = gray.shape
    paper = _paper(gray, _TILE, _PAPER)
    depth: Gray = np.maximum(paper[:height, :width], gray) - gray
    return depth


def _paper(gray: Gray, tile: int, share: float) -> Gray:
    """Give the lightness of the paper at each pixel, the same all over a tile."""
    return _on_pixels(_tile_levels(gray, tile, share), tile, gray)


def _tile_levels(gray: Gray, tile: int, share: float) -> Gray:
    """Give for each tile the lightness that a share of its pixels does not exceed."""
    step = max(tile // 8, 1)
    sampled = np.pad(gray[::step, ::step], ((0, 7), (0, 7)), mode="edge")
    rows, columns = sampled.shape[0] // 8, sampled.shape[1] // 8
    tiles = sampled[: rows * 8, : columns * 8].reshape(rows, 8, columns, 8)
    each = tiles.transpose(0, 2, 1, 3).reshape(rows, columns, 64)
    place = min(int(share * 64), 63)
    levels: Gray = np.partition(each, place, axis=2)[:, :, place]
    return levels


def _on_pixels(levels: Gray, tile: int, gray: Gray) -> Gray:
    size = 8 * max(tile // 8, 1)
    wide = levels.repeat(size, axis=0).repeat(size, axis=1)
    paper: Gray = wide[: gray.shape[0], : gray.shape[1]]
    return paper


def _under_areas(levels: Gray) -> Gray:
    """Give the paper of each tile, also where all of it is covered with ink.

    Light falls off slowly and ink begins at once, so an area of ink is what is much
    darker than the paper next to it; its paper is as light as that.
    """
    if levels.max() < _DARKEST_PAPER:
        return np.full_like(levels, 255)
    paper = levels
    while True:
        around = _around(paper)
        lighter = np.maximum(paper, np.where(levels < _SOLID * around, around, levels))
        if np.array_equal(lighter, paper):
            break
        paper = lighter
    solid = levels < _SOLID * paper
    rows, columns = (round(_EDGE * side) for side in levels.shape)
    ink = np.zeros_like(solid)
    inside = np.s_[rows : len(ink) - rows, columns : ink.shape[1] - columns]
    ink[inside] = solid[inside]
    while not np.array_equal(grown := solid & (ink | _around(ink)), ink):
        ink = grown
    return np.where(solid & ~ink, levels, paper)


def _around(tiles: NDArray[Any]) -> NDArray[Any]:
    """Give for each tile the most of the four around it."""
    padded = np.pad(tiles, 1)
    rows = np.maximum(padded[:-2, 1:-1], padded[2:, 1:-1])
    columns = np.maximum(padded[1:-1, :-2], padded[1:-1, 2:])
    most: NDArray[Any] = np.maximum(rows, columns)
    return most


def _components(starts: Numbers, ends: Numbers, stride: int) -> Numbers:
    """Give for each run of ink the first run of the component it belongs to."""
    # Where a run touches those of the row above, corners included.
    low = np.searchsorted(ends, starts - stride, "left")
    high = np.searchsorted(starts, ends - stride, "right")
    root: Numbers = np.arange(len(starts))
    touching = high > low
    root[touching] = low[touching]
    root = _settled(root)
    counts = np.maximum(high - low - 1, 0)
    more = np.flatnonzero(counts)
    below = np.repeat(more, counts[more])
    offsets = np.arange(len(below)) - np.repeat(
        counts[more].cumsum() - counts[more], counts[more]
    )
    above = np.repeat(low[more] + 1, counts[more]) + offsets
    for _ in range(_MAX_ROUNDS):
        one, other = root[below], root[above]
        differ = one != other
        if not differ.any():
            break
        below, above = below[differ], above[differ]
        one, other = one[differ], other[differ]
        np.minimum.at(root, np.maximum(one, other), np.minimum(one, other))
        root = _settled(root)
    return root


def _settled(root: Numbers) -> Numbers:
    for _ in range(_MAX_ROUNDS):
        onward = root[root]
        if np.array_equal(onward, root):
            break
        root = onward
    return root


def _letters(
    starts: Numbers, ends: Numbers, root: Numbers, *, height: int, stride: int
) -> Shapes | None:
    rows, lefts = np.divmod(starts, stride)
    rights = lefts + (ends - starts)
    first, member = np.unique(root, return_inverse=True)
    top = rows[first]
    bottom, right = np.zeros_like(top), np.zeros_like(top)
    left = np.full_like(top, stride)
    np.maximum.at(bottom, member, rows + 1)
    np.maximum.at(right, member, rights)
    np.minimum.at(left, member, lefts)
    tall, wide = bottom - top, right - left
    letter = (tall >= _LEAST_HEIGHT) & (tall <= height * _MOST_HEIGHT)
    # The longer side counts: on a page that lies on its side words are tall.
    letter &= np.maximum(tall, wide) <= _MOST_WIDTH * np.minimum(tall, wide)
    if not letter.any():
        return None
    usual = np.percentile(tall[letter], 75)
    letter &= tall >= _SMALL * usual
    inside = letter[member]
    chosen: dict[str, Any] = {
        name: values[letter]
        for name, values in (
            ("left", left),
            ("top", top),
            ("right", right),
            ("bottom", bottom),
        )
    }
    return Shapes(
        **chosen,
        points_x=((lefts + rights) // 2)[inside],
        points_y=rows[inside],
    )
