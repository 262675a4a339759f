"""The step that draws the pages as pictures, for people to look at."""

import contextlib
import io
from collections.abc import Callable, Iterator, Sequence

import msgspec
from PIL import Image

from service.clock import SystemClock
from service.errors import DocumentError
from service.processing.context import StepContext
from service.processing.formats.content import parsing
from service.processing.formats.pictures import frames
from service.processing.formats.rendering import rendered_pages
from service.processing.outputs import PAGE_OUTPUT
from service.processing.results import Page

LONGEST_PX = 1_000
_COLOURS = 64
"""As good as all of them for print, and a third of the bytes."""
BUDGET_S = 2.0
"""Pages after this have no preview: a drawing of many parts may take seconds each."""
_FULL_SIZE_DPI = 288
"""Small pages, such as receipts and labels, are not enlarged beyond this."""


def render(context: StepContext) -> None:
    """Draw the first pages of PDFs and pictures, and say where each can be had.

    That a page has no preview is no loss of content, and so no limit that is named.
    """
    draw(context, SystemClock().monotonic)


def draw(context: StepContext, seconds: Callable[[], float]) -> None:
    """Draw the first pages for as long as the budget lasts.

    Args:
        context: The document.
        seconds: Gives the time, in seconds from anywhere.
    """
    pages: Sequence[Page] = context.extraction.get("pages", ())
    numbers = [page.page for page in pages[: context.limits.max_previews]]
    until, addresses = seconds() + BUDGET_S, {}
    with contextlib.suppress(DocumentError):  # what is damaged was said on reading
        for number, picture in _pictures(context, numbers):
            name = PAGE_OUTPUT.format(number)
            context.write(name, png(picture), "image/png")
            addresses[number] = address(context.source.document_id, number)
            if seconds() > until:
                break
    context.extraction["pages"] = tuple(
        msgspec.structs.replace(page, preview_url=addresses.get(page.page))
        for page in pages
    )


def address(document_id: str, number: int) -> str:
    """Give the path under which the gateway serves the picture of a page."""
    return f"/api/v1/documents/{document_id}/pages/{number}.png"


def png(picture: Image.Image) -> bytes:
    """Give a picture as a PNG of few colours whose longer side is 1 000 pixels."""
    with parsing():
        if picture.mode in {"RGBA", "LA", "PA", "P"}:
            picture = _on_paper(picture)
        small = picture.convert("RGB")
        small.thumbnail((LONGEST_PX, LONGEST_PX))
        few = small.quantize(
            _COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
        )
        target = io.BytesIO()
        few.save(target, "PNG", compress_level=3)
        return target.getvalue()


def _on_paper(picture: Image.Image) -> Image.Image:
    """Give a picture with white where it lets through what is behind it."""
    picture = picture.convert("RGBA")
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture)
    return paper


def _pictures(
    context: StepContext, numbers: Sequence[int]
) -> Iterator[tuple[int, Image.Image]]:
    if context.media_type.startswith("image/"):
        yield from frames(context.source.path, numbers, longest_px=LONGEST_PX)
    elif context.media_type == "application/pdf":
        for number, drawn in rendered_pages(
            context, numbers, dpi=_FULL_SIZE_DPI, longest_px=LONGEST_PX
        ):
            yield number, drawn.picture
