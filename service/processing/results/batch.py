"""The result of a whole ``BATCH_ANALYSIS``, across its documents."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from service.processing.results.common import SCHEMA_VERSION, Part, Timestamp


class BatchCounts(Part, frozen=True, kw_only=True):
    """Documents by what came of them."""

    total: int
    ok: int
    degraded: int
    failed: int
    cancelled: int


LeftOutReason = Literal[
    "no_total", "no_currency", "duplicate", "not_an_invoice", "result_missing"
]
"""The last: its result was stored and is gone, so it is in nothing of this."""


class LeftOut(Part, frozen=True, kw_only=True):
    """A document that is in no total, and why."""

    document_id: str
    reason: LeftOutReason


class CurrencyTotal(Part, frozen=True, kw_only=True):
    """The sums of the documents in one currency, as decimal strings."""

    currency: str
    documents: int
    net_total: str | None
    tax_total: str | None
    total: str


class NearDuplicate(Part, frozen=True, kw_only=True):
    """Two documents that say the same."""

    a: str
    b: str
    similarity: float
    basis: Literal["bytes", "text", "fields", "image"]


class DuplicateInvoice(Part, frozen=True, kw_only=True):
    """Documents with the same issuer and invoice number."""

    issuer: str
    invoice_number: str
    document_ids: tuple[str, ...]


class Outlier(Part, frozen=True, kw_only=True):
    """A value far from those of the other documents."""

    document_id: str
    field: str
    value: str
    median: str
    mad: float
    """Median absolute deviation of the logarithms."""
    robust_z: float
    threshold: float
    n: int
    """How many values were compared."""


class IssuerGroup(Part, frozen=True, kw_only=True):
    """The documents of one issuer."""

    issuer: str
    documents: int
    totals: tuple[CurrencyTotal, ...]


class NumberGap(Part, frozen=True, kw_only=True):
    """Invoice numbers that are missing between two that are there."""

    issuer: str
    after: str
    before: str
    missing: int


class DateRange(Part, frozen=True, kw_only=True):
    """Dates of issue, YYYY-MM-DD."""

    first: str | None = msgspec.field(name="from")
    last: str | None = msgspec.field(name="to")


class QualityOverview(Part, frozen=True, kw_only=True):
    """How good the documents are."""

    score_median: float | None
    score_min: int | None
    issue_counts: Mapping[str, int]
    """Documents with each issue."""


class BatchResult(Part, frozen=True, kw_only=True):
    """What is known across the documents of a job."""

    schema_version: int = SCHEMA_VERSION
    job_type: str
    job_id: str
    counts: BatchCounts
    totals: tuple[CurrencyTotal, ...]
    left_out: tuple[LeftOut, ...]
    near_duplicates: tuple[NearDuplicate, ...]
    duplicate_invoices: tuple[DuplicateInvoice, ...]
    outliers: tuple[Outlier, ...]
    outliers_skipped_reason: str | None
    groups: tuple[IssuerGroup, ...]
    number_gaps: tuple[NumberGap, ...]
    date_range: DateRange
    quality: QualityOverview
    limits_hit: tuple[str, ...] = ()
    """Lists that were cut off."""
    finished_at: Timestamp
