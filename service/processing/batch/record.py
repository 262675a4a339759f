"""What is kept of each document while a job is finished: about 1 KB."""

import base64
import sys
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

import msgspec

from service.domain.model import DocumentId
from service.processing.batch.names import bare_name, bare_number

INVOICE_KINDS = frozenset({"invoice", "credit_note", "receipt"})
"""Kinds whose totals are added up."""
_CREDIT = "credit_note"
_NAME_CHARS = 120
_ABSURD = Decimal(10) ** 15


class _Read(msgspec.Struct, frozen=True, rename="camel"):
    """Base of the parts of a result that are read here; the rest is skipped."""


class _Field(_Read, frozen=True):
    value: str
    ambiguous: bool = False


class _Fields(_Read, frozen=True):
    document_kind: _Field | None = None
    invoice_number: _Field | None = None
    issue_date: _Field | None = None
    issuer: _Field | None = None
    net_total: _Field | None = None
    tax_total: _Field | None = None
    total: _Field | None = None
    currency: _Field | None = None


class _Extraction(_Read, frozen=True):
    fields: _Fields


class _Issue(_Read, frozen=True):
    code: str


class _Quality(_Read, frozen=True):
    score: int
    issues: tuple[_Issue, ...]


class _Fingerprint(_Read, frozen=True):
    sha256: str
    minhash: str | None
    page_hashes: tuple[str, ...] = ()
    kind: str | None = None


class DocumentResult(_Read, frozen=True):
    """A document's result, as far as documents are compared."""

    status: str
    quality: _Quality
    extraction: _Extraction
    fingerprint: _Fingerprint


@dataclass(frozen=True, slots=True)
class Record:
    """One document.

    Attributes:
        id: Of the document.
        degraded: Whether something in it could not be read.
        digest: Of its bytes.
        signature: MinHash of its text, little-endian 32-bit numbers.
        looks: Hashes of its pages, one behind the other; empty unless it is a scan.
        kind: What kind of document it is.
        issuer: As written.
        issuer_key: Its name without what changes from one letter to the next.
        number: Of the invoice, as written.
        number_key: The number without what changes in writing.
        issued: Its date, if that is certain.
        currency: Of its amounts.
        total, net, tax: Its amounts; those of a credit note are negative.
        score: Of its quality.
    """

    id: DocumentId
    degraded: bool
    digest: bytes
    signature: bytes | None
    looks: bytes
    kind: str | None
    issuer: str | None
    issuer_key: str | None
    number: str | None
    number_key: str | None
    issued: date | None
    currency: str | None
    total: Decimal | None
    net: Decimal | None
    tax: Decimal | None
    score: int


def record_of(document_id: DocumentId, result: DocumentResult) -> Record:
    """Keep of a result what documents are compared by."""
    fields, prints = result.extraction.fields, result.fingerprint
    kind = _kind(result)
    issuer, number = _text(fields.issuer), _text(fields.invoice_number)
    currency = _text(fields.currency)
    return Record(
        id=document_id,
        degraded=result.status != "ok",
        digest=bytes.fromhex(prints.sha256),
        signature=base64.b64decode(prints.minhash) if prints.minhash else None,
        looks=bytes.fromhex("".join(prints.page_hashes)),
        # What many documents share is kept once.
        kind=sys.intern(kind) if kind else None,
        issuer=sys.intern(issuer) if issuer else None,
        issuer_key=sys.intern(bare_name(issuer)) if issuer else None,
        number=number,
        number_key=bare_number(number) if number else None,
        issued=_day(fields.issue_date),
        currency=sys.intern(currency) if currency else None,
        total=_signed(fields.total, kind),
        net=_signed(fields.net_total, kind),
        tax=_signed(fields.tax_total, kind),
        score=result.quality.score,
    )


def _kind(result: DocumentResult) -> str | None:
    stated = result.extraction.fields.document_kind
    return result.fingerprint.kind if stated is None else stated.value


def _text(field: _Field | None) -> str | None:
    if field is None:
        return None
    return " ".join(field.value.split())[:_NAME_CHARS] or None


def _day(field: _Field | None) -> date | None:
    if field is None or field.ambiguous:
        return None
    try:
        return date.fromisoformat(field.value)
    except ValueError:
        return None


def _signed(field: _Field | None, kind: str | None) -> Decimal | None:
    """Give an amount; a credit note is written with and without the sign."""
    if field is None:
        return None
    try:
        amount = Decimal(field.value)
    except InvalidOperation:
        return None
    if not amount.is_finite() or abs(amount) >= _ABSURD:
        return None
    return -abs(amount) if kind == _CREDIT else amount
