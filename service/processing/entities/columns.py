"""Currencies that stand apart from their amounts: over a column, or in the label left.

"Amount (GBP)" names the currency of every number below it, "Total EUR" that of the one
right of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from service.processing.entities.layout import PageText
from service.processing.entities.money import Amount, Meant, currency_at_end
from service.processing.entities.pieces import Piece

_HEAD_CHARS = 60
_MAX_COLUMNS = 30
_OVERLAP = 0.5
"""Share of the narrower width by which a number stands below a head."""
_FURTHEST = 5.0
"""Between two numbers of a column, in heights."""
_DECIMALS = 2
"""Right of a label only what looks like money is: "Price in EUR" may have a note 3."""


@dataclass(slots=True)
class _Column:
    left: float
    right: float
    bottom: float
    currency: str

    def holds(self, piece: Piece) -> bool:
        left, _, right, _ = piece.bbox
        shared = min(right, self.right) - max(left, self.left)
        return shared > _OVERLAP * min(right - left, self.right - self.left)

    def ends_before(self, piece: Piece) -> bool:
        return piece.bbox[1] - self.bottom > _FURTHEST * max(piece.height, 1.0)


def with_currencies(
    page: PageText, amounts: Sequence[Amount], meant: Meant
) -> list[Amount]:
    """Give the amounts of a page with the currencies that labels and heads name."""
    found: Mapping[int, str] | None = None
    given = []
    for amount in amounts:
        if amount.currency is None and not amount.percent:
            if found is None:
                found = dict(_currencies(page, amounts, meant))
            currency = found.get(amount.start)
            if currency is not None:
                amount = replace(amount, currency=currency)
        given.append(amount)
    return given


def _currencies(
    page: PageText, amounts: Sequence[Amount], meant: Meant
) -> Iterator[tuple[int, str]]:
    alone = _alone(page, amounts)
    columns: list[_Column] = []
    for line in page.lines:
        label: str | None = None
        for piece in line:
            amount = alone.get(piece.start)
            over = next((each for each in columns if each.holds(piece)), None)
            if over is not None and (
                over.ends_before(piece) or (amount is None and _says(piece.text))
            ):
                columns.remove(over)
                over = None
            if amount is None:
                label = _named(piece.text, meant)
                if label is not None and len(columns) < _MAX_COLUMNS:
                    left, _, right, bottom = piece.bbox
                    columns.append(_Column(left, right, bottom, label))
                continue
            if label is not None and amount.decimals == _DECIMALS:
                yield amount.start, label
            elif over is not None:
                over.bottom = piece.bbox[3]
                yield amount.start, over.currency
            label = None


def _alone(page: PageText, amounts: Sequence[Amount]) -> dict[int, Amount]:
    """Give the amounts that have a piece to themselves, by where it begins."""
    found = {}
    for amount in amounts:
        index = page.index_at(amount.start)
        if index is not None:
            piece = page.pieces[index]
            if piece.text.strip() == amount.raw and not amount.percent:
                found[piece.start] = amount
    return found


def _named(text: str, meant: Meant) -> str | None:
    short = len(text) <= _HEAD_CHARS and not any(map(str.isdigit, text))
    return currency_at_end(text, meant) if short else None


def _says(text: str) -> bool:
    return any(map(str.isalpha, text))
