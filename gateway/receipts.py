"""What a cancel did, in sums and for each document."""

from collections.abc import Iterable

from msgspec import structs

from gateway.job_bodies import (
    CancelBody,
    FullReceiptBody,
    ReceiptBody,
    ReceiptDocument,
)
from service.domain import events
from service.domain.model import Job
from service.store.rows import TaskView


def cancel_body(job: Job) -> CancelBody:
    """Show what a cancel did so far."""
    return CancelBody(
        job_id=job.id,
        status=job.status,
        cancel_requested=True,
        receipt=receipt_body(job),
    )


def receipt_body(job: Job) -> ReceiptBody:
    """Show the receipt of an accepted cancel."""
    receipt = events.receipt(job)
    return ReceiptBody(
        never_started=receipt["neverStarted"],
        finishing=receipt["finishing"],
        finished=receipt["finished"],
        killed=receipt["killed"],
    )


def full_receipt_body(
    job: Job, first: Iterable[TaskView], *, tasks: str
) -> FullReceiptBody:
    """Show the receipt with what became of the `first` documents.

    Args:
        job: Cancelled, or being cancelled.
        first: Those documents.
        tasks: Where the others are.
    """
    return FullReceiptBody(
        **structs.asdict(receipt_body(job)),
        documents=tuple(
            ReceiptDocument(
                document_id=str(each.task.document_id), how=events.how(each.task)
            )
            for each in first
        ),
        tasks=tasks,
    )
