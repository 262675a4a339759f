"""Net, tax, total and amount due: the labelled amounts that make sense together."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise, product

from service.processing.entities.money import Amount
from service.processing.entities.near import Neighbourhood
from service.processing.entities.reading import PageReading
from service.processing.fields.breakdown import MOST_TAX, Breakdown, breakdown
from service.processing.fields.candidates import AGREED, confidence_of, field_at
from service.processing.fields.columns_end import total_of_column
from service.processing.fields.labelled_sums import Role, Sum, labelled_sums, sum_of
from service.processing.results import Field

ROUNDING = Decimal("0.05")
"""Totals are rounded to the cent, in Switzerland to five."""
AGREES, DISAGREES = 1.0, -0.8
"""What it counts for or against three amounts that net and tax make the total."""
_MOST = 7
_DOUBTED = 0.7
"""What remains of the confidence in three sums that do not add up."""
_RATE = re.compile(r"(\d{1,2}(?:[.,]\d{1,3})?) ?%")
_LINE_CHARS = 200
_AS_NET = 0.6
"""What a label like "Total" speaks for the net total, where tax is put on it."""
_BY_RATE = 0.8
"""Fit of net and tax that a table of rates states."""
Choice = Mapping[Role, Sum]


def sums(
    pages: Sequence[tuple[PageReading, Neighbourhood]], *, billed: bool = False
) -> tuple[dict[str, list[Field]], str | None]:
    """Give net total, tax total, total and amount due, best first, and a currency.

    Args:
        pages: Of the document.
        billed: Whether it calls itself an invoice or the like, and so has a total.
    """
    labelled = labelled_sums(pages)
    _spread(labelled)
    for role in ("net_total", "tax_total"):
        labelled[role] += _added(labelled[role])
    found = {role: _favoured(each) for role, each in labelled.items()}
    chosen, agreed = _settled(pages, found, billed=billed)
    fields = {}
    for role in ("net_total", "tax_total", "total", "amount_due"):
        best = [chosen[role]] if role in chosen else []
        others = sorted(found[role], key=lambda each: -each.fit) if best else []
        doubted = role != "amount_due" and not agreed and _contradict(chosen)
        fields[role] = [
            *(_field(each, agreed=agreed, doubted=doubted) for each in best),
            *map(_field, others),
        ]
    named = (
        chosen[role].currency
        for role in ("total", "amount_due", "net_total")
        if role in chosen
    )
    return fields, next((each for each in named if each), None)


def _settled(
    pages: Sequence[tuple[PageReading, Neighbourhood]],
    found: Mapping[Role, Sequence[Sum]],
    *,
    billed: bool,
) -> tuple[Choice, bool]:
    """Give the sums of the document, and whether their parts add up."""
    chosen, agreed = _chosen(found)
    amounts = [
        sum_of(page, each, each.start, 0.6)
        for page, _ in pages
        for each in page.amounts
        if each.is_money
    ]
    if not agreed or _is_unexplained(found, chosen):
        chosen, agreed = _broken_down(pages, found, chosen, agreed=agreed)
    chosen = _completed(chosen, amounts)
    due = _due(found, chosen)
    if "total" not in chosen and due is not None and not found["paid"]:
        chosen = {**chosen, "total": due}
    if due is not None:
        chosen = {**chosen, "amount_due": due}
    if billed and "total" not in chosen and due is None:
        last = total_of_column([page for page, _ in pages])
        if last is not None:
            chosen = _completed({**chosen, "total": last}, amounts)
    return chosen, agreed


def _added(found: Sequence[Sum]) -> Iterator[Sum]:
    """Give the sum of what is labelled for several rates, each on its own line."""
    by_label: dict[tuple[int, int], Sum] = {}
    for each in found:
        by_label.setdefault((id(each.place.page), each.since), each)
    parts = list(by_label.values())
    if 2 <= len(parts) <= 6:
        last = parts[-1]
        total = sum((part.value for part in parts), Decimal(0))
        fit = min(part.fit for part in parts) * 0.9
        yield Sum(last.place, last.since, total, str(total), fit, False, last.currency)


def _spread(labelled: Mapping[Role, list[Sum]]) -> None:
    """Add net and tax of a row "Total  2 900.00  551.00  3 451.00" to what is labelled.

    The gross amount may stand in the row, or be what is due.
    """
    rows: dict[tuple[int, int], list[Sum]] = {}
    for each in labelled["total"]:
        rows.setdefault((id(each.place.page), each.since), []).append(each)
    dues = _favoured(labelled["amount_due"])
    for row in rows.values():
        row.sort(key=lambda each: each.place.start)
        for net, tax in pairwise(row):
            grosses = [each for each in (*row, *dues)
                       if _adds_up(net.value, tax.value, each.value)]  # fmt: skip
            if grosses and tax.value and abs(tax.value) <= abs(net.value) * MOST_TAX:
                labelled["net_total"].append(net)
                labelled["tax_total"].append(tax)


def _favoured(found: Sequence[Sum]) -> list[Sum]:
    """Prefer the last and the largest: sums stand below what they add up."""
    if not found:
        return []
    largest = max(abs(each.value) for each in found)
    made = []
    for number, each in enumerate(found):
        bonus = 0.02 * number / len(found) + 0.03 * (abs(each.value) == largest)
        made.append(replace(each, fit=each.fit + bonus))
    return sorted(made, key=lambda each: -each.fit)[:_MOST]


def _chosen(found: Mapping[Role, Sequence[Sum]]) -> tuple[Choice, bool]:
    """Give the combination that fits best, and whether its parts add up."""
    dues = [replace(due, fit=due.fit * 0.9) for due in found["amount_due"]]
    nets = [replace(each, fit=each.fit * _AS_NET) for each in found["total"]]
    best: tuple[float, Choice, bool] = (-1.0, {}, False)
    for net, tax, total in product(
        (None, *found["net_total"], *nets),
        (None, *found["tax_total"]),
        (None, *found["total"], *dues),
    ):
        agreed = bool(
            net and tax and total and _adds_up(net.value, tax.value, total.value)
        )
        if (tax and not _is_tax(tax, net, total)) or (total in dues and not agreed):
            continue  # an amount due is a total only where the sums say so
        if net in nets and not (agreed and tax and tax.value):
            continue  # as a total is that of the net amounts
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
    if total and net and not tax and total.value != net.value:
        rated = [each for each in amounts if _has_rate(each, net.value)]
        return _with(chosen, "tax_total", total.value - net.value, rated)
    return chosen


def _has_rate(tax: Sum, net: Decimal) -> bool:
    """Say whether an amount is the part of the net total that its line names."""
    page, (start, end) = tax.place.page, (tax.place.start, tax.place.end)
    before = max(start - _LINE_CHARS, 0)
    line = page.text[max(page.text.rfind("\n", before, start) + 1, before) : end]
    rates = (Decimal(rate.replace(",", ".")) for rate in _RATE.findall(line))
    return any(abs(net * rate / 100 - tax.value) <= ROUNDING for rate in rates)


def _with(chosen: Choice, role: Role, value: Decimal, amounts: Iterable[Sum]) -> Choice:
    printed = next((each for each in amounts if each.value == value), None)
    return chosen if printed is None else {**chosen, role: printed}


def _broken_down(
    pages: Sequence[tuple[PageReading, Neighbourhood]],
    found: Mapping[Role, Sequence[Sum]],
    chosen: Choice,
    *,
    agreed: bool,
) -> tuple[Choice, bool]:
    """Take net and tax out of a table of rates where labels do not make the total."""
    labelled = "total" in chosen and not agreed
    totals = [chosen["total"]] if labelled else found["amount_due"]
    for total in totals:
        rows = breakdown([page for page, _ in pages], total.value, ROUNDING)
        if rows is not None:
            net = _summed(rows, rows.net_at, rows.net)
            tax = _summed(rows, rows.tax_at, rows.tax)
            return {"net_total": net, "tax_total": tax, "total": total}, True
    return chosen, agreed


def _is_unexplained(found: Mapping[Role, Sequence[Sum]], chosen: Choice) -> bool:
    """Say whether what is due is not the total, although nothing was paid."""
    total = chosen.get("total")
    if total is None or any(each.value for each in found["paid"]):
        return False
    return all(abs(due.value - total.value) > ROUNDING for due in found["amount_due"])


def _summed(rows: Breakdown, last: Amount, value: Decimal) -> Sum:
    found = sum_of(rows.reading, last, last.start, _BY_RATE)
    return replace(found, value=value, written=str(value), ambiguous=False)


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
    if total is not None and any(paid):  # that is what remains
        fitting.sort(key=lambda each: abs(each.value - total.value) <= ROUNDING)
    # One that neither is the total nor follows from what is paid may add arrears.
    return next(iter(fitting or found["amount_due"]), None)


def _contradict(chosen: Choice) -> bool:
    """Say whether there are all three sums and they do not add up."""
    net, tax, total = (chosen.get(r) for r in ("net_total", "tax_total", "total"))
    if net is None or tax is None or total is None:
        return False
    return not _adds_up(net.value, tax.value, total.value)


def _field(each: Sum, *, agreed: bool = False, doubted: bool = False) -> Field:
    confidence = confidence_of(each.fit) + (AGREED if agreed else 0.0)
    return field_at(
        each.place,
        each.written,
        confidence * (_DOUBTED if doubted else 1.0),
        ambiguous=each.ambiguous and not agreed,
        since=each.since,
    )
