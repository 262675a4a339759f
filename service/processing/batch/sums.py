"""What the documents of a job add up to, by currency and by issuer."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal

from service.processing.batch.record import INVOICE_KINDS, Record
from service.processing.results import (
    CurrencyTotal,
    IssuerGroup,
    LeftOut,
    LeftOutReason,
)


def counted_and_left_out(
    records: Iterable[Record], again: set[str]
) -> tuple[list[Record], list[LeftOut]]:
    """Part the documents whose amounts count from those whose do not, and say why.

    Args:
        records: All documents.
        again: Ids of documents that are others once more.
    """
    counted, left_out = [], []
    for record in records:
        reason = _why_left_out(record, again)
        if reason is None:
            counted.append(record)
        else:
            left_out.append(LeftOut(document_id=record.id, reason=reason))
    return counted, left_out


def totals(records: Iterable[Record]) -> tuple[CurrencyTotal, ...]:
    """Add up amounts, currency by currency; each record has both."""
    by_currency: dict[str, list[Record]] = {}
    for record in records:
        by_currency.setdefault(str(record.currency), []).append(record)
    return tuple(
        CurrencyTotal(
            currency=currency,
            documents=len(some),
            net_total=_sum([record.net for record in some]),
            tax_total=_sum([record.tax for record in some]),
            total=str(sum((record.total or Decimal(0) for record in some), Decimal(0))),
        )
        for currency, some in sorted(by_currency.items())
    )


def groups(records: Iterable[Record], counted: set[str]) -> list[IssuerGroup]:
    """Give the documents of each issuer, the most first.

    Args:
        records: All documents.
        counted: Ids of those whose amounts are added up.
    """
    by_issuer: dict[str, list[Record]] = {}
    for record in records:
        if record.issuer_key:
            by_issuer.setdefault(record.issuer_key, []).append(record)
    found = [
        IssuerGroup(
            issuer=_usual_name(some),
            documents=len(some),
            totals=totals(record for record in some if record.id in counted),
        )
        for some in by_issuer.values()
    ]
    return sorted(found, key=lambda group: (-group.documents, group.issuer))


def _why_left_out(record: Record, again: set[str]) -> LeftOutReason | None:
    if record.kind not in INVOICE_KINDS:
        return "not_an_invoice"
    if record.id in again:
        return "duplicate"
    if record.total is None:
        return "no_total"
    if record.currency is None:
        return "no_currency"
    return None


def _sum(amounts: Sequence[Decimal | None]) -> str | None:
    """Add amounts up, unless one is not known: a part of the sum would mislead."""
    known = [amount for amount in amounts if amount is not None]
    return str(sum(known, Decimal(0))) if len(known) == len(amounts) else None


def _usual_name(records: Sequence[Record]) -> str:
    return Counter(str(record.issuer) for record in records).most_common(1)[0][0]
