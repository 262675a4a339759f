"""Fields out of the text, by the places of labels and values."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain

from service.processing.entities.near import Neighbourhood
from service.processing.entities.numbers import headings, labelled
from service.processing.entities.reading import PageReading, Reading
from service.processing.fields.accounts import accounts
from service.processing.fields.candidates import (
    Place,
    confidence_of,
    distinct,
    field_at,
)
from service.processing.fields.days import days
from service.processing.fields.kinds import kind
from service.processing.fields.parties import parties
from service.processing.fields.sums import sums
from service.processing.results import Field

FIRST_PAGES, LAST_PAGES = 4, 2
"""Where fields are looked for: heads are in front, sums at the end."""
_BUSINESS = (
    "document_kind",
    "invoice_number",
    "net_total",
    "total",
    "amount_due",
    "iban",
    "payment_reference",
)
"""Fields of which a business document has one at least."""
_BILLS = frozenset({"invoice", "credit_note", "receipt"})
"""Kinds that always have a total."""
_CORRECTING = frozenset({"credit_note", "reminder"})
"""Kinds that are about an invoice, whose date they often state, too."""
_NAMING = frozenset({"document_kind", "invoice_number"})
_SURE = ("invoice_number",)
_NUMBERS = (*_SURE, "number")
"""Labels of a document's number, those that may be of something else last."""
_NAMED_CURRENCY, _DOCUMENTS_CURRENCY = 0.95, 0.85


def text_fields(reading: Reading) -> dict[str, list[Field]]:
    """Give what the text says of each field, best first."""
    pages = [
        (page, Neighbourhood(page.page, page.labels)) for page in _searched(reading)
    ]
    if not pages:
        return {}
    issuer, recipient, addressed = parties(*pages[0])
    kind_field = kind(*pages[0])
    billed = kind_field is not None and kind_field.value in _BILLS
    amounts, currency = sums(pages, billed=billed)
    corrects = kind_field is not None and kind_field.value in _CORRECTING
    found = {
        "document_kind": _given(kind_field),
        "invoice_number": _numbers(pages, _NUMBERS),
        **days(pages, corrects=corrects, billed=billed),
        "issuer": _given(issuer),
        "recipient": _given(recipient),
        **amounts,
        "currency": _currency(amounts, currency, reading.currency),
        **accounts(pages, addressed),
    }
    # Dates, names and a "Reference" make no business document: letters have them.
    others = [found[name] for name in _BUSINESS if name not in _NAMING]
    if any(others) or _numbers(pages, _SURE):
        return found
    return (
        found if kind_field is not None and _is_headed(pages[0][0], kind_field) else {}
    )


def _is_headed(page: PageReading, kind: Field) -> bool:
    """Whether a kind that nothing else speaks for is the whole of a title.

    Files and chapters about invoices begin with the word, too; where text has its
    places, type and position have told titles apart.
    """
    pieces = page.page.pieces
    if any(piece.placed for piece in pieces):
        return True
    named = kind.evidence.text if kind.evidence else None
    lines = Counter(piece.line for piece in pieces)
    return any(
        piece.text.strip(" #*=-_:") == (named or "").strip(" #*=-_:")
        and lines[piece.line] == 1
        for piece in pieces
    )


def _searched(reading: Reading) -> Sequence[PageReading]:
    pages = reading.pages
    if len(pages) <= FIRST_PAGES + LAST_PAGES:
        return pages
    return [*pages[:FIRST_PAGES], *pages[-LAST_PAGES:]]


def _given(field: Field | None) -> list[Field]:
    return [] if field is None else [field]


def _numbers(
    pages: Sequence[tuple[PageReading, Neighbourhood]], roles: Sequence[str]
) -> list[Field]:
    found = []
    for reading, around in pages:
        named = (labelled(reading, around, role) for role in roles)
        for near in (*headings(reading), *chain.from_iterable(named)):
            place = Place(reading.page, near.value.start, near.value.end)
            since = near.label.start if near.label.end else None
            found.append(
                field_at(place, near.value.text, confidence_of(near.fit), since=since)
            )
    return distinct(sorted(found, key=lambda field: -field.confidence))


def _currency(
    amounts: dict[str, list[Field]], named: str | None, documents: str | None
) -> list[Field]:
    """Give the currency of the sums: their own, else the document's."""
    value = named or documents
    basis = next((each for role in ("total", "amount_due", "net_total")
                  for each in amounts[role][:1]), None)  # fmt: skip
    if value is None or basis is None:
        return []
    confidence = _NAMED_CURRENCY if named else _DOCUMENTS_CURRENCY
    return [
        Field(
            value=value,
            confidence=confidence,
            source=basis.source,
            evidence=basis.evidence,
        )
    ]
