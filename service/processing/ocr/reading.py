"""Recognises the text of pages that are pictures, and puts it where a reader would.

Loaded in the sandbox only, and only where the extra ``docmill[ocr]`` is installed.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace

from PIL import Image

from service.errors import DocumentError
from service.processing.context import StepContext
from service.processing.formats import columns, layout
from service.processing.formats.content import Content, PageContent
from service.processing.formats.pdf import open_document
from service.processing.formats.pictures import frames
from service.processing.formats.rendering import rendered
from service.processing.ocr.engine import Recognised, engine
from service.processing.ocr.handing_on import needs_ocr
from service.processing.ocr.languages import note_unread
from service.processing.ocr.rows import Found, confidence_of, rows, text_of

DPI = 150
"""Of rendered pages; that of pictures is not known, and taken to be the same."""
LONGEST_PX = 2_000
"""More would be made smaller by the engine itself."""
_POINTS = 72


@dataclass(frozen=True, slots=True)
class _Picture:
    image: Image.Image
    scale: float
    """Pixels to the point."""


def recognise(context: StepContext, content: Content) -> Content:
    """Give the content with the text of its first pages that are pictures."""
    numbers = [
        page.number or place
        for place, page in enumerate(content.pages, 1)
        if needs_ocr(page)
    ]
    chosen = numbers[: context.limits.max_ocr_pages]
    if len(chosen) < len(numbers):
        message = f"OCR read {len(chosen)} of the {len(numbers)} pages without text."
        context.hit_limit("ocr_pages", message)
    context.use_engine("rapidocr")
    context.use_engine("onnxruntime")
    note_unread(context, context.options.ocr_languages)
    context.begin_part("ocr")
    found: dict[int, tuple[Recognised, float]] = {}
    for number, picture in _pictures(context, chosen):
        context.report_page(len(found) + 1, len(chosen))
        found[number] = engine().read(picture.image), picture.scale
    return replace(content, pages=tuple(_pages(context, content, found)))


def _pictures(
    context: StepContext, numbers: Sequence[int]
) -> Iterator[tuple[int, _Picture]]:
    """Give those of the pages that can be drawn; damage was named on reading."""
    if context.media_type != "application/pdf":
        with suppress(DocumentError):
            path = context.source.path
            for number, image in frames(path, numbers, longest_px=LONGEST_PX):
                yield number, _Picture(image, DPI / _POINTS)
        return
    document = open_document(context)
    if document is None:
        return
    with closing(document):
        for number in numbers:
            with suppress(DocumentError):
                drawn = rendered(document, number, dpi=DPI, longest_px=LONGEST_PX)
                yield number, _Picture(drawn.picture, drawn.scale)


def _pages(
    context: StepContext, content: Content, found: dict[int, tuple[Recognised, float]]
) -> Iterator[PageContent]:
    for place, page in enumerate(content.pages, 1):
        number = page.number or place
        if number not in found:
            yield page
            continue
        recognised, scale = found[number]
        if not recognised.lines:
            message = "OCR found no text on the page."
            context.add_issue("NO_TEXT_FOUND", "info", message, page=number)
        yield from layout.structured([_page(context, page, recognised, scale)])


def _page(
    context: StepContext, page: PageContent, recognised: Recognised, scale: float
) -> PageContent:
    """Give a page with its text, as it is when it was turned upright."""
    width, height = page.width_pt, page.height_pt
    if recognised.turn_deg % 180:
        width, height = height, width
    placed = rows(
        [
            Found(line.text, line.confidence, _in_points(line.corners.tolist(), scale))
            for line in recognised.lines
        ]
    )
    runs = tuple(run for row in placed for run in row)
    tables = columns.tables(runs) if context.options.tables else ()
    return replace(
        page,
        text=text_of(placed),
        runs=runs,
        tables=tuple(replace(table, method="ocr") for table in tables),
        width_pt=width,
        height_pt=height,
        text_source="ocr",
        ocr_confidence=confidence_of(placed) if runs else None,
    )


def _in_points(
    corners: Sequence[Sequence[float]], scale: float
) -> tuple[tuple[float, float], ...]:
    return tuple((x / scale, y / scale) for x, y in corners)
