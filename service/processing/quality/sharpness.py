"""How steep edges are, and how much noise lies on the paper.

Edge steepness is the largest step between neighbouring pixels of an 8x8 block as share
of the block's whole range: unlike the variance of a Laplacian it depends on neither
size, content nor contrast. Noise makes blurred edges look steep, so a median goes first
and the noise is measured beside it.
"""

import numpy as np

from service.processing.quality.ink import Gray

_BLOCK = 8
_LEAST_RANGE = 40
"""Levels between the darkest and the lightest pixel of a block with an edge."""
_RANGE_OF_CONTRAST = 0.3
"""On pages with less contrast blocks of this share of it have an edge, too."""
_NOISE_RANGE = 3.0
"""Times the noise's sigma that a block's range is, at least."""
_LEAST_BLOCKS = 12
"""Fewer say nothing."""
_QUIET = 0.25
"""Share of the blocks that are taken for bare paper."""
_SAMPLED_BLOCKS = 3_000
"""As many tell the noise of a page, spread all over it."""
_STRIP = 64
"""Rows of which the median is made at a time: few enough for the processor's cache."""


def median3(gray: Gray) -> Gray:
    """Give the picture with each pixel replaced by the median of its 3x3 neighbours.

    The border of one pixel goes.
    """
    height, width = gray.shape
    found = np.empty((max(height - 2, 0), max(width - 2, 0)), np.uint8)
    if found.size:
        for row in range(0, height - 2, _STRIP):
            found[row : row + _STRIP] = _median_of_strip(gray[row : row + _STRIP + 2])
    return found


def steepness(gray: Gray, *, contrast: float | None, noise: float) -> float | None:
    """Give the median edge steepness, 0-1, of a picture without noise on it.

    Args:
        gray: The picture, its noise taken away.
        contrast: Of ink and paper, in levels.
        noise: Sigma that was on it, in levels.
    """
    rows, columns = gray.shape[0] // _BLOCK, gray.shape[1] // _BLOCK
    if not rows or not columns:
        return None
    gray = gray[: rows * _BLOCK, : columns * _BLOCK]
    spread = _block_max(gray) - _block_min(gray)
    least = _LEAST_RANGE
    if contrast is not None:
        least = min(least, round(_RANGE_OF_CONTRAST * contrast))
    edges = spread > max(least, round(_NOISE_RANGE * noise), 8)
    if int(edges.sum()) < _LEAST_BLOCKS:
        return None
    across = np.maximum(gray[:, 1:], gray[:, :-1]) - np.minimum(
        gray[:, 1:], gray[:, :-1]
    )
    down = np.maximum(gray[1:], gray[:-1]) - np.minimum(gray[1:], gray[:-1])
    # The step out of a block's last column or row is none of the block's.
    across = np.pad(across, ((0, 0), (0, 1)))
    across[:, _BLOCK - 1 :: _BLOCK] = 0
    down = np.pad(down, ((0, 1), (0, 0)))
    down[_BLOCK - 1 :: _BLOCK] = 0
    steps = np.maximum(_block_max(across), _block_max(down))
    return float(np.median(steps[edges] / spread[edges]))


def noise_sigma(gray: Gray) -> float | None:
    """Give the standard deviation of the noise on bare paper, in levels of 255.

    Only what is darker than a block's median counts: white paper cuts the lighter half
    of the noise off.
    """
    rows, columns = gray.shape[0] // _BLOCK, gray.shape[1] // _BLOCK
    if rows * columns < _LEAST_BLOCKS:
        return None
    area = gray[: rows * _BLOCK, : columns * _BLOCK]
    blocks = area.reshape(rows, _BLOCK, columns, _BLOCK).transpose(0, 2, 1, 3)
    step = max(rows * columns // _SAMPLED_BLOCKS, 1)
    row, column = np.divmod(np.arange(0, rows * columns, step), columns)
    flat = blocks[row, column].reshape(-1, _BLOCK * _BLOCK)
    spread = flat.max(axis=1) - flat.min(axis=1)
    order = spread.argsort()[: max(round(_QUIET * len(spread)), 1)]
    quiet = flat[order].astype(np.float32)
    below = np.minimum(quiet - np.median(quiet, axis=1, keepdims=True), 0)
    # Where less than a quarter is darker, the median is the paper and all else noise.
    count = np.maximum((below < 0).sum(axis=1), _BLOCK * _BLOCK // 4)
    variances = (below**2).sum(axis=1) / count
    return float(np.sqrt(np.median(variances)))


def _median_of_strip(gray: Gray) -> Gray:
    # Of three sorted rows: the median of largest minimum, middle median and smallest
    # maximum is the median of all nine.
    above, here, below = gray[:-2], gray[1:-1], gray[2:]
    low, high = np.minimum(above, here), np.maximum(above, here)
    least, most = np.minimum(low, below), np.maximum(high, below)
    middle = np.maximum(low, np.minimum(high, below))
    left, centre, right = slice(None, -2), slice(1, -1), slice(2, None)
    return _median(
        np.maximum(np.maximum(least[:, left], least[:, centre]), least[:, right]),
        _median(middle[:, left], middle[:, centre], middle[:, right]),
        np.minimum(np.minimum(most[:, left], most[:, centre]), most[:, right]),
    )


def _median(one: Gray, two: Gray, three: Gray) -> Gray:
    smaller, larger = np.minimum(one, two), np.maximum(one, two)
    middle: Gray = np.maximum(smaller, np.minimum(larger, three))
    return middle


def _block_max(gray: Gray) -> Gray:
    rows = gray.reshape(-1, _BLOCK, gray.shape[1]).max(axis=1)
    blocks: Gray = rows.reshape(rows.shape[0], -1, _BLOCK).max(axis=2)
    return blocks


def _block_min(gray: Gray) -> Gray:
    rows = gray.reshape(-1, _BLOCK, gray.shape[1]).min(axis=1)
    blocks: Gray = rows.reshape(rows.shape[0], -1, _BLOCK).min(axis=2)
    return blocks
