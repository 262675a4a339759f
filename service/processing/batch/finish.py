"""The cross-document part of ``BATCH_ANALYSIS``.

Reads the results one after the other and keeps about 1 KB of each. Runs in a batch
worker, which holds no document.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median
from typing import TypeVar

from service.processing.batch.duplicates import duplicate_invoices, find_duplicates
from service.processing.batch.finishing import FinishContext
from service.processing.batch.numbering import find_gaps
from service.processing.batch.outliers import find_outliers
from service.processing.batch.record import DocumentResult, Record, record_of
from service.processing.batch.sums import counted_and_left_out, groups, totals
from service.processing.results import (
    BatchCounts,
    BatchResult,
    DateRange,
    DuplicateInvoice,
    LeftOut,
    QualityOverview,
    timestamp,
)

T = TypeVar("T")

MOST_LISTED = 1_000
"""Entries of each list; ``limits_hit`` has the names of those that were cut off."""


def finish(context: FinishContext) -> BatchResult:
    """Compare the documents of a job with each other and add them up."""
    records, issues = _read(context)
    duplicates = find_duplicates(records)
    invoices = duplicate_invoices(records)
    again = duplicates.copies | _repeats(invoices)
    counted, left_out = counted_and_left_out(records, again)
    outliers, skipped = find_outliers(counted)
    limits = _Lists(duplicates.limits_hit)
    pairs = sorted(duplicates.pairs, key=lambda pair: -pair.similarity)
    dates = [record.issued for record in records if record.issued is not None]
    return BatchResult(
        job_type=context.job_type,
        job_id=context.job_id,
        counts=_counts(context, records),
        totals=totals(counted),
        left_out=limits.first("left_out", [*_missing(context), *left_out]),
        near_duplicates=limits.first("near_duplicates", pairs),
        duplicate_invoices=limits.first("duplicate_invoices", invoices),
        outliers=limits.first("outliers", outliers),
        outliers_skipped_reason=skipped,
        groups=limits.first(
            "groups", groups(records, {record.id for record in counted})
        ),
        number_gaps=limits.first("number_gaps", find_gaps(records)),
        date_range=DateRange(
            first=min(dates).isoformat() if dates else None,
            last=max(dates).isoformat() if dates else None,
        ),
        quality=_quality(records, issues),
        limits_hit=tuple(limits.hit),
        finished_at=timestamp(context.clock.now()),
    )


def _read(context: FinishContext) -> tuple[list[Record], Counter[str]]:
    records: list[Record] = []
    issues: Counter[str] = Counter()
    for document_id, result in context.results(DocumentResult):
        records.append(record_of(document_id, result))
        issues.update({issue.code for issue in result.quality.issues})
    return records, issues


def _missing(context: FinishContext) -> Iterator[LeftOut]:
    for document_id in context.missing:
        yield LeftOut(document_id=document_id, reason="result_missing")


class _Lists:
    """Cuts lists off and keeps the names of those that were."""

    def __init__(self, hit: Sequence[str]) -> None:
        self.hit = list(hit)

    def first(self, name: str, entries: Sequence[T]) -> tuple[T, ...]:
        """Give the first entries of a list."""
        if len(entries) > MOST_LISTED:
            self.hit.append(name)
        return tuple(entries[:MOST_LISTED])


def _repeats(invoices: Sequence[DuplicateInvoice]) -> set[str]:
    """Give the documents that are an invoice that another document is already."""
    return {
        document_id for invoice in invoices for document_id in invoice.document_ids[1:]
    }


def _counts(context: FinishContext, records: Sequence[Record]) -> BatchCounts:
    counts = context.counts
    degraded = sum(record.degraded for record in records)
    return BatchCounts(
        total=counts.total,
        ok=counts.completed - degraded,
        degraded=degraded,
        failed=counts.failed + counts.timeout,
        cancelled=counts.cancelled,
    )


def _quality(records: Sequence[Record], issues: Counter[str]) -> QualityOverview:
    scores = [record.score for record in records]
    return QualityOverview(
        score_median=float(median(scores)) if scores else None,
        score_min=min(scores, default=None),
        issue_counts=dict(issues.most_common()),
    )
