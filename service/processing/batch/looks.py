"""How pages look, as numbers that are near each other where the pages are.

Imported only inside the sandbox, as it opens pictures.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from service.processing.context import StepContext
from service.processing.formats.content import PageContent
from service.processing.formats.page_pictures import page_pictures
from service.processing.ocr.handing_on import needs_ocr

MOST_PAGES = 8
"""Pages by whose looks a document is compared."""
_DPI, _LONGEST_PX = 72, 1_000
_SIDE, _LOW = 64, 16
_PLAIN_LEVELS = 2.0
"""Standard deviation under which a page shows nothing that could be compared."""
_BLANK = "0" * (_LOW * _LOW // 4)
_SMALL_PX = 200
_PAPER_PERCENTILE, _DARKER = 90, 25.0
"""What is so much darker than the lightest tenth is print."""
_STRAY_PERCENT = 1
"""Of the print, at each side: dust and the shadow of an edge are no content."""

Levels = NDArray[np.float64]


def page_hashes(context: StepContext) -> tuple[str, ...]:
    """Give what the pages of a scan or a photograph look like, hexadecimal.

    Empty for documents with text of their own, which decides; and where nothing is
    drawn, or not all of it can be.
    """
    pages = () if context.content is None else context.content.pages[:MOST_PAGES]
    if not pages or not all(map(_is_scan, pages)):
        return ()
    numbers = [page.number or place for place, page in enumerate(pages, 1)]
    drawn = page_pictures(context, numbers, dpi=_DPI, longest_px=_LONGEST_PX)
    hashes = tuple(look(page.image) for page in drawn)
    whole = len(hashes) == len(pages) and any(hashes)
    return tuple(each or _BLANK for each in hashes) if whole else ()


def look(picture: Image.Image) -> str | None:
    """Give the signs of the lowest frequencies of a page's content; None = plain.

    The perceptual hash of Zauner (Implementation and Benchmarking of Perceptual Image
    Hash Functions, 2010), with 256 bits, for 64 do not tell two letters apart, and of
    the content alone, which lies a little elsewhere on each scan.
    """
    grey = picture.convert("L")
    small = grey.crop(_content(grey)).resize((_SIDE, _SIDE), Image.Resampling.BOX)
    levels = np.asarray(small, dtype=np.float64)
    if levels.std() < _PLAIN_LEVELS:
        return None
    cosines = _cosines()
    low = (cosines @ levels @ cosines.T)[:_LOW, :_LOW].ravel()
    return np.packbits(low > np.median(low)).tobytes().hex()


def _is_scan(page: PageContent) -> bool:
    return page.picture and (needs_ocr(page) or page.text_source == "ocr")


def _content(grey: Image.Image) -> tuple[int, int, int, int]:
    """Give the part of a page on which something is printed, in pixels."""
    scale = grey.width / _SMALL_PX
    height = max(round(grey.height / scale), 1)
    small = grey.resize((_SMALL_PX, height), Image.Resampling.BOX)
    levels = np.asarray(small, dtype=np.float64)
    paper = np.percentile(levels, _PAPER_PERCENTILE)
    rows, columns = np.nonzero(levels < paper - _DARKER)
    if not len(rows):
        return 0, 0, grey.width, grey.height
    sides = [_STRAY_PERCENT, 100 - _STRAY_PERCENT]
    top, bottom = np.percentile(rows, sides) * scale
    left, right = np.percentile(columns, sides) * scale
    return int(left), int(top), int(right + scale) + 1, int(bottom + scale) + 1


def _cosines() -> Levels:
    """Give the matrix of the discrete cosine transform (DCT-II) of one row."""
    places = np.arange(_SIDE, dtype=np.float64)
    matrix: Levels = np.cos(np.pi / _SIDE * np.outer(np.arange(_SIDE), places + 0.5))
    return matrix
