"""What can be measured on the picture of a page."""

from dataclasses import dataclass

import numpy as np

from service.processing.quality.ink import (
    Gray,
    find_ink,
    find_shapes,
    ink_shares,
    shrunk,
)
from service.processing.quality.lines import Turn, find_lie
from service.processing.quality.pictures import INK_DPI, Picture
from service.processing.quality.sharpness import median3, noise_sigma, steepness

_LETTERS_NEEDED = 20
_NOISY = 3.0
"""Sigma from which ink is looked for after the median only."""
_USUAL_DPI = 150
"""Taken for a picture that does not say how large it was on paper."""
_FAINT_SHARE = 0.002
"""Of marks lighter than ink, up to which a page may still be blank."""
_SAME_MEAN, _SAME_MOST = 2.0, 40
"""Levels by which two pictures of one page differ, on average and at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMeasures:
    """Null = could not be measured. Sizes are of the original picture's pixels."""

    ink_share: float
    faint_share: float
    small: Gray
    """The page at about 50 dpi."""
    sharpness: float | None = None
    contrast_levels: float | None = None
    text_height_px: float | None = None
    noise_sigma: float | None = None
    skew_deg: float | None = None
    orientation_deg: Turn | None = None

    def emptiness(self) -> float | None:
        """Give the share of ink where it may be called blank, None elsewhere."""
        return self.ink_share if self.faint_share < _FAINT_SHARE else None


def measure_ink(picture: Picture) -> PageMeasures:
    """Measure only how much ink there is."""
    small = _at_ink_dpi(picture)
    ink_share, faint_share = ink_shares(small)
    return PageMeasures(ink_share=ink_share, faint_share=faint_share, small=small)


def measure(picture: Picture) -> PageMeasures:
    """Measure everything; takes 20-30 ms for a page of 150 dpi."""
    gray = picture.gray
    small = _at_ink_dpi(picture)
    ink_share, faint_share = ink_shares(small)
    noise = noise_sigma(gray)
    smooth = median3(gray)
    ink = find_ink(smooth if (noise or 0) >= _NOISY else gray, noise or 0.0)
    shapes = find_shapes(ink.mask)
    lie = find_lie(shapes) if shapes else None
    height = None
    if shapes and lie and shapes.count >= _LETTERS_NEEDED:
        height = shapes.height(sideways=lie.sideways) / picture.scale
    return PageMeasures(
        ink_share=ink_share,
        faint_share=faint_share,
        small=small,
        sharpness=steepness(smooth, contrast=ink.contrast, noise=noise or 0.0),
        contrast_levels=ink.contrast,
        text_height_px=height,
        noise_sigma=noise,
        skew_deg=lie.skew_deg if lie else None,
        orientation_deg=lie.orientation_deg if lie else None,
    )


def same_picture(one: PageMeasures, other: PageMeasures) -> bool:
    """Say whether two pages show the same picture, not only the same form.

    Another scan of a page cannot be told from a page with a few other figures, so it
    is not called the same.
    """
    if one.small.shape != other.small.shape:
        return False
    differing = one.small.astype(np.int16) - other.small
    return bool(
        np.abs(differing).mean() <= _SAME_MEAN and np.abs(differing).max() <= _SAME_MOST
    )


def _at_ink_dpi(picture: Picture) -> Gray:
    dpi = picture.dpi or _USUAL_DPI
    return shrunk(picture.gray, max(round(dpi / INK_DPI), 1))
