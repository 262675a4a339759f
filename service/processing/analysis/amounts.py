"""Whether the amounts of an invoice agree with each other, exactly."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from service.processing.analysis.tax_rates import USUAL_RATES, country_of
from service.processing.results import Anomaly, Entity, Field, Fields, Money, Table

CENT = Decimal("0.01")
_HALF_CENT = Decimal("0.005")
_LEAST_LINES = 2
_PERCENT = Decimal(100)
_RATE_SLACK = Decimal("0.1")
"""Percentage points by which a rate worked out of two amounts may be off."""
_LARGE = Decimal(10) ** 15

_NUMBER = re.compile(r"[-+(]?\d[\d.,'\u2019 \u00a0\u202f]*\)?-?")
_AMOUNT_COLUMN = re.compile(
    r"\b(amount|total|betrag|gesamt\w*|summe|montant|importe|importo|bedrag|valor|"
    r"totaal|totale|netto|net)\b",
    re.IGNORECASE,
)
_NO_AMOUNT_COLUMN = re.compile(
    r"\b(unit|einzel\w*|unitaire|unitario|tax|vat|mwst|ust|tva|iva|btw|stuk\w*)\b|%",
    re.IGNORECASE,
)
_SUM_ROW = re.compile(
    r"\W*(sub|zwischen|gesamt|end|netto|brutto|rechnungs)?-?"
    r"(total|totale|totaal|summe|betrag|somme|suma|somma|subtotal|mwst|ust|vat|tva|iva|"
    r"btw|tax|netto|brutto|net|gross|carried|übertrag|saldo|balance)\b",
    re.IGNORECASE,
)
"""How rows begin that are no items: sums, taxes, what is carried over."""


def amount_of(field: Field | None) -> Decimal | None:
    """Give a field's amount, exactly."""
    return decimal_of(field.value) if field is not None else None


def decimal_of(value: str) -> Decimal | None:
    """Read a decimal string as results hold it; None when it is none of sane size."""
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < _LARGE else None


def written_amount(text: str) -> Decimal | None:
    """Read the one amount in a cell, in whichever way its separators are written.

    The last of `.` and `,` is the decimal one unless exactly three digits follow it.
    """
    found = _NUMBER.findall(text)
    if len(found) != 1:
        return None
    raw = found[0]
    negative = raw.startswith(("-", "(")) or raw.rstrip().endswith("-")
    digits = re.sub(r"[^\d.,]", "", raw).strip(".,")
    place = max(digits.rfind("."), digits.rfind(","))
    after = digits[place + 1 :]
    if place >= 0 and len(after) != 3:
        whole = re.sub(r"\D", "", digits[:place])
        value = decimal_of(f"{whole or 0}.{after}")
    else:
        value = decimal_of(re.sub(r"\D", "", digits))
    return -value if negative and value is not None else value


def check_total(
    fields: Fields, entities: Sequence[Entity], *, lines: int
) -> Iterator[Anomaly]:
    """Compare net and tax with the total.

    Each line may have been rounded for itself, by half a cent at most.

    Args:
        fields: Of the document.
        entities: Of the document: a difference that it names is a fee or a discount.
        lines: How many items it lists.
    """
    net, tax, total = map(amount_of, (fields.net_total, fields.tax_total, fields.total))
    if net is None or tax is None or total is None:
        return
    difference = abs(total - net - tax)
    if difference <= max(CENT, _HALF_CENT * lines):
        return
    explained = difference in {abs(each) for each in amounts_among(entities)}
    yield Anomaly(
        code="TOTAL_MISMATCH",
        severity="info" if explained else "error",
        message=(
            "The total differs from net plus tax by an amount the document names."
            if explained
            else "Net plus tax is not the total."
        ),
        evidence={
            "netTotal": str(net),
            "taxTotal": str(tax),
            "total": str(total),
            "difference": str(total - net - tax),
        },
    )


def check_lines(fields: Fields, tables: Sequence[Table]) -> Iterator[Anomaly]:
    """Compare the sum of the line items with the net or the whole total."""
    items = line_items(tables)
    if len(items) < _LEAST_LINES:
        return
    summed = sum(items, Decimal(0))
    net, tax, total = map(amount_of, (fields.net_total, fields.tax_total, fields.total))
    if net is None and total is not None and tax is not None:
        net = total - tax
    known = [each for each in (net, total) if each is not None]
    tolerance = CENT * len(items)
    if not known or any(abs(abs(each) - abs(summed)) <= tolerance for each in known):
        return
    yield Anomaly(
        code="LINE_SUM_MISMATCH",
        severity="warning",
        message=f"The {len(items)} line items do not add up to the total.",
        evidence={
            "lineSum": str(summed),
            "netTotal": None if net is None else str(net),
            "total": None if total is None else str(total),
        },
    )


def line_items(tables: Sequence[Table]) -> tuple[Decimal, ...]:
    """Give the amounts of the line items; none unless all of them can be read.

    They stand in the last column that is headed as an amount, in the first such table
    and those that go on below the same header.
    """
    header: tuple[str, ...] | None = None
    found: list[Decimal] = []
    for table in tables:
        column = _amount_column(table.header)
        if column is None or (header is not None and table.header != header):
            continue
        header = table.header
        if table.row_count > len(table.rows):
            return ()
        for row in table.rows:
            if not row[column].strip() or _SUM_ROW.match(" ".join(row[:column])):
                continue
            amount = written_amount(row[column])
            if amount is None:
                return ()
            found.append(amount)
    return tuple(found)


def check_tax_rate(
    fields: Fields, entities: Sequence[Entity], *, lines: int
) -> Iterator[Anomaly]:
    """Compare the share of tax with the rates that are usual in the issuer's country.

    Between two usual rates it may be a mixture, unless the document names one rate only
    and that is none of them.
    """
    net, tax = amount_of(fields.net_total), amount_of(fields.tax_total)
    country = _country(fields)
    if not net or not tax or country is None:
        return
    rate = abs(tax) / abs(net) * _PERCENT
    slack = _RATE_SLACK + (CENT + _HALF_CENT * lines) / abs(net) * _PERCENT
    usual = USUAL_RATES[country]
    if any(abs(rate - each) <= slack for each in usual):
        return
    named = {
        percent
        for entity in entities
        if entity.type == "percentage" and isinstance(entity.value, str)
        if (percent := decimal_of(entity.value.rstrip("% "))) is not None
    }
    single = len(named) == 1 and any(abs(rate - each) <= slack for each in named)
    if rate > max(usual) + slack or single:
        yield Anomaly(
            code="TAX_RATE_UNUSUAL",
            severity="warning",
            message=f"No usual rate of tax of {country} gives this tax.",
            evidence={
                "netTotal": str(net),
                "taxTotal": str(tax),
                "ratePercent": str(rate.quantize(CENT)),
                "usualRates": ", ".join(map(str, usual)),
                "country": country,
            },
        )


def check_currencies(entities: Sequence[Entity]) -> Iterator[Anomaly]:
    """Say when a document names amounts in several currencies."""
    named: Mapping[str, None] = dict.fromkeys(
        entity.value.currency
        for entity in entities
        if isinstance(entity.value, Money) and entity.value.currency is not None
    )
    if len(named) > 1:
        yield Anomaly(
            code="MIXED_CURRENCIES",
            severity="warning",
            message="The document names amounts in several currencies.",
            evidence={"currencies": ", ".join(sorted(named))},
        )


def amounts_among(entities: Sequence[Entity]) -> set[Decimal]:
    """Give every amount that a document names."""
    found = (
        decimal_of(entity.value.amount)
        for entity in entities
        if isinstance(entity.value, Money)
    )
    return {each for each in found if each is not None}


def _amount_column(header: Sequence[str]) -> int | None:
    for place in reversed(range(len(header))):
        name = header[place]
        if _AMOUNT_COLUMN.search(name) and not _NO_AMOUNT_COLUMN.search(name):
            return place
    return None


def _country(fields: Fields) -> str | None:
    for field in (fields.vat_id, fields.iban):
        if field is not None and country_of(field.value) in USUAL_RATES:
            return country_of(field.value)
    return None
