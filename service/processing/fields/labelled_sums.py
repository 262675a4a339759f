"""Amounts that their labels call a net total, a tax, a total, paid or due."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from service.processing.entities.folding import fold
from service.processing.entities.labels import Label
from service.processing.entities.money import Amount
from service.processing.entities.near import Near, Neighbourhood
from service.processing.entities.reading import PageReading
from service.processing.fields.candidates import Place

AS_NET = 0.75
"""How much of a label like "Subtotal" speaks for the net total."""
_BARE = 0.8
"""Fit of a number without decimals and currency."""
_EXCLUDING = re.compile(
    r"\b(?:excl|exkl|ekskl|eks|exclusive|excluding|ex|without|before|ohne|uden|utan|uten|bez|hors|h\.?t|senza|escl|"
    r"esclusa|sin|sem|zonder|netto|net)\b"
)
_INCLUDING = re.compile(
    r"\b(?:incl|inkl|including|inclusive|inc|ttc|inclusa|incluido|inclusief|com iva|"
    r"con iva|brutto)\b"
)
_RATE_ALONE = re.compile(r"\W*(?:%\W*[a-z][a-z.]*|[a-z][a-z.]*\W*%)\W*")
"""What heads the rates of a tax, not its amounts: "% IVA"."""
_RATE_CHARS = 40
_BASIS = re.compile(
    r"%[^\n\t]{0,30}\b(?:auf|von|aus|on|of|sur|su|sobre|over|op|de|di|do|da|pa|af|av|"
    r"od|z|ze) ?(?:[a-z]{3}|[$€£])?\s?$"
)
"""What stands before the amount that a rate is of: "19 % VAT on 188.40"."""
_WHOLE = frozenset({"HUF", "JPY", "KRW", "ISK", "CLP"})
"""Currencies that are written without decimals."""
_FEWEST_DIGITS = 3
"""Of an amount in one of them that does not name it."""
_OF_AN_ACCOUNT = re.compile(
    r"(?:opening|closing|previous|prior|last|old|starting|ending|running|available|"
    r"(?:brought|carried) forward|anfangs|end|alter|neuer|ancien|nouveau)\W{0,3}$"
)


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount that may be one of the sums."""

    place: Place
    since: int
    """Where its label begins."""
    value: Decimal
    written: str
    fit: float
    ambiguous: bool
    currency: str | None


Role = str


def labelled_sums(
    pages: Sequence[tuple[PageReading, Neighbourhood]],
) -> dict[Role, list[Sum]]:
    """Give the labelled amounts by what they are labelled, in their order."""
    found: dict[Role, list[Sum]] = {
        role: [] for role in ("net_total", "tax_total", "total", "amount_due", "paid")
    }
    for reading, around in pages:
        usable = [
            each for each in _usable(reading.amounts) if not _is_basis(reading, each)
        ]
        for label in around.labels:
            if label.role not in {*found, "subtotal"} or _is_rate(reading, label):
                continue
            for role, each in _of_label(reading, around, label, usable):
                if role in found:
                    found[role].append(each)
    return found


def _of_label(
    reading: PageReading, around: Neighbourhood, label: Label, usable: Sequence[Amount]
) -> Iterator[tuple[Role, Sum]]:
    beside: dict[Role, list[Sum]] = {"net_total": [], "tax_total": []}
    for near in around.near(label, usable, last_first=True):
        if around.heads_column(label, near.value, usable) or (
            label.role == "amount_due" and _is_account(reading, label)
        ):
            continue
        role, share = _role(reading, near)
        bare = 1.0 if near.value.is_money else _BARE
        each = sum_of(reading, near.value, label.start, near.fit * share * bare)
        if (
            role in beside
            and "\n" not in reading.page.text[label.start : each.place.end]
        ):
            beside[role].append(each)
        yield role, each
    for role, row in beside.items():
        yield from ((role, each) for each in _across(row))


def _across(row: Sequence[Sum]) -> Iterator[Sum]:
    """Give the sum of a row that has a column for each rate, but none for the sum."""
    total = sum((each.value for each in row), Decimal(0))
    if len(row) > 1 and not any(2 * each.value == total for each in row):
        yield replace(row[0], value=total, written=str(total))


def _usable(amounts: Sequence[Amount]) -> list[Amount]:
    """Give what may be a sum: bare numbers only on pages that have nothing else."""
    money = [each for each in amounts if each.is_money]
    bare = [each for each in amounts if not each.percent and not each.is_money]
    decimals = [each for each in bare if each.decimals > 0]
    if any(each.currency in _WHOLE for each in money):
        decimals = [each for each in bare if len(each.value) >= _FEWEST_DIGITS]
    if money or decimals:
        return sorted([*money, *decimals], key=lambda each: each.start)
    return [each for each in bare if each.value.lstrip("-") != "0"]


def _is_basis(reading: PageReading, amount: Amount) -> bool:
    """Say whether an amount is what a rate is of, and not what it makes."""
    before = fold(reading.page.text[max(amount.start - 50, 0) : amount.start])
    return _BASIS.search(before) is not None


def _is_rate(reading: PageReading, label: Label) -> bool:
    """Say whether a label names the column or box of a tax's rate."""
    index = reading.page.index_at(label.start)
    if label.role != "tax_total" or index is None:
        return False
    text = reading.page.pieces[index].text[: _RATE_CHARS + 1]
    return len(text) <= _RATE_CHARS and bool(_RATE_ALONE.fullmatch(fold(text)))


def _is_account(reading: PageReading, label: Label) -> bool:
    """Say whether a balance is that of an account, which nobody asks for."""
    before = fold(reading.page.text[max(label.start - 20, 0) : label.start])
    return _OF_AN_ACCOUNT.search(before) is not None


def _role(reading: PageReading, near: Near[Amount]) -> tuple[Role, float]:
    """Give the role of an amount: "Total excl. VAT" is no total."""
    role: Role = near.label.role
    between = fold(reading.page.text[near.label.start : near.value.start])
    between = between.split("\n")[0]
    if role in {"total", "subtotal"} and _EXCLUDING.search(between):
        return "net_total", 1.0
    if role in {"net_total", "subtotal"} and _INCLUDING.search(between):
        return "total", 0.9
    return ("net_total", AS_NET) if role == "subtotal" else (role, 1.0)


def sum_of(reading: PageReading, amount: Amount, since: int, fit: float) -> Sum:
    """Give an amount as what may be one of the sums."""
    return Sum(
        place=Place(reading.page, amount.start, amount.end),
        since=since,
        value=Decimal(amount.value),
        written=amount.value,
        fit=fit,
        ambiguous=amount.ambiguous,
        currency=amount.currency,
    )
