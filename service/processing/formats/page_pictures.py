"""Pages as pictures, whatever kind of document they are of."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from PIL import Image

from service.errors import DocumentError
from service.processing.context import StepContext
from service.processing.formats.pictures import frames
from service.processing.formats.rendering import rendered_pages

_POINTS = 72


class PagePicture(NamedTuple):
    """A page as it looks."""

    number: int
    image: Image.Image
    scale: float
    """Pixels to the point."""


def page_pictures(
    context: StepContext, numbers: Sequence[int], *, dpi: float, longest_px: int
) -> Iterator[PagePicture]:
    """Give those of the pages that can be drawn; damage was named on reading.

    Args:
        context: Of a PDF or a picture.
        numbers: Which pages, from 1.
        dpi: Of rendered pages; that of pictures is not known, and taken to be the same.
        longest_px: The most pixels that the longer side may have.
    """
    if context.media_type != "application/pdf":
        with suppress(DocumentError):
            path = context.source.path
            for number, image in frames(path, numbers, longest_px=longest_px):
                yield PagePicture(number, image, dpi / _POINTS)
        return
    for number, page in rendered_pages(
        context, numbers, dpi=dpi, longest_px=longest_px
    ):
        yield PagePicture(number, page.picture, page.scale)
