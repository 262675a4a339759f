"""Opening pictures: the formats we take, and their frames as pictures."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from service.processing.formats.content import parsing, refused

_FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "WEBP", "BMP")
DAMAGED = (OSError, ValueError, SyntaxError, EOFError, KeyError, TypeError)
"""What Pillow raises over pictures that are cut off or wrong inside."""


@contextmanager
def opened(path: Path) -> Iterator[ImageFile.ImageFile]:
    """Open a picture without decoding it.

    Raises:
        DocumentError: ``too_large`` or ``corrupt``; also for what happens inside.
    """
    with parsing(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # our own limit on pixels is the strict one
        try:
            with Image.open(path, formats=_FORMATS) as image:
                yield image
        except Image.DecompressionBombError as error:
            raise refused("too_large") from error
        except UnidentifiedImageError as error:
            raise refused("corrupt") from error


def frames(
    path: Path, numbers: Sequence[int], *, longest_px: int
) -> Iterator[tuple[int, Image.Image]]:
    """Give frames of a picture turned upright, with their numbers from 1.

    Args:
        path: Of the file.
        numbers: Which frames.
        longest_px: The most pixels that the longer side may have.

    Raises:
        DocumentError: A frame cannot be decoded, or not even the file be opened.
    """
    with opened(path) as image:
        for number in numbers:
            image.seek(number - 1)
            image.draft(None, (longest_px, longest_px))  # JPEG: decodes less
            yield number, ImageOps.exif_transpose(_reduced(image, longest_px))


def _reduced(image: Image.Image, longest_px: int) -> Image.Image:
    """Give a picture of eight bits a channel and at most that size."""
    shrink = min(longest_px / max(image.size), 1.0)
    size = max(round(image.width * shrink), 1), max(round(image.height * shrink), 1)
    return _eight_bits(image).resize(size, Image.Resampling.BOX, reducing_gap=2.0)


def _eight_bits(image: Image.Image) -> Image.Image:
    match image.mode:
        case "1":
            return image.convert("L")
        case "P" | "PA":
            return image.convert("RGBA")
        case "I;16" | "I;16B" | "I;16L" | "I":
            return image.convert("F").point(lambda level: level / 256).convert("L")
        case _:
            return image
