"""Chooses the pages that are measured as pictures, and measures them.

Digital pages have nothing to be blurred or askew, so only those are looked at that are
pictures: without text, or with text over a scan.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from service.processing.context import StepContext
from service.processing.formats.content import PageContent
from service.processing.quality.measures import PageMeasures, measure, measure_ink
from service.processing.quality.pictures import (
    INK_DPI,
    RENDER_DPI,
    Pictures,
    opened,
)

MEASURED_PAGES = 20
"""Pages that are measured in full, spread over the document."""
INK_PAGES = 200
"""Pages that are looked at for being blank."""
BUDGET_S = 4.0
"""Seconds after which no further page is begun."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured."""

    pages: Mapping[int, PageMeasures]
    """By place in the content's pages, from 0."""
    scans: frozenset[int]
    """Places of pages that are covered by a picture although they have text."""
    complete: bool
    """Whether every picture was measured in full."""
    stands_for: float = 1.0
    """How many pictures one that was measured in full is a sample of."""


def measure_pages(context: StepContext, pages: tuple[PageContent, ...]) -> Measured:
    """Measure those of the pages that are pictures, as far as time and limits go."""
    bare = [place for place, page in enumerate(pages) if _is_picture(page)]
    mixed = [place for place, page in enumerate(pages) if _may_be_scan(page)]
    if bare or mixed:
        with opened(context.source.path, context.media_type) as pictures:
            if pictures is not None:
                return _Measuring(context, pages, pictures).run(bare, mixed)
    return Measured({}, frozenset(), complete=True)


def number_of(pages: tuple[PageContent, ...], place: int) -> int:
    """Give the document's own number of the page at a place of the content."""
    return pages[place].number or place + 1


def _is_picture(page: PageContent) -> bool:
    return page.picture and (not page.text.strip() or page.text_source != "text_layer")


def _may_be_scan(page: PageContent) -> bool:
    return page.pictures > 0 and not _is_picture(page)


class _Measuring:
    """The measuring of one document's pages, until its time is over."""

    def __init__(
        self, context: StepContext, pages: tuple[PageContent, ...], pictures: Pictures
    ) -> None:
        self._context = context
        self._pages = pages
        self._pictures = pictures
        self._until = time.monotonic() + BUDGET_S

    def run(self, bare: list[int], mixed: list[int]) -> Measured:
        """Measure the bare pictures, and those of the mixed pages that are scans."""
        scans = frozenset(
            place
            for place in mixed[:INK_PAGES]
            if self._in_time() and self._pictures.is_scan(number_of(self._pages, place))
        )
        places = sorted({*bare, *scans})
        full = _spread(places, MEASURED_PAGES)
        found: dict[int, PageMeasures] = {}
        for place in _in_order(full, places)[:INK_PAGES]:
            if not self._in_time():
                break
            measures = self._page(place, in_full=place in full)
            if measures is not None:
                found[place] = measures
        complete = len(places) <= MEASURED_PAGES and len(mixed) <= INK_PAGES
        done = max(len(full & found.keys()), 1)
        return Measured(
            found,
            scans,
            complete=complete and self._in_time(),
            stands_for=max(len(places) / done, 1.0),
        )

    def _in_time(self) -> bool:
        return time.monotonic() <= self._until

    def _page(self, place: int, *, in_full: bool) -> PageMeasures | None:
        page, number = self._pages[place], number_of(self._pages, place)
        self._context.report_page(place + 1, len(self._pages))
        dpi = RENDER_DPI if in_full else INK_DPI
        picture = self._pictures.take(number, page, dpi=dpi)
        if picture is None:
            return None
        return measure(picture) if in_full else measure_ink(picture)


def _spread(places: list[int], most: int) -> frozenset[int]:
    if len(places) <= most:
        return frozenset(places)
    return frozenset(places[index * len(places) // most] for index in range(most))


def _in_order(full: frozenset[int], places: list[int]) -> list[int]:
    """Give those that are measured in full first: they say most."""
    return [*sorted(full), *(place for place in places if place not in full)]
