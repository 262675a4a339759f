"""What a careful reader of a document would ask about."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from service.processing.analysis.agreement import Visible, check_agreement
from service.processing.analysis.amounts import (
    amount_of,
    check_currencies,
    check_lines,
    check_tax_rate,
    check_total,
    line_items,
)
from service.processing.analysis.classification import INVOICES
from service.processing.analysis.identity import check_countries, check_numbers
from service.processing.context import StepContext
from service.processing.results import (
    FIELD_NAMES,
    Anomaly,
    AnomalyCode,
    Field,
    Fields,
    Quality,
)

MOST_WRONG_NUMBERS = 20
"""Account and VAT numbers that fail their check; what is over it: ``anomalies``."""
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "invoice": ("invoice_number", "issue_date", "issuer", "total"),
    "credit_note": ("invoice_number", "issue_date", "issuer", "total"),
    "receipt": ("issue_date", "total"),
    "reminder": ("issuer",),
}
"""By kind. Directive 2006/112/EC asks these of an invoice (Art. 226: date, number,
names, amounts) and less of a simplified one (Art. 226b)."""
_ONE_DAY = timedelta(days=1)
"""It may be tomorrow already where the issuer is."""
_QUALITY: Mapping[str, tuple[AnomalyCode, str]] = {
    "HIDDEN_TEXT": ("HIDDEN_TEXT", "There is text that cannot be seen."),
    "DUPLICATE_PAGE": ("DUPLICATE_PAGE", "Pages are there twice."),
}


def find_anomalies(context: StepContext, kind: str | None) -> tuple[Anomaly, ...]:
    """Give what is odd about a document; of an invoice also its figures."""
    fields = context.extraction.get("fields") or Fields()
    wrong = list(check_numbers(context.extraction.get("entities", ()), fields))
    if len(wrong) > MOST_WRONG_NUMBERS:
        message = f"Only the first {MOST_WRONG_NUMBERS} wrong numbers are listed."
        context.hit_limit("anomalies", message, severity="info")
    found = [
        *wrong[:MOST_WRONG_NUMBERS],
        *_of_quality(context.quality),
    ]
    if kind in INVOICES:
        found += _of_figures(context, fields)
        found += _of_dates(fields, context.today)
        found += _of_sign(fields, kind)
        # In a picture that nobody has read nothing is missing.
        found += _missing(fields, kind) if context.text.strip() else ()
    return tuple(found)


def _of_figures(context: StepContext, fields: Fields) -> Iterator[Anomaly]:
    entities = context.extraction.get("entities", ())
    tables = context.extraction.get("tables", ())
    lines = len(line_items(tables))
    yield from check_total(fields, entities, lines=lines)
    yield from check_lines(fields, tables)
    yield from check_tax_rate(fields, entities, lines=lines)
    yield from check_currencies(entities)
    yield from check_countries(fields)
    rivals = context.state.get("field_candidates", {})
    yield from check_agreement(fields, Visible(context.text, entities, rivals))


def _of_dates(fields: Fields, today: date | None) -> Iterator[Anomaly]:
    issued, due = _day(fields.issue_date), _day(fields.due_date)
    if issued is not None and due is not None and due < issued:
        yield Anomaly(
            code="DUE_BEFORE_ISSUE",
            severity="error",
            message="It is due before it was issued.",
            evidence={"issueDate": issued.isoformat(), "dueDate": due.isoformat()},
        )
    if issued is not None and today is not None and issued > today + _ONE_DAY:
        yield Anomaly(
            code="DATE_IN_FUTURE",
            severity="warning",
            message="It is dated in the future.",
            evidence={"issueDate": issued.isoformat(), "today": today.isoformat()},
        )


def _of_sign(fields: Fields, kind: str | None) -> Iterator[Anomaly]:
    total = amount_of(fields.total)
    if total is not None and total < 0 and kind != "credit_note":
        yield Anomaly(
            code="NEGATIVE_TOTAL",
            severity="warning",
            message="The total is negative, and it is no credit note.",
            evidence={"total": str(total)},
        )


def _missing(fields: Fields, kind: str | None) -> Iterator[Anomaly]:
    for name in _REQUIRED.get(kind or "", ()):
        if getattr(fields, name) is None:
            yield Anomaly(
                code="MISSING_FIELD",
                severity="warning",
                message=f"No {name.replace('_', ' ')} was found.",
                evidence={"field": FIELD_NAMES[name]},
            )


def _of_quality(quality: Quality | None) -> Iterator[Anomaly]:
    for code, (anomaly, message) in _QUALITY.items():
        issues = [
            issue for issue in (quality.issues if quality else ()) if issue.code == code
        ]
        if issues:
            pages = [str(issue.page) for issue in issues if issue.page is not None]
            yield Anomaly(
                code=anomaly,
                severity="warning",
                message=message,
                evidence={"pages": ", ".join(pages) or None},
            )


def _day(field: Field | None) -> date | None:
    """Give a date that can be relied on."""
    if field is None or field.ambiguous:
        return None
    try:
        return date.fromisoformat(field.value)
    except ValueError:
        return None
