"""What a submitter may choose about the processing of each document of a job."""

import re
from collections.abc import Sequence

from service.domain.model import ProcessingOptions
from service.errors import InvalidRequestError

_RANGE = re.compile(r"([1-9]\d{0,6})(?:-([1-9]\d{0,6}))?")
_RANGES_MAX = 100


__all__ = ["DEFAULT_OPTIONS", "ProcessingOptions", "chosen_pages", "page_ranges"]

DEFAULT_OPTIONS = ProcessingOptions()


def page_ranges(pages: str) -> tuple[range, ...]:
    """Read ranges of page numbers, which count from 1.

    Raises:
        InvalidRequestError: They are none.
    """
    parts = pages.replace(" ", "").split(",")
    found = [_range(part) for part in parts[:_RANGES_MAX]]
    if len(parts) > _RANGES_MAX:
        message = f"At most {_RANGES_MAX} ranges of pages."
        raise InvalidRequestError(message)
    return tuple(found)


def chosen_pages(pages: str | None, count: int) -> Sequence[int]:
    """Give the numbers of the chosen pages that a document of `count` pages has."""
    if pages is None:
        return range(1, count + 1)
    chosen = {
        number
        for each in page_ranges(pages)
        for number in range(each.start, min(each.stop, count + 1))
    }
    return sorted(chosen)


def _range(part: str) -> range:
    match = _RANGE.fullmatch(part)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if first > last:
        message = "Pages are ranges like 1-3,7 that count from 1."
        raise InvalidRequestError(message)
    return range(first, last + 1)
