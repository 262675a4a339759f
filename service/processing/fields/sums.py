"""Net, tax, total and amount due: the labelled amounts that make sense together."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from service.processing.entities.folding import fold
from service.processing.entities.labels import Label
from service.processing.entities.money import Amount
from service.processing.entities.near import Near, Neighbourhood
from service.processing.entities.reading import PageReading
from service.processing.fields.candidates import AGREED, Place, confidence_of, field_at
from service.processing.results import Field

ROUNDING = Decimal("0.05")
"""Totals are rounded to the cent, in Switzerland to five."""
AGREES, DISAGREES = 1.0, -0.8
"""What it counts for or against three amounts that net and tax make the total."""
AS_NET = 0.75
"""How much of a label like "Subtotal" speaks for the net total."""
MOST_TAX = Decimal("0.4")
"""Share of tax in the net total; the highest rate of VAT in Europe is 27 %."""
_MOST = 7
_BARE = 0.8
"""Fit of a number without decimals and currency."""
_EXCLUDING = re.compile(
    r"\b(?:excl|exkl|exclusive|excluding|ex|without|before|ohne|hors|h\.?t|senza|escl|"
    r"esclusa|sin|sem|zonder|netto|net)\b"
)
_INCLUDING = re.compile(
    r"\b(?:incl|inkl|including|inclusive|inc|ttc|inclusa|incluido|inclusief|com iva|"
    r"con iva|brutto)\b"
)
_OF_AN_ACCOUNT = re.compile(
    r"(?:opening|closing|previous|starting|ending|running|available|"
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
Choice = Mapping[Role, Sum]


def sums(
    pages: Sequence[tuple[PageReading, Neighbourhood]],
) -> tuple[dict[str, list[Field]], str | None]:
    """Give net total, tax total, total and amount due, best first, and a currency."""
    found = _labelled(pages)
    chosen, agreed = _chosen(found)
    amounts = [
        _sum(page, each, each.start, 0.6)
        for page, _ in pages
        for each in page.amounts
        if each.is_money
    ]
    chosen = _completed(chosen, amounts)
    due = _due(found, chosen)
    if "total" not in chosen and due is not None and not found["paid"]:
        chosen = {**chosen, "total": due}
    if due is not None:
        chosen = {**chosen, "amount_due": due}
    fields = {}
    for role in ("net_total", "tax_total", "total", "amount_due"):
        best = [chosen[role]] if role in chosen else []
        others = sorted(found[role], key=lambda each: -each.fit) if best else []
        fields[role] = [
            _field(each, agreed=agreed and each in best) for each in (*best, *others)
        ]
    named = (
        chosen[role].currency
        for role in ("total", "amount_due", "net_total")
        if role in chosen
    )
    return fields, next((each for each in named if each), None)


def _labelled(
    pages: Sequence[tuple[PageReading, Neighbourhood]],
) -> dict[Role, list[Sum]]:
    found: dict[Role, list[Sum]] = {
        role: [] for role in ("net_total", "tax_total", "total", "amount_due", "paid")
    }
    for reading, around in pages:
        usable = _usable(reading.amounts)
        for label in around.labels:
            if label.role not in {*found, "subtotal"}:
                continue
            for near in around.near(label, usable, last_first=True):
                if around.heads_column(label, near.value, usable) or (
                    label.role == "amount_due" and _is_account(reading, label)
                ):
                    continue
                role, share = _role(reading, near)
                bare = 1.0 if near.value.is_money else _BARE
                if role in found:
                    fit = near.fit * share * bare
                    found[role].append(_sum(reading, near.value, label.start, fit))
    found["tax_total"] += _added(found["tax_total"])
    return {role: _favoured(each) for role, each in found.items()}


def _usable(amounts: Sequence[Amount]) -> list[Amount]:
    """Give what may be a sum: bare numbers only on pages that have nothing else."""
    money = [each for each in amounts if each.is_money]
    bare = [each for each in amounts if not each.percent and not each.is_money]
    decimals = [each for each in bare if each.decimals > 0]
    if money or decimals:
        return sorted([*money, *decimals], key=lambda each: each.start)
    return [each for each in bare if each.value.lstrip("-") != "0"]


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


def _sum(reading: PageReading, amount: Amount, since: int, fit: float) -> Sum:
    return Sum(
        place=Place(reading.page, amount.start, amount.end),
        since=since,
        value=Decimal(amount.value),
        written=amount.value,
        fit=fit,
        ambiguous=amount.ambiguous,
        currency=amount.currency,
    )


def _added(taxes: Sequence[Sum]) -> Iterator[Sum]:
    """Give the sum of the taxes of several rates, each on a line of its own."""
    by_label: dict[tuple[int, int], Sum] = {}
    for each in taxes:
        by_label.setdefault((id(each.place.page), each.since), each)
    parts = list(by_label.values())
    if 2 <= len(parts) <= 6:
        last = parts[-1]
        total = sum((part.value for part in parts), Decimal(0))
        fit = min(part.fit for part in parts) * 0.9
        yield Sum(last.place, last.since, total, str(total), fit, False, last.currency)


def _favoured(found: Sequence[Sum]) -> list[Sum]:
    """Prefer the last and the largest: sums stand below what they add up."""
    if not found:
        return []
    largest = max(abs(each.value) for each in found)
    made = []
    for number, each in enumerate(found):
        bonus = 0.02 * number / len(found) + 0.03 * (abs(each.value) == largest)
        made.append(_with_fit(each, each.fit + bonus))
    return sorted(made, key=lambda each: -each.fit)[:_MOST]


def _with_fit(each: Sum, fit: float) -> Sum:
    return Sum(
        each.place,
        each.since,
        each.value,
        each.written,
        fit,
        each.ambiguous,
        each.currency,
    )


def _chosen(found: Mapping[Role, Sequence[Sum]]) -> tuple[Choice, bool]:
    """Give the combination that fits best, and whether its parts add up."""
    dues = [_with_fit(due, due.fit * 0.9) for due in found["amount_due"]]
    best: tuple[float, Choice, bool] = (-1.0, {}, False)
    for net, tax, total in product(
        (None, *found["net_total"]),
        (None, *found["tax_total"]),
        (None, *found["total"], *dues),
    ):
        agreed = bool(
            net and tax and total and _adds_up(net.value, tax.value, total.value)
        )
        if (tax and not _is_tax(tax, net, total)) or (total in dues and not agreed):
            continue  # an amount due is a total only where the sums say so
        parts = {"net_total": net, "tax_total": tax, "total": total}
        chosen = {role: part for role, part in parts.items() if part is not None}
        score = sum(part.fit for part in chosen.values())
        score += AGREES if agreed else DISAGREES * _disagree(net, tax, total)
        if score > best[0]:
            best = (score, chosen, agreed)
    return best[1], best[2]


def _disagree(net: Sum | None, tax: Sum | None, total: Sum | None) -> bool:
    """Say whether sums that do not add up should."""
    if net is None or total is None:
        return False
    return tax is not None or abs(net.value) > abs(total.value)


def _is_tax(tax: Sum, net: Sum | None, total: Sum | None) -> bool:
    """Say whether an amount may be the tax beside the others: a part of each."""
    return all(
        each is None
        or (each.place != tax.place and abs(tax.value) <= abs(each.value) * MOST_TAX)
        for each in (net, total)
    )


def _adds_up(net: Decimal, tax: Decimal, total: Decimal) -> bool:
    return abs(net + tax - total) <= ROUNDING


def _completed(chosen: Choice, amounts: Sequence[Sum]) -> Choice:
    """Add the one of three sums that is not labelled but printed."""
    net, tax, total = (chosen.get(r) for r in ("net_total", "tax_total", "total"))
    if net and tax and not total:
        return _with(chosen, "total", net.value + tax.value, amounts)
    if total and tax and not net:
        return _with(chosen, "net_total", total.value - tax.value, amounts)
    return chosen


def _with(chosen: Choice, role: Role, value: Decimal, amounts: Iterable[Sum]) -> Choice:
    printed = next((each for each in amounts if each.value == value), None)
    return chosen if printed is None else {**chosen, role: printed}


def _due(found: Mapping[Role, Sequence[Sum]], chosen: Choice) -> Sum | None:
    total = chosen.get("total")
    paid = [abs(each.value) for each in found["paid"]]
    fitting = [
        each
        for each in found["amount_due"]
        if total is None
        or abs(each.value - total.value) <= ROUNDING
        or any(abs(total.value - part - each.value) <= ROUNDING for part in paid)
    ]
    # One that neither is the total nor follows from what is paid may add arrears.
    return next(iter(fitting or found["amount_due"]), None)


def _field(each: Sum, *, agreed: bool) -> Field:
    confidence = confidence_of(each.fit) + (AGREED if agreed else 0.0)
    return field_at(
        each.place,
        each.written,
        confidence,
        ambiguous=each.ambiguous and not agreed,
        since=each.since,
    )
