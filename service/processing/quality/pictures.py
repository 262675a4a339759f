"""Gives pages as grey pictures to measure: rendered, or decoded and made smaller."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pypdfium2
import pypdfium2.raw
from PIL import Image, ImageOps

from service.errors import DocumentError
from service.processing.formats.content import PageContent, parsing
from service.processing.formats.pdf_annotations import fill_in_forms
from service.processing.quality.ink import Gray

RENDER_DPI = 150
"""Enough for blur and letters; a page takes 10-30 ms."""
INK_DPI = 50
"""Enough to tell whether a page is blank."""
LONGEST_PX = 2_000
"""A page's box may claim 2 000 000 points: nothing is rendered longer than this."""
LEAST_PX = 40
"""What is narrower shows nothing that could be measured."""
_LEAST_DPI = 40
_POINTS_PER_INCH = 72
_MOST_OBJECTS = 200
"""Objects of a page among which a picture of the whole page is looked for."""
_WHOLE_PAGE = 0.7
"""Share of the page that a scan covers, at least."""
_RAW: Any = pypdfium2.raw
_DEEP_GRAY = ("I;16", "I;16B", "I;16L", "I;16N")


@dataclass(frozen=True, slots=True)
class Picture:
    """A page to measure."""

    gray: Gray
    scale: float
    """Its pixels for each pixel of the original picture."""
    dpi: float | None
    """Of `gray`; None = not known."""


class Pictures(Protocol):
    """Where the pictures of a document's pages come from."""

    def take(self, number: int, page: PageContent, *, dpi: float) -> Picture | None:
        """Give page `number` (from 1) at up to `dpi`, None when that cannot be."""

    def is_scan(self, number: int) -> bool:
        """Say whether a picture covers the page although it has text."""


@contextmanager
def opened(path: Path, media_type: str) -> Iterator[Pictures | None]:
    """Open a document for its pages' pictures; None when its kind has none."""
    if media_type == "application/pdf":
        with _opened_pdf(path) as document:
            yield _PdfPictures(document) if document is not None else None
    elif media_type.startswith("image/"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the reader was strict about pixels
            yield _FramePictures(path)
    else:
        yield None


@contextmanager
def _opened_pdf(path: Path) -> Iterator[pypdfium2.PdfDocument | None]:
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:
        yield None  # it was read by another reader, which cannot render
        return
    fill_in_forms(document)
    try:
        yield document
    finally:
        document.close()


class _PdfPictures:
    def __init__(self, document: pypdfium2.PdfDocument) -> None:
        self._document = document

    def take(self, number: int, page: PageContent, *, dpi: float) -> Picture | None:
        """Render a page, at no more dots than its picture has."""
        own_dpi = page.effective_dpi or dpi
        wanted = max(min(dpi, own_dpi), _LEAST_DPI)
        try:
            with parsing():
                gray, rendered_dpi = self._render(number, wanted)
        except DocumentError:
            return None
        if min(gray.shape) < LEAST_PX:
            return None
        scale = rendered_dpi / page.effective_dpi if page.effective_dpi else 1.0
        return Picture(gray, scale, rendered_dpi)

    def is_scan(self, number: int) -> bool:
        """Look for a picture that covers the page."""
        try:
            with parsing():
                page = self._document[number - 1]
                try:
                    return _covered(page)
                finally:
                    page.close()
        except DocumentError:
            return False

    def _render(self, number: int, dpi: float) -> tuple[Gray, float]:
        page = self._document[number - 1]
        try:
            longest = max(*page.get_size(), 1.0)
            scale = min(dpi / _POINTS_PER_INCH, LONGEST_PX / longest)
            bitmap = page.render(scale=scale, grayscale=True)
            try:
                # A copy: the bitmap's memory goes with it.
                gray = np.array(bitmap.to_numpy(), np.uint8)
            finally:
                bitmap.close()
        finally:
            page.close()
        return gray.reshape(gray.shape[:2]), scale * _POINTS_PER_INCH


def _covered(page: pypdfium2.PdfPage) -> bool:
    width, height = page.get_size()
    for place in range(min(_RAW.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        each = _RAW.FPDFPage_GetObject(page, place)
        if _RAW.FPDFPageObj_GetType(each) == _RAW.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = _bounds(each)
            if (right - left) * (top - bottom) >= _WHOLE_PAGE * width * height:
                return True
    return False


def _bounds(page_object: Any) -> tuple[float, float, float, float]:
    left, bottom, right, top = (_RAW.FS_FLOAT() for _ in range(4))
    found = _RAW.FPDFPageObj_GetBounds(page_object, left, bottom, right, top)
    return (
        (left.value, bottom.value, right.value, top.value)
        if found
        else (0.0, 0.0, 0.0, 0.0)
    )


class _FramePictures:
    def __init__(self, path: Path) -> None:
        self._path = path

    def take(self, number: int, page: PageContent, *, dpi: float) -> Picture | None:
        """Decode a frame, the way up that its tags say."""
        del dpi  # a picture without a size on paper has no dots per inch
        try:
            with parsing(), Image.open(self._path) as image:
                image.seek(number - 1)
                width = image.width
                own_dpi = _stated_dpi(image)
                image.draft("L", (LONGEST_PX, LONGEST_PX))
                small = _small(image)
                scale = small.width / width
                gray = np.asarray(ImageOps.exif_transpose(small), np.uint8)
        except DocumentError:
            return None
        if min(gray.shape) < LEAST_PX:
            return None
        own_dpi = page.effective_dpi or own_dpi
        return Picture(gray, scale, own_dpi * scale if own_dpi else None)

    def is_scan(self, number: int) -> bool:
        """Say yes: a picture is nothing else."""
        return number > 0


def _small(image: Image.Image) -> Image.Image:
    """Give a copy in grey on white that is no longer than can be measured."""
    if image.mode in _DEEP_GRAY:
        small = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    elif image.mode in {"1", "P", "PA", "I", "F"}:
        small = image.convert("RGBA" if "transparency" in image.info else "L")
    else:
        small = image
    if max(small.size) > LONGEST_PX:
        small.thumbnail(
            (LONGEST_PX, LONGEST_PX), Image.Resampling.BOX, reducing_gap=2.0
        )
    if small.mode in {"RGBA", "LA", "PA"}:
        paper = Image.new("RGBA", small.size, "white")
        small = Image.alpha_composite(paper, small.convert("RGBA"))
    return small.convert("L")


def _stated_dpi(image: Image.Image) -> float | None:
    stated = image.info.get("dpi")
    if isinstance(stated, tuple) and stated:
        dpi = float(stated[0])
        # 72 and 96 are what programs write that know nothing of paper.
        return dpi if 100 <= dpi <= 2_400 else None
    return None
