"""What the service answers, as frozen values; fields of a newer service are ignored.

Durations are milliseconds as on the wire, and say so; times are aware UTC.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import structs

FINAL_STATUSES = frozenset({"COMPLETED", "FAILED", "TIMEOUT", "CANCELLED"})
"""Statuses that a job or a document never leaves."""

FINAL_EVENTS = frozenset(
    {"batch.completed", "batch.failed", "batch.timeout", "batch.cancelled"}
)
"""Types of the event that ends a job, the last one of its stream."""


class Value(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of the answers."""


class UploadedDocument(Value, frozen=True, kw_only=True):
    """A file as the service stored it."""

    document_id: str
    name: str
    size_bytes: int
    sha256: str
    media_type: str
    created_at: datetime | None = None


class Failure(Value, frozen=True, kw_only=True):
    """Why a document, or its last attempt, failed."""

    code: str
    message: str = ""
    retryable: bool = False


class Counts(Value, frozen=True, kw_only=True):
    """How many of a job's documents are in each status."""

    pending: int = 0
    queued: int = 0
    processing: int = 0
    retrying: int = 0
    completed: int = 0
    failed: int = 0
    timeout: int = 0
    cancelled: int = 0


class Result(Value, frozen=True, kw_only=True):
    """What came of one document."""

    document_id: str
    success: bool = True
    data: Any = None
    """The result itself; None when it is large and at `data_url`."""
    data_url: str | None = None
    text_url: str | None = None
    """Where the whole text is, if this type of result has one."""
    processing_time_ms: float | None = msgspec.field(
        name="processingTime", default=None
    )
    timestamp: datetime | None = None


class DocumentFailure(Value, frozen=True, kw_only=True):
    """Why one document ended without a result."""

    document_id: str
    error: Failure
    attempts: int = 0
    timestamp: datetime | None = None


class BatchPart(Value, frozen=True, kw_only=True):
    """What is known across a job's documents."""

    data: Any = None
    """The result itself; None when it is large: `Client.batch_result` gives it."""
    data_url: str | None = None


class Job(Value, frozen=True, kw_only=True):
    """A job's status."""

    id: str
    status: str
    type: str = ""
    name: str | None = None
    labels: Mapping[str, str] = {}
    options: Mapping[str, Any] = {}
    processing: Mapping[str, Any] = {}
    """What is done to each document."""
    priority: str = ""
    outcome: str | None = None
    """`succeeded` or `partial` once the job is COMPLETED."""
    cancel_requested: bool = False
    progress: int = 0
    """Percent."""
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    deadline: datetime | None = None
    document_ids: tuple[str, ...] = ()
    """At most the first 100."""
    results: tuple[Result, ...] = ()
    """At most the first 100; `Client.results` gives all."""
    errors: tuple[DocumentFailure, ...] = ()
    """At most the first 100."""
    total_documents: int = 0
    processed_documents: int = 0
    """Documents that succeeded."""
    failed_documents: int = 0
    """Documents that ended without success."""
    counts: Counts = Counts()
    estimated_time_remaining_ms: float | None = msgspec.field(
        name="estimatedTimeRemaining", default=None
    )
    estimated_time_remaining_p90_ms: float | None = msgspec.field(
        name="estimatedTimeRemainingP90", default=None
    )
    error: Failure | None = None
    """Why the job failed, when it is not for its documents alone."""
    batch_error: Failure | None = None
    """Why its cross-document part failed."""
    batch: BatchPart | None = None
    """What came of its cross-document part, once there is something."""
    receipt: Mapping[str, Any] | None = None
    """What a cancel did, once one was asked for."""
    retry_of: str | None = None
    links: Mapping[str, str] = {}
    """Where the rest of `results`, `errors` and documents is."""
    version: int = 0

    @property
    def final(self) -> bool:
        """Whether the job has ended."""
        return self.status in FINAL_STATUSES

    @property
    def succeeded(self) -> bool:
        """Whether the job has ended and every document of it succeeded."""
        return self.status == "COMPLETED" and not self.failed_documents

    @property
    def done_documents(self) -> int:
        """Documents that have ended."""
        return self.processed_documents + self.failed_documents


class StepTime(Value, frozen=True, kw_only=True):
    """How long one step of a document took."""

    name: str
    milliseconds: float


class Waiting(Value, frozen=True, kw_only=True):
    """Why a document is not at work."""

    reason: str
    until: datetime | None = None


class Lease(Value, frozen=True, kw_only=True):
    """The release a document is out under."""

    generation: int
    heard_at: datetime | None = None
    """When its worker was last heard of."""


class Task(Value, frozen=True, kw_only=True):
    """One document of a job."""

    document_id: str
    name: str = ""
    status: str
    step: str | None = None
    progress: int = 0
    """Percent of the present attempt."""
    attempts: int = 0
    lease: Lease | None = None
    worker_id: str | None = None
    queue_position: int | None = None
    waiting: Waiting | None = None
    queued_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    steps: tuple[StepTime, ...] = ()
    error: Failure | None = None

    @property
    def final(self) -> bool:
        """Whether the document has ended."""
        return self.status in FINAL_STATUSES

    @property
    def duration_s(self) -> float | None:
        """Seconds from the start of the last attempt to its end, once both are."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()


class Cancellation(Value, frozen=True, kw_only=True):
    """What a cancel did so far."""

    job_id: str
    status: str
    cancel_requested: bool = True
    receipt: Mapping[str, Any] = {}


class Progress(Value, frozen=True, kw_only=True):
    """How far a job is: the data of ``batch.progress``."""

    job_id: str
    progress: int
    """Percent."""
    total_documents: int
    processed_documents: int = 0
    failed_documents: int = 0
    completed: int = 0
    """Documents that have ended, however."""
    successful: int = 0
    failed: int = 0
    processing: int = 0
    pending: int = 0
    """Documents not at work and not ended."""
    estimated_time_remaining_ms: float | None = msgspec.field(
        name="estimatedTimeRemaining", default=None
    )

    def same_counts(self, other: "Progress | None") -> bool:
        """Whether nothing but the time that remains differs."""
        if other is None:
            return False
        left_ms = self.estimated_time_remaining_ms
        return self == structs.replace(other, estimated_time_remaining_ms=left_ms)


class Event(Value, frozen=True, kw_only=True):
    """Something that happened to a job."""

    type: str
    """`snapshot`, `batch.…` or `task.…`."""
    timestamp: datetime | None = None
    data: dict[str, Any] = {}
    id: int | None = None
    """Sequence number to resume after; None before the first numbered event."""

    @property
    def final(self) -> bool:
        """Whether nothing comes after this event."""
        if self.type == "snapshot":
            return self.data.get("status") in FINAL_STATUSES
        return self.type in FINAL_EVENTS

    def progress(self) -> Progress | None:
        """Give the counts that a ``batch.progress`` or ``snapshot`` carries."""
        if self.type == "batch.progress":
            return msgspec.convert(self.data, Progress)
        if self.type == "snapshot":
            return progress_of(msgspec.convert(self.data, Job))
        return None


def progress_of(job: Job) -> Progress:
    """Give the counts of a status as a progress event would."""
    counts = job.counts
    return Progress(
        job_id=job.id,
        progress=job.progress,
        total_documents=job.total_documents,
        processed_documents=job.processed_documents,
        failed_documents=job.failed_documents,
        completed=job.done_documents,
        successful=job.processed_documents,
        failed=job.failed_documents,
        processing=counts.processing,
        pending=counts.pending + counts.queued + counts.retrying,
        estimated_time_remaining_ms=job.estimated_time_remaining_ms,
    )
