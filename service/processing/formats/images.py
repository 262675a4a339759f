"""Pictures: their frames and what their tags say. Text in them waits for OCR."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import count

from PIL import Image, ImageSequence

from service.processing.context import StepContext
from service.processing.formats.content import (
    Content,
    PageContent,
    refused,
    select_pages,
    stated,
)
from service.processing.formats.pictures import DAMAGED, opened
from service.processing.results import Metadata, Timestamp, timestamp

_MANY_PAGES = frozenset({"TIFF"})
_ANIMATIONS = frozenset({"GIF", "PNG", "WEBP"})
"""Their frames are one picture that moves, of which the first stands for all."""
_TAG_ORIENTATION = 274
_TURNS: Mapping[object, int] = {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}
"""Clockwise, by orientation (EXIF 2.32 §4.6.4)."""
_TAG_DESCRIPTION, _TAG_SOFTWARE, _TAG_DATE, _TAG_ARTIST = 270, 305, 306, 315


def read(context: StepContext) -> Content:
    """Read a picture; its first frame is decoded to see whether all of it is there.

    Raises:
        DocumentError: ``too_large``, ``too_many_pages``, ``no_pages``, ``corrupt``.
    """
    context.use_engine("pillow")
    with opened(context.source.path) as image:
        _check_size(context, image)
        tags = _tags(image)
        _check_whole(context, image)
        pages = list(_frames(context, image))
    chosen = select_pages(context, len(pages))
    return Content(
        pages=tuple(
            replace(pages[number - 1], number=number, rotation_deg=_turned(tags))
            for number in chosen
        ),
        metadata=_metadata(tags, len(pages)),
    )


def _check_size(context: StepContext, image: Image.Image) -> None:
    if image.width * image.height > context.limits.max_pixels:
        raise refused("too_large")


def _check_whole(context: StepContext, image: Image.Image) -> None:
    try:
        image.load()
    except DAMAGED:
        message = "The picture breaks off: not all of it could be decoded."
        context.add_issue("TRUNCATED", "error", message)


def _frames(context: StepContext, image: Image.Image) -> Iterator[PageContent]:
    if image.format not in _MANY_PAGES:
        if image.format in _ANIMATIONS and getattr(image, "is_animated", False):
            message = "It is an animation: its first picture was read."
            context.hit_limit("frames", message, severity="info")
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
        except DAMAGED:
            message = "This page of the picture, and what follows, is unreadable."
            context.add_issue("PAGE_UNREADABLE", "error", message, page=number)
            return
        if frame is None:
            return
        yield frame


def _page(image: Image.Image) -> PageContent:
    return PageContent(
        text="",
        picture=True,
        pictures=1,
        width_px=image.width,
        height_px=image.height,
    )


def _tags(image: Image.Image) -> Mapping[int, object]:
    try:
        return dict(image.getexif())
    except DAMAGED:
        return {}


def _metadata(tags: Mapping[int, object], pages: int) -> Metadata:
    return Metadata(
        title=stated(tags.get(_TAG_DESCRIPTION)),
        author=stated(tags.get(_TAG_ARTIST)),
        producer=stated(tags.get(_TAG_SOFTWARE)),
        created_at=_taken(tags.get(_TAG_DATE)),
        page_count=pages,
    )


def _turned(tags: Mapping[int, object]) -> int:
    """Give how far a camera says that its picture is to be turned, in degrees."""
    return _TURNS.get(tags.get(_TAG_ORIENTATION), 0)


def _taken(value: object) -> Timestamp | None:
    try:
        return timestamp(datetime.strptime(str(value), "%Y:%m:%d %H:%M:%S"))  # noqa: DTZ007 - EXIF times have no zone
    except ValueError:
        return None
