"""Cuts a document's text into passages for search: whole sentences, rows, lines."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from service.processing.formats.content import PageContent
from service.processing.results import Chunk

CHUNK_CHARS = 1_000
"""Passages are filled up to this; a single sentence may be longer."""
_LONGEST = 1_500
"""Text without the end of a sentence is cut here, between words if there are any."""
_BLANK = re.compile(r"\s*")
_WORDS_OF_A_HEADING = 20
_MISSED_HEADINGS = 50
"""Each one missed has cost a look through the whole page."""
_END = re.compile(r"(?<=[.!?\u3002\uff01\uff1f])[\"')\]»”]?\s+|\n+")
"""The end of a sentence, row or line."""


class _Unit(NamedTuple):
    """What is not cut: a sentence, a row, a line."""

    start: int
    end: int


class _Heading(NamedTuple):
    start: int
    text: str


def chunks(
    text: str, pages: Sequence[PageContent], page_starts: Sequence[int], limit: int
) -> tuple[list[Chunk], bool]:
    """Give the passages of a text, and whether these are all of them.

    A passage begins with each page and each heading, so that it has one of both.

    Args:
        text: The document's whole text.
        pages: What it is made of.
        page_starts: Where in the text each page begins.
        limit: How many passages to give at most.
    """
    numbers = [page.number or place for place, page in enumerate(pages, 1)]
    headings = list(_headings(text, pages, page_starts))
    starts = [heading.start for heading in headings]
    cuts = frozenset((*starts, *page_starts))
    found: list[Chunk] = []
    for start, end in _passages(_units(text, sorted(cuts)), cuts):
        if len(found) == limit:
            return found, False
        above = bisect_right(starts, start) - 1
        page = max(bisect_right(page_starts, start) - 1, 0)
        found.append(
            Chunk(
                index=len(found),
                page=numbers[page] if numbers else 1,
                char_start=start,
                char_end=end,
                heading=headings[above].text if above >= 0 else None,
                text=text[start:end],
            )
        )
    return found, True


def _passages(
    units: Iterable[_Unit], cuts: frozenset[int]
) -> Iterator[tuple[int, int]]:
    start = end = -1
    for unit in units:
        full = start >= 0 and unit.end - start > CHUNK_CHARS
        if full or (start >= 0 and unit.start in cuts):
            yield start, end
            start = -1
        start, end = (unit.start if start < 0 else start), unit.end
    if start >= 0:
        yield start, end


def _units(text: str, cuts: Sequence[int]) -> Iterator[_Unit]:
    """Give the sentences and lines between the cuts, without white space around."""
    for start, end in zip((0, *cuts), (*cuts, len(text)), strict=True):
        at = start
        for match in _END.finditer(text, start, end):
            yield from _trimmed(text, at, match.end())
            at = match.end()
        yield from _trimmed(text, at, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[_Unit]:
    """Give a stretch without white space around it, cut where it is too long."""
    end = start + len(text[start:end].rstrip())
    while start < end:
        blanks = _BLANK.match(text, start, end)
        start = blanks.end() if blanks else start
        if end - start <= _LONGEST:
            yield _Unit(start, end)
            return
        blank = text.rfind(" ", start + 1, start + CHUNK_CHARS)
        cut = blank if blank > 0 else start + CHUNK_CHARS
        yield _Unit(start, cut)
        start = cut


def _headings(
    text: str, pages: Sequence[PageContent], page_starts: Sequence[int]
) -> Iterator[_Heading]:
    """Give the headings where they stand in the text, in its order."""
    missed = 0
    for place, page in enumerate(pages):
        at = page_starts[place]
        end = page_starts[place + 1] if place + 1 < len(pages) else len(text)
        for heading in (block.text for block in page.blocks if block.kind == "heading"):
            words = heading.split()[:_WORDS_OF_A_HEADING]
            match = re.compile(r"\s+".join(map(re.escape, words))).search(text, at, end)
            if words and match:
                yield _Heading(match.start(), heading)
                at = match.end()
            else:
                missed += 1
            if missed > _MISSED_HEADINGS:
                return
