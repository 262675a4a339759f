"""Contexts as the steps before ``analyse`` leave them."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from service.processing.analysis.step import analyse
from service.processing.context import Limits, Source, StepContext
from service.processing.options import DEFAULT_OPTIONS, ProcessingOptions
from service.processing.results import (
    Anomaly,
    Entity,
    EntityType,
    Field,
    Fields,
    FieldSource,
    Money,
    Table,
)

TODAY = date(2026, 11, 9)
WHOLE = {
    "document_kind": "invoice",
    "invoice_number": "RE-1",
    "issue_date": "2026-11-01",
    "due_date": "2026-11-15",
    "issuer": "Müller GmbH",
    "net_total": "100.00",
    "tax_total": "19.00",
    "total": "119.00",
    "currency": "EUR",
    "iban": "DE89370400440532013000",
    "vat_id": "DE123456788",
}
"""Fields of an invoice with which nothing is wrong."""


class _Silent:
    def page(self, number: int, of: int) -> None: ...

    def share(self, done: float) -> None: ...

    def begin_part(self, name: str) -> None: ...

    def end_part(self) -> None: ...

    def said(self, message: str) -> None: ...


def context_of(
    text: str = "Rechnung",
    *,
    media_type: str = "application/pdf",
    options: ProcessingOptions = DEFAULT_OPTIONS,
    today: date = TODAY,
    **extraction: Any,
) -> StepContext:
    """Build a document with this text and what was extracted."""
    source = Source(
        path=Path("unused"), name="a", size_bytes=1, sha256="00", document_id="doc_1"
    )
    context = StepContext(
        source,
        Limits(),
        output_prefix=Path("unused"),
        progress=_Silent(),
        options=options,
        today=today,
    )
    context.text = text
    context.media_type = media_type
    context.extraction |= {"fields": Fields(), **extraction}
    return context


def field(value: str, source: FieldSource = "text", **more: Any) -> Field:
    return Field(value=value, confidence=0.9, source=source, **more)


def fields(source: FieldSource = "text", **values: str | None) -> Fields:
    """Give the fields of a good invoice, but for what is given."""
    wanted = {k: v for k, v in (WHOLE | values).items() if v is not None}
    return Fields(**{name: field(value, source) for name, value in wanted.items()})


def entity(kind: EntityType, value: str | Money, **more: Any) -> Entity:
    found: dict[str, Any] = {
        "type": kind,
        "raw": str(value),
        "value": value,
        "confidence": 0.9,
        "source": "text",
    }
    return Entity(**(found | more))


def money(amount: str, currency: str | None = "EUR") -> Entity:
    return entity("money", Money(amount=amount, currency=currency))


def table(*rows: tuple[str, ...], header: tuple[str, ...]) -> Table:
    return Table(
        page=1,
        header=header,
        rows=rows,
        row_count=len(rows),
        column_count=len(header),
        method="lines",
        confidence=0.9,
    )


def anomalies(context: StepContext) -> dict[str, list[Anomaly]]:
    """Analyse a document and give its anomalies by code."""
    analyse(context)
    found: dict[str, list[Anomaly]] = {}
    for each in context.analysis["anomalies"]:
        found.setdefault(each.code, []).append(each)
    return found


def codes(found: Fields, **extraction: Any) -> set[str]:
    return set(anomalies(context_of(fields=found, **extraction)))


def evidence(context: StepContext, code: str) -> Mapping[str, str | None]:
    (anomaly,) = anomalies(context)[code]
    return anomaly.evidence
