"""The step ``picture``: small JPEGs of what is only a picture, for a model to look at.

Foreign files are opened here, in the sandbox; the worker only passes the bytes on.
"""

import io
import warnings
from collections.abc import Iterator, Sequence

from PIL import Image, ImageOps

from service.processing.context import StepContext
from service.processing.formats.content import PageContent
from service.processing.formats.rendering import rendered_pages
from service.processing.ocr.handing_on import needs_ocr
from service.processing.outputs import PICTURE_OUTPUT
from service.processing.results import ImageUse

JPEG_TYPE = "image/jpeg"
PAGE_DPI = 200
"""Of drawn pages, unless that makes them too large: what scanners usually take."""
PAGES_LIMIT = "image_pages"
"""The limit that keeps pages from a model."""
_FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "WEBP", "BMP")
_SIXTEEN_BITS = frozenset({"I;16", "I;16B", "I;16L", "I"})
_TO_EIGHT_BITS = 1 / 256
_UNREADABLE = (
    *(OSError, ValueError, SyntaxError, EOFError, KeyError, TypeError),
    *(Image.DecompressionBombError, MemoryError),
)
"""What Pillow raises for pictures that break off, lie about themselves or are more than
there is memory for."""
_SCALED_AS_THEY_ARE = frozenset({"L", "LA", "RGB", "RGBA", "CMYK"})


def compress(context: StepContext) -> None:
    """Leave small copies of the first pages that are pictures: scans and photographs.

    They are turned upright and have no metadata. Only where a vision model may look at
    them; a page that cannot be decoded has none, which an earlier step has reported.
    """
    if not context.limits.picture_longest_px or context.options.model == "off":
        return
    numbers = _numbers(context)
    chosen = numbers[: context.limits.max_pictures]
    made = dict(_pictures(context, chosen)) if chosen else {}
    if not made:
        return
    compressed_bytes = 0
    for place, picture in enumerate(made.values(), 1):
        data = _jpeg(picture, context.limits.picture_quality)
        context.write(PICTURE_OUTPUT.format(place), data, JPEG_TYPE)
        compressed_bytes += len(data)
    if len(chosen) < len(numbers):
        message = f"A model may see {len(chosen)} of {len(numbers)} pages of pictures."
        context.hit_limit(PAGES_LIMIT, message, severity="info")
    first = next(iter(made.values()))
    context.analysis["image"] = ImageUse(
        original_bytes=context.source.size_bytes,
        compressed_bytes=compressed_bytes,
        width_px=first.width,
        height_px=first.height,
        pages=tuple(made),
        url_ttl_s=None,
        deleted=True,
    )


def _numbers(context: StepContext) -> Sequence[int]:
    """Give the numbers of the pages that only a picture tells of."""
    pages = context.content.pages if context.content is not None else ()
    if context.media_type.startswith("image/"):
        return [page.number or place for place, page in enumerate(pages, 1)]
    if context.media_type != "application/pdf":
        return []
    measured = context.quality.pages if context.quality is not None else ()
    blank = {page.page for page in measured if page.blank}
    numbered = [(page.number or place, page) for place, page in enumerate(pages, 1)]
    return [n for n, page in numbered if _is_scan(page) and n not in blank]


def _is_scan(page: PageContent) -> bool:
    return page.picture and (page.text_source == "ocr" or needs_ocr(page))


def _pictures(
    context: StepContext, numbers: Sequence[int]
) -> Iterator[tuple[int, Image.Image]]:
    """Give those of the pages that can be drawn, small and opaque."""
    longest_px = context.limits.picture_longest_px
    if context.media_type != "application/pdf":
        yield from _frames(context, numbers, longest_px)
        return
    for number, drawn in rendered_pages(
        context, numbers, dpi=PAGE_DPI, longest_px=longest_px
    ):
        yield number, _opaque(drawn.picture)


def _frames(
    context: StepContext, numbers: Sequence[int], longest_px: int
) -> Iterator[tuple[int, Image.Image]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # our own limit on pixels is the strict one
        try:
            with Image.open(context.source.path, formats=_FORMATS) as image:
                for number in numbers:
                    image.seek(number - 1)
                    if image.width * image.height > context.limits.max_pixels:
                        return
                    yield number, _upright(image, longest_px)
        except _UNREADABLE:
            return


def _upright(image: Image.Image, longest_px: int) -> Image.Image:
    image.draft("RGB", (longest_px, longest_px))
    if image.mode in _SCALED_AS_THEY_ARE:
        # Before anything copies it: large ones fill the memory there is.
        image.thumbnail((longest_px, longest_px))
    upright = _opaque(ImageOps.exif_transpose(image))
    upright.thumbnail((longest_px, longest_px))
    return upright


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    # Pixels alone: a new picture has no tags, profile or comment to keep.
    plain = Image.new("RGB", picture.size)
    plain.paste(picture)
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _opaque(image: Image.Image) -> Image.Image:
    """Give it as RGB, transparent parts white as paper."""
    if image.mode in _SIXTEEN_BITS:
        return (
            image.point(lambda level: level * _TO_EIGHT_BITS)
            .convert("L")
            .convert("RGB")
        )
    if not image.has_transparency_data:
        return image.convert("RGB")
    paper = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(paper, image.convert("RGBA")).convert("RGB")
