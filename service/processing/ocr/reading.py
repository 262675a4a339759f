"""Recognises the text of pages that are pictures, and puts it where a reader would.

Loaded in the sandbox only, and only where the extra ``docmill[ocr]`` is installed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from service.processing.context import StepContext
from service.processing.formats import columns, layout
from service.processing.formats.content import Content, PageContent
from service.processing.formats.page_pictures import page_pictures
from service.processing.ocr.engine import Recognised, engine
from service.processing.ocr.handing_on import needs_ocr
from service.processing.ocr.languages import note_unread
from service.processing.ocr.rows import Found, confidence_of, rows, text_of

DPI = 150
LONGEST_PX = 2_000
"""More would be made smaller by the engine itself."""
_REST_SHARE, _REST_S = 0.2, 5.0
"""What is kept of the time for the steps that follow: a share, and no more than so many
seconds. They take a fifth of a second a page."""


def load() -> None:
    """Load the models, for this process and for what is forked from it."""
    engine()


def recognise(context: StepContext, content: Content) -> Content:
    """Give the content with the text of its first pages that are pictures.

    It ends with what it has before the document runs out of time.
    """
    numbers = [
        page.number or place
        for place, page in enumerate(content.pages, 1)
        if needs_ocr(page)
    ]
    chosen = numbers[: context.limits.max_ocr_pages]
    if len(chosen) < len(numbers):
        message = f"OCR reads {len(chosen)} of {len(numbers)} pages without text."
        context.hit_limit("ocr_pages", message)
    context.use_engine("rapidocr")
    context.use_engine("onnxruntime")
    note_unread(context, context.options.ocr_languages)
    found: dict[int, tuple[Recognised, float]] = {}
    with context.part("ocr"):
        try:
            for number, recognised, scale in _read(context, chosen):
                found[number] = recognised, scale
        except _OutOfTimeError:
            message = f"There was time for OCR of {len(found)} of {len(chosen)} pages."
            context.hit_limit("ocr_time", message)
    return replace(content, pages=tuple(_pages(context, content, found)))


class _OutOfTimeError(Exception):
    """The document is to be ended soon."""


def _read(
    context: StepContext, numbers: Sequence[int]
) -> Iterator[tuple[int, Recognised, float]]:
    """Give page by page what stands on it.

    Raises:
        _OutOfTimeError: The next page, or the rest of this one, would take too long.
    """
    total = max(len(numbers), 1)
    left_s = context.left_s()
    rest_s = min(left_s * _REST_SHARE, _REST_S)
    longest_s = 0.0

    def done(share: float) -> None:
        if context.left_s() < rest_s:
            raise _OutOfTimeError
        context.progress((place + share) / total)

    drawn = page_pictures(context, numbers, dpi=DPI, longest_px=LONGEST_PX)
    for place, page in enumerate(drawn):
        if left_s < rest_s + longest_s:
            raise _OutOfTimeError
        context.report_page(place + 1, total)
        yield page.number, engine().read(page.image, done), page.scale
        longest_s = max(longest_s, left_s - context.left_s())
        left_s = context.left_s()


def _pages(
    context: StepContext, content: Content, found: dict[int, tuple[Recognised, float]]
) -> Iterator[PageContent]:
    for place, page in enumerate(content.pages, 1):
        number = page.number or place
        if number not in found:
            yield page
            continue
        recognised, scale = found[number]
        if sum(len(line.text) for line in recognised.lines) < len(page.text.strip()):
            yield page  # what stands over the picture is all there is
            continue
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
        lies_deg=-recognised.turn_deg % 360 if runs else None,
    )


def _in_points(
    corners: Sequence[Sequence[float]], scale: float
) -> tuple[tuple[float, float], ...]:
    return tuple((x / scale, y / scale) for x, y in corners)
