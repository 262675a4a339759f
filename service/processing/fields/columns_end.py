"""The total of an invoice that does not call it one: the end of the amounts' column."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from service.processing.entities.money import Amount
from service.processing.entities.reading import PageReading
from service.processing.fields.labelled_sums import Sum, sum_of

_ALIGNED_PT = 2.0
"""By which the right edges of a column's amounts may differ."""
_ADDS_UP_FIT, _LARGEST_FIT = 0.6, 0.3
"""How surely the last amount is the total: it adds up, or is the largest by far."""
_FEWEST = 2
_MOST = 200
"""Amounts of one page's column."""


def total_of_column(pages: Sequence[PageReading]) -> Sum | None:
    """Give what stands last in a column and is what its other amounts make.

    That is their sum, or the sum of the two right above it: a subtotal and its tax.
    Else the largest one, where nothing but it stands on the last line.
    """
    for reading in reversed(pages):
        found = [_end_of(reading, column) for column in _columns(reading)]
        best = max((each for each in found if each), key=_fit, default=None)
        if best is not None:
            return best
    return None


def _fit(each: Sum) -> float:
    return each.fit


def _columns(reading: PageReading) -> Iterator[Sequence[Amount]]:
    """Give the amounts that end at one distance from the left, from the top."""
    columns: list[tuple[float, list[Amount]]] = []
    for amount in reading.amounts[:_MOST]:
        box = reading.page.bbox(amount.start, amount.end)
        if box is None or not amount.is_money:
            continue
        column = next((c for c in columns if abs(c[0] - box[2]) <= _ALIGNED_PT), None)
        if column is None:
            columns.append((box[2], [amount]))
        else:
            column[1].append(amount)
    return (amounts for _, amounts in columns if len(amounts) >= _FEWEST)


def _end_of(reading: PageReading, column: Sequence[Amount]) -> Sum | None:
    *others, last = column
    values = [Decimal(each.value) for each in others]
    total = Decimal(last.value)
    if total <= 0 or total < max(values):
        return None
    if len(values) > 1 and total in (sum(values), sum(values[-2:])):
        return sum_of(reading, last, last.start, _ADDS_UP_FIT)
    index = reading.page.index_at(last.start)
    line = [] if index is None else reading.page.lines[reading.page.pieces[index].line]
    if len(line) == 1 and line[0].text.strip() == last.raw:
        return sum_of(reading, last, last.start, _LARGEST_FIT)
    return None
