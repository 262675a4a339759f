"""Pictures: their frames and what their tags say. Text in them waits for OCR."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count

from PIL import Image, ImageSequence, UnidentifiedImageError

from service.processing.context import StepContext
from service.processing.formats.content import (
    Content,
    PageContent,
    parsing,
    refused,
    stated,
)
from service.processing.results import Metadata, Timestamp, timestamp

_FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "WEBP", "BMP")
_MANY_PAGES = frozenset({"TIFF"})
"""Frames of other formats are an animation, which is one picture."""
_TAG_DESCRIPTION, _TAG_SOFTWARE, _TAG_DATE, _TAG_ARTIST = 270, 305, 306, 315


def read(context: StepContext) -> Content:
    """Read a picture; its first frame is decoded to see whether all of it is there."""
    context.use_engine("pillow")
    with _guarded(), Image.open(context.source.path, formats=_FORMATS) as image:
        _check_size(context, image)
        metadata = _metadata(image)
        _check_whole(context, image)
        pages = tuple(_frames(context, image))
    return Content(pages=pages, metadata=_with_pages(metadata, len(pages)))


@contextmanager
def _guarded() -> Iterator[None]:
    with parsing(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # our own limit on pixels is the strict one
        try:
            yield
        except Image.DecompressionBombError as error:
            raise refused("too_large") from error
        except UnidentifiedImageError as error:
            raise refused("corrupt") from error


def _check_size(context: StepContext, image: Image.Image) -> None:
    if image.width * image.height > context.limits.max_pixels:
        raise refused("too_large")


def _check_whole(context: StepContext, image: Image.Image) -> None:
    try:
        image.load()
    except (OSError, ValueError, SyntaxError, EOFError):
        message = "The picture breaks off: not all of it could be decoded."
        context.add_issue("TRUNCATED", "error", message)


def _frames(context: StepContext, image: Image.Image) -> Iterator[PageContent]:
    if image.format not in _MANY_PAGES:
        yield _page(image)
        return
    for number, frame in enumerate(_sequence(context, image), 1):
        if number > context.limits.max_pages:
            raise refused("too_many_pages")
        _check_size(context, frame)
        yield _page(frame)


def _sequence(context: StepContext, image: Image.Image) -> Iterator[Image.Image]:
    frames = ImageSequence.Iterator(image)
    for number in count(1):
        try:
            frame = next(frames, None)
        except (OSError, ValueError, SyntaxError, KeyError, TypeError):
            message = "This page of the picture, and what follows, is unreadable."
            context.add_issue("PAGE_UNREADABLE", "error", message, page=number)
            return
        if frame is None:
            return
        yield frame


def _page(image: Image.Image) -> PageContent:
    return PageContent(
        text="", picture=True, width_px=image.width, height_px=image.height
    )


def _with_pages(metadata: dict[str, str | None], pages: int) -> Metadata:
    return Metadata(**metadata, page_count=pages)


def _metadata(image: Image.Image) -> dict[str, str | None]:
    try:
        tags = image.getexif()
    except (OSError, ValueError, SyntaxError, KeyError, TypeError):
        return {}
    return {
        "title": stated(tags.get(_TAG_DESCRIPTION)),
        "author": stated(tags.get(_TAG_ARTIST)),
        "producer": stated(tags.get(_TAG_SOFTWARE)),
        "created_at": _taken(tags.get(_TAG_DATE)),
    }


def _taken(value: object) -> Timestamp | None:
    try:
        return timestamp(datetime.strptime(str(value), "%Y:%m:%d %H:%M:%S"))  # noqa: DTZ007 - EXIF times have no zone
    except ValueError:
        return None
