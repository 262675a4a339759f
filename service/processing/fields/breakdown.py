"""Net and tax out of a table of tax rates, which has a row for each and no labels.

"20 %  564.30  112.86  677.16": that tax is the rate of net, or that net and tax make
the gross, is what makes a row one, whatever the columns are called.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby, permutations

from service.processing.entities.money import Amount
from service.processing.entities.reading import PageReading

_MOST_ROWS = 12
"""Of a page that are looked at; there are hardly more than four rates."""
_MOST_AMOUNTS = 6
"""Of one line."""
_CENT = Decimal("0.02")
"""A rate of net is rounded, and may be added up of rounded parts."""
MOST_TAX = Decimal("0.4")
"""Share of tax in what is taxed; the highest rate of VAT in Europe is 27 %."""
_HIGHEST = Decimal(30)
"""In percent, of a rate that has no sign."""
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """What is taxed, and the tax on it."""

    reading: PageReading
    net_at: Amount
    """The last amount that `net` is made up of."""
    tax_at: Amount
    net: Decimal
    tax: Decimal


def breakdown(
    pages: Sequence[PageReading], total: Decimal, rounding: Decimal
) -> Breakdown | None:
    """Give the rows of a table of tax rates that make up a total, added up."""
    for reading in reversed(pages):
        rows = list(_rows(reading))[-_MOST_ROWS:]
        for start, end in _stretches(len(rows)):
            chosen = rows[start:end]
            gross = sum((row.net + row.tax for row in chosen), Decimal(0))
            if abs(gross - total) <= rounding:
                last = chosen[-1]
                net = sum((row.net for row in chosen), Decimal(0))
                tax = sum((row.tax for row in chosen), Decimal(0))
                return Breakdown(reading, last.net_at, last.tax_at, net, tax)
    return None


def _stretches(count: int) -> Iterator[tuple[int, int]]:
    """Give the stretches of so many rows, the shortest and last ones first."""
    for length in range(1, count + 1):
        for start in range(count - length, -1, -1):
            yield start, start + length


def _rows(reading: PageReading) -> Iterator[Breakdown]:
    def line_of(amount: Amount) -> int:
        index = reading.page.index_at(amount.start)
        return -1 if index is None else reading.page.pieces[index].line

    for _, group in groupby(reading.amounts, line_of):
        amounts = list(group)
        sums = [each for each in amounts if each.is_money]
        if 2 <= len(sums) <= _MOST_AMOUNTS:
            row = _row(reading, amounts, sums)
            if row is not None:
                yield row


def _row(
    reading: PageReading, amounts: Sequence[Amount], sums: Sequence[Amount]
) -> Breakdown | None:
    for one, other in permutations(sums, 2):
        net, tax = Decimal(one.value), Decimal(other.value)
        if not net or abs(tax) > abs(net) * MOST_TAX:
            continue
        rest = [each for each in amounts if each not in (one, other)]
        if any(_is_rate(each, net, tax) or _is_gross(each, net, tax) for each in rest):
            return Breakdown(reading, one, other, net, tax)
    return None


def _is_rate(amount: Amount, net: Decimal, tax: Decimal) -> bool:
    """Say whether a number, with a sign of percent or without, is the rate of a tax."""
    rate = Decimal(amount.value)
    if amount.currency is not None or not (amount.percent or 0 < rate <= _HIGHEST):
        return False
    return abs(net * rate / _HUNDRED - tax) <= _CENT


def _is_gross(amount: Amount, net: Decimal, tax: Decimal) -> bool:
    return tax != 0 and not amount.percent and Decimal(amount.value) == net + tax
