"""PDF pages as pictures, never larger than asked for whatever a page claims to be."""

from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from typing import NamedTuple

import pypdfium2
from PIL import Image

from service.errors import DocumentError
from service.processing.context import StepContext
from service.processing.formats.content import parsing
from service.processing.formats.pdf import open_document
from service.processing.results import Box


class Rendered(NamedTuple):
    """A page, or a part of one, as a picture."""

    picture: Image.Image
    box: Box
    """What of the page it shows, in points."""
    scale: float
    """Pixels to the point."""


def rendered_pages(
    context: StepContext, numbers: Iterable[int], *, dpi: float, longest_px: int
) -> Iterator[tuple[int, Rendered]]:
    """Draw pages of a PDF, those that can be; damage was named on reading.

    The arguments are those of `rendered`.
    """
    document = open_document(context)
    if document is None:
        return
    with closing(document):
        for number in numbers:
            with suppress(DocumentError):
                yield number, rendered(document, number, dpi=dpi, longest_px=longest_px)


def rendered(
    document: pypdfium2.PdfDocument,
    number: int,
    *,
    dpi: float,
    longest_px: int,
    box: Box | None = None,
) -> Rendered:
    """Draw a page.

    Args:
        document: Whose page.
        number: Of the page, from 1.
        dpi: Pixels to the inch, unless that makes it too large.
        longest_px: The most pixels that the longer side may have.
        box: The part of the page to draw, as seen; None = all of it.

    Raises:
        DocumentError: ``corrupt`` when it cannot be drawn.
    """
    with parsing(), closing(document[number - 1]) as page:
        width, height = page.get_size()
        left, top, right, bottom = _inside(box or (0.0, 0.0, width, height), page)
        longest = max(right - left, bottom - top, 1.0)
        scale = min(dpi / 72, longest_px / longest)
        bitmap = page.render(
            scale=scale,
            crop=(left, height - bottom, width - right, top),
            rev_byteorder=True,
        )
        with closing(bitmap):
            picture = bitmap.to_pil().copy()  # the bitmap's memory goes with it
        return Rendered(picture, (left, top, right, bottom), scale)


def _inside(box: Box, page: pypdfium2.PdfPage) -> Box:
    width, height = page.get_size()
    return (max(box[0], 0.0), max(box[1], 0.0), min(box[2], width), min(box[3], height))
