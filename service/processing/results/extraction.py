"""The result of ``DATA_EXTRACTION``."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from service.processing.results.common import Box, Part, Timestamp, result_of

TextSource = Literal["text_layer", "ocr", "mixed"]
"""How text was got; null where there is none."""
FieldSource = Literal["xml", "qr", "text", "ocr", "model"]
"""Whence a value, in the order of trust."""
EntityType = Literal[
    "date",
    "money",
    "iban",
    "bic",
    "isin",
    "lei",
    "vat_id",
    "invoice_number",
    "order_number",
    "email",
    "phone",
    "url",
    "percentage",
]


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
    width_pt: float | None = None
    height_pt: float | None = None
    preview_url: str | None = None
    """The page as PNG, where it was rendered."""


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


class Table(Part, frozen=True, kw_only=True):
    """A table; every row has `column_count` cells, an empty one is empty text."""

    page: int
    bbox_pt: Box | None = None
    header: tuple[str, ...]
    """Empty when no row is known to be one."""
    rows: tuple[tuple[str, ...], ...]
    """Without the header."""
    row_count: int
    """Of the document's table; more than `rows` when a limit cut it off."""
    column_count: int
    method: Literal["lines", "text", "native", "ocr"]
    confidence: float


class Chunk(Part, frozen=True, kw_only=True):
    """A passage for search: whole sentences or rows, neighbours do not overlap."""

    index: int
    """From 0."""
    page: int
    """Where it begins."""
    char_start: int
    """Place in the full text, in characters (Unicode code points)."""
    char_end: int
    heading: str | None = None
    """The heading it stands under."""
    text: str


class Markdown(Part, frozen=True, kw_only=True):
    """The document as Markdown: its beginning, the whole under `object_key`."""

    char_count: int
    preview: str
    """At most 2 000 characters."""
    object_key: str | None = None
    """Null when the preview is all of it."""


class Money(Part, frozen=True, kw_only=True):
    """An amount as a decimal string with a point, and its ISO 4217 currency."""

    amount: str
    currency: str | None = None


class Entity(Part, frozen=True, kw_only=True):
    """Something named in the text."""

    type: EntityType
    raw: str
    """As it stands there."""
    value: str | Money
    """Normalised: dates YYYY-MM-DD, codes without spaces in upper case."""
    valid: bool | None = None
    """Whether its checksum or calendar holds; null where there is none."""
    reason: str | None = None
    """Why it is not valid."""
    ambiguous: bool = False
    """A date whose day and month, an amount whose point cannot be told apart."""
    page: int | None = None
    bbox_pt: Box | None = None
    char_start: int | None = None
    char_end: int | None = None
    confidence: float
    source: FieldSource


class Code(Part, frozen=True, kw_only=True):
    """A bar code or QR code on a page."""

    format: str
    text: str
    kind: Literal["swiss_qr", "epc", "other"]
    page: int
    bbox_pt: Box | None = None


class Embedded(Part, frozen=True, kw_only=True):
    """A file inside the document."""

    name: str
    media_type: str
    """Found by content."""
    size_bytes: int
    role: Literal["factur-x", "attachment"]
    document_id: str | None = None
    """The document of this job it became, with ``expandAttachments``."""


class Evidence(Part, frozen=True, kw_only=True):
    """Where a field's value was found."""

    page: int | None = None
    bbox_pt: Box | None = None
    text: str | None = None


class Field(Part, frozen=True, kw_only=True):
    """One value of an invoice, and how sure it is."""

    value: str
    """Dates as YYYY-MM-DD, amounts as decimal strings with a point."""
    confidence: float
    source: FieldSource
    evidence: Evidence | None = None
    ambiguous: bool = False


class Fields(Part, frozen=True, kw_only=True):
    """The fields of a business document; null = not found."""

    document_kind: Field | None = None
    """``invoice``, ``credit_note``, ``receipt``, ``reminder``, ``quote``, ``order``,
    ``delivery_note`` or ``statement``."""
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


FIELD_NAMES: Mapping[str, str] = {
    each.name: each.encode_name for each in msgspec.structs.fields(Fields)
}
"""What each of `Fields` is called on the wire."""


class Extraction(Part, frozen=True, kw_only=True):
    """What was read from a document."""

    text: Text
    markdown: Markdown | None = None
    pages: tuple[Page, ...]
    metadata: Metadata
    language: str | None
    """ISO 639-1; null when there is too little text to tell."""
    tables: tuple[Table, ...] = ()
    chunks: tuple[Chunk, ...] = ()
    entities: tuple[Entity, ...] = ()
    fields: Fields
    codes: tuple[Code, ...] = ()
    embedded: tuple[Embedded, ...]


ExtractionResult = result_of("ExtractionResult", Extraction)
"""The result of ``DATA_EXTRACTION``."""
