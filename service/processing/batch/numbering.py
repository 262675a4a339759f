"""Invoice numbers that are missing in a row of them."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from service.processing.batch.record import Record
from service.processing.results import NumberGap

LEAST_NUMBERS = 3
_LARGEST_STEP = 100
"""After a larger step it is another row, such as that of the next year."""
_LEAST_SHARE = 0.5
"""A row lacks less than this: else it has other customers in between, and nothing can
be said of what is missing."""
_MOST_DIGITS = 12
_LAST_NUMBER = re.compile(r"(\d+)(\D*)$")


def find_gaps(records: Iterable[Record]) -> list[NumberGap]:
    """Give the gaps in the numbers of each issuer.

    Numbers form a row when they differ in their last digits only.
    """
    rows: dict[tuple[str, str, str], dict[int, Record]] = {}
    for record in records:
        place = _place(record)
        if place is not None:
            row, number = place
            rows.setdefault(row, {}).setdefault(number, record)
    return [gap for row in rows.values() for part in _parts(row) for gap in _gaps(part)]


def _place(record: Record) -> tuple[tuple[str, str, str], int] | None:
    """Give the row that a number belongs to, and where it stands there."""
    if not record.issuer_key or not record.number:
        return None
    match = _LAST_NUMBER.search(record.number)
    if match is None or len(match[1]) > _MOST_DIGITS:
        return None
    before = record.number[: match.start()].casefold()
    return (record.issuer_key, before, match[2].casefold()), int(match[1])


def _parts(row: dict[int, Record]) -> Iterator[list[tuple[int, Record]]]:
    """Part a row where numbers jump."""
    part: list[tuple[int, Record]] = []
    for number, record in sorted(row.items(), key=lambda item: item[0]):
        if part and number - part[-1][0] > _LARGEST_STEP:
            yield part
            part = []
        part.append((number, record))
    yield part


def _gaps(part: list[tuple[int, Record]]) -> Iterator[NumberGap]:
    span = part[-1][0] - part[0][0] + 1
    if len(part) < LEAST_NUMBERS or len(part) < _LEAST_SHARE * span:
        return
    for (number, record), (next_number, next_record) in pairwise(part):
        if next_number - number > 1:
            yield NumberGap(
                issuer=str(record.issuer),
                after=str(record.number),
                before=str(next_record.number),
                missing=next_number - number - 1,
            )
