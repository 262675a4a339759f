"""The step ``picture``: a small JPEG of a picture, for a model to look at.

Foreign files are opened here, in the sandbox; the worker only passes the bytes on.
"""

import io
import warnings

from PIL import Image, ImageOps

from service.processing.context import PICTURE_OUTPUT, StepContext
from service.processing.results import ImageUse

JPEG_TYPE = "image/jpeg"
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
    """Leave a small copy of a picture, turned upright and without any metadata.

    Only where a vision model may look at it; a picture that cannot be decoded has
    none, which an earlier step has reported.
    """
    longest_px = context.limits.picture_longest_px
    wanted = longest_px and context.options.model != "off"
    if not wanted or not context.media_type.startswith("image/"):
        return
    made = _small_jpeg(context, longest_px)
    if made is None:
        return
    data, (width_px, height_px) = made
    context.write(PICTURE_OUTPUT, data, JPEG_TYPE)
    context.analysis["image"] = ImageUse(
        original_bytes=context.source.size_bytes,
        compressed_bytes=len(data),
        width_px=width_px,
        height_px=height_px,
        url_ttl_s=None,
        deleted=True,
    )


def _small_jpeg(
    context: StepContext, longest_px: int
) -> tuple[bytes, tuple[int, int]] | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # our own limit on pixels is the strict one
        try:
            with Image.open(context.source.path, formats=_FORMATS) as image:
                if image.width * image.height > context.limits.max_pixels:
                    return None
                image.draft("RGB", (longest_px, longest_px))
                if image.mode in _SCALED_AS_THEY_ARE:
                    # Before anything copies it: large ones fill the memory there is.
                    image.thumbnail((longest_px, longest_px))
                upright = _opaque(ImageOps.exif_transpose(image))
            upright.thumbnail((longest_px, longest_px))
            # Pixels alone: a new picture has no tags, profile or comment to keep.
            plain = Image.new("RGB", upright.size)
            plain.paste(upright)
        except _UNREADABLE:
            return None
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=context.limits.picture_quality)
    return out.getvalue(), plain.size


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
