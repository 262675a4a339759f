"""The result of ``FULL_ANALYSIS``, and of each document of a ``BATCH_ANALYSIS``."""

from collections.abc import Mapping
from typing import Literal

from service.processing.results.common import Part, Severity, result_of
from service.processing.results.extraction import Extraction, Fields
from service.processing.results.quality import Quality

AnomalyCode = Literal[
    "TOTAL_MISMATCH",
    "LINE_SUM_MISMATCH",
    "TAX_RATE_UNUSUAL",
    "DUE_BEFORE_ISSUE",
    "DATE_IN_FUTURE",
    "INVALID_IBAN",
    "INVALID_VAT_ID",
    "IBAN_COUNTRY_DIFFERS",
    "XML_TEXT_MISMATCH",
    "QR_TEXT_MISMATCH",
    "HIDDEN_TEXT",
    "DUPLICATE_PAGE",
    "MIXED_CURRENCIES",
    "NEGATIVE_TOTAL",
    "MISSING_FIELD",
]


class Anomaly(Part, frozen=True, kw_only=True):
    """Something a careful reader would ask about."""

    code: AnomalyCode
    severity: Severity
    message: str
    evidence: Mapping[str, str | None] = {}
    """The values that disagree, by what they are."""


class Summary(Part, frozen=True, kw_only=True):
    """What the document says, in a few sentences."""

    text: str
    sentences: int
    method: Literal["extractive", "llm"]


class Candidate(Part, frozen=True, kw_only=True):
    """A kind of document and how well it fits, 0-1."""

    label: str
    score: float


class Classification(Part, frozen=True, kw_only=True):
    """Which kind of document it is."""

    label: str
    confidence: float
    candidates: tuple[Candidate, ...]
    """Best first, at most five."""
    method: Literal["rules", "llm"]


class Keyword(Part, frozen=True, kw_only=True):
    """A term that says what the document is about."""

    term: str
    score: float
    """0-1, the best is 1."""


class ModelUse(Part, frozen=True, kw_only=True):
    """Whether a language model took part, and what it cost."""

    used: bool
    model: str | None = None
    host: str | None = None
    latency_ms: int | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    fallback_reason: str | None = None
    """Why the offline analyser's answer stands instead."""


class ImageUse(Part, frozen=True, kw_only=True):
    """What was sent of a picture or a scan to a vision model."""

    original_bytes: int
    compressed_bytes: int
    """Of all its pages together."""
    width_px: int
    """Of the first of them."""
    height_px: int
    pages: tuple[int, ...] = ()
    """The pages that were shown."""
    url_ttl_s: int | None
    """How long its temporary URL was good for; null = sent as a data URL."""
    deleted: bool
    description: str | None = None
    """What the model saw."""
    text: str | None = None
    fields: Fields | None = None


class Embedding(Part, frozen=True, kw_only=True):
    """A passage as a vector."""

    chunk: int
    """Index of the passage."""
    vector: tuple[float, ...]


class Embeddings(Part, frozen=True, kw_only=True):
    """The passages as vectors of one model."""

    model: str
    dimensions: int
    vectors: tuple[Embedding, ...]


class Analysis(Part, frozen=True, kw_only=True):
    """Quality, extraction and what follows from both."""

    quality: Quality
    extraction: Extraction
    anomalies: tuple[Anomaly, ...]
    summary: Summary | None
    """Null when there is no text to sum up."""
    classification: Classification | None
    keywords: tuple[Keyword, ...]
    llm: ModelUse
    image: ImageUse | None = None
    embeddings: Embeddings | None = None


AnalysisResult = result_of("AnalysisResult", Analysis)
"""The result of ``FULL_ANALYSIS``."""


class Fingerprint(Part, frozen=True, kw_only=True):
    """By what a document is compared with the others of its batch."""

    sha256: str
    minhash: str | None
    """128 permutations over shingles of 5 words, base64; null = too little text."""
    shingles: int
    page_hashes: tuple[str, ...] = ()
    """256 bits each, hexadecimal, of the first pages of a scan or photograph."""
    kind: str | None = None
    """By the rules alone: what a model calls it decides on no sum."""


class BatchDocument(Analysis, frozen=True, kw_only=True):
    """One document of a batch, and by what it is compared with the others."""

    fingerprint: Fingerprint


BatchDocumentResult = result_of("BatchDocumentResult", BatchDocument)
"""The result of one document of a ``BATCH_ANALYSIS``."""
