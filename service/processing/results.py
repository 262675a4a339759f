"""Results as clients see them: camelCase, RFC 3339 UTC times, amounts as strings.

Pages count from 1, shares and confidences are 0-1. Additions come with defaults.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec

SCHEMA_VERSION = 1

Severity = Literal["info", "warning", "error", "fatal"]
Status = Literal["ok", "degraded"]
TextSource = Literal["text_layer"]
"""How text was got; null where there is none."""
Timestamp = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
"""RFC 3339, UTC, with milliseconds: as everywhere on the wire."""


def timestamp(moment: datetime) -> Timestamp:
    """Write a time as results do; one without a zone is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    utc = aware.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="milliseconds") + "Z"


class Part(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename="camel",
    forbid_unknown_fields=True,
):
    """Base of everything that is part of a result."""


class SourceInfo(Part, frozen=True, kw_only=True):
    """The document as it was given and as it was found."""

    filename: str
    size_bytes: int
    sha256: str
    media_type_declared: str | None
    media_type_detected: str
    extension_matches: bool | None
    """Whether the name's extension fits the content; null = it has none we know."""


class Issue(Part, frozen=True, kw_only=True):
    """Something wrong with the document; an ``error`` means content is missing."""

    code: str
    severity: Severity
    message: str
    page: int | None = None


class ProcessingError(Part, frozen=True, kw_only=True):
    """A part of the work that failed although the document did not."""

    code: str
    stage: str
    message: str
    retryable: bool = False
    page: int | None = None


class Engine(Part, frozen=True, kw_only=True):
    """A library that worked on the document."""

    name: str
    version: str


class Result(Part, frozen=True, kw_only=True):
    """What the results of all job types have in common."""

    schema_version: int = SCHEMA_VERSION
    job_type: str
    document_id: str
    source: SourceInfo
    status: Status
    """``degraded``: the document was read, but something in it could not be."""
    errors: tuple[ProcessingError, ...] = ()
    issues: tuple[Issue, ...] = ()
    limits_hit: tuple[str, ...] = ()
    timings_ms: Mapping[str, int]
    """Milliseconds of each step."""
    engines: tuple[Engine, ...] = ()
    started_at: Timestamp
    finished_at: Timestamp


class Text(Part, frozen=True, kw_only=True):
    """The document's text: its beginning here, the whole of it under `object_key`."""

    char_count: int
    preview: str
    """At most 2 000 characters."""
    object_key: str | None = None
    """Where the full text is stored; null when the preview is all of it."""
    truncated: bool
    """Whether a limit cut the text off (not: whether the preview is shorter)."""
    source: TextSource | None
    encoding: str | None = None
    """What the bytes of a text file were read as."""


class Page(Part, frozen=True, kw_only=True):
    """One page, slide, sheet or frame; a kind without pages is one page."""

    page: int
    char_count: int
    source: TextSource | None
    name: str | None = None
    """A sheet's name."""
    width_px: int | None = None
    height_px: int | None = None


class Metadata(Part, frozen=True, kw_only=True):
    """What the document says about itself; nothing of it is checked."""

    title: str | None = None
    author: str | None = None
    producer: str | None = None
    created_at: Timestamp | None = None
    modified_at: Timestamp | None = None
    page_count: int | None = None
    """Null for kinds without pages."""
    language: str | None = None
    """The language the document declares."""


class Embedded(Part, frozen=True, kw_only=True):
    """A file inside the document."""

    name: str
    media_type: str
    """Found by content."""
    size_bytes: int
    role: Literal["factur-x", "attachment"]


class Evidence(Part, frozen=True, kw_only=True):
    """Where a field's value was found."""

    page: int | None = None
    bbox_pt: tuple[float, float, float, float] | None = None
    text: str | None = None


class Field(Part, frozen=True, kw_only=True):
    """One value of an invoice, and how sure it is."""

    value: str
    """Dates as YYYY-MM-DD, amounts as decimal strings with a point."""
    confidence: float
    source: Literal["xml"]
    evidence: Evidence | None = None
    ambiguous: bool = False


class Fields(Part, frozen=True, kw_only=True):
    """The fields of a business document; null = not found."""

    document_kind: Field | None = None
    """``invoice`` or ``credit_note``."""
    invoice_number: Field | None = None
    issue_date: Field | None = None
    due_date: Field | None = None
    issuer: Field | None = None
    recipient: Field | None = None
    net_total: Field | None = None
    tax_total: Field | None = None
    total: Field | None = None
    amount_due: Field | None = None
    currency: Field | None = None
    """ISO 4217; that of all amounts here."""
    iban: Field | None = None
    bic: Field | None = None
    vat_id: Field | None = None
    """The issuer's."""
    payment_reference: Field | None = None


class ExtractionResult(Result, frozen=True, kw_only=True):
    """The result of ``DATA_EXTRACTION``."""

    text: Text
    pages: tuple[Page, ...]
    metadata: Metadata
    language: str | None
    """ISO 639-1; null when there is too little text to tell."""
    fields: Fields
    embedded: tuple[Embedded, ...]
