"""What clients get about jobs, their documents and results."""

from collections.abc import Mapping

import msgspec
from msgspec import UNSET, UnsetType

from gateway.bodies import Body, Moment
from service.domain.events import How
from service.domain.model import JobStatus, Outcome, TaskStatus
from service.domain.options import Choice


class AcceptedJob(Body, frozen=True, kw_only=True):
    """A job that was accepted."""

    job_id: str
    status: JobStatus
    document_count: int
    type: str
    retry_of: str | UnsetType = UNSET
    """The job whose failures this one tries again."""


class ErrorBody(Body, frozen=True, kw_only=True):
    """Why something ended."""

    code: str
    message: str
    retryable: bool


class ResultBody(Body, frozen=True, kw_only=True):
    """What came of one document."""

    document_id: str
    success: bool
    data: msgspec.Raw
    """Null when it is over 32 KB: then it is at `data_url`."""
    data_url: str | None
    text_url: str
    """Where the document's whole text is, if this type of result has one."""
    processing_time: int | None
    """Milliseconds."""
    timestamp: Moment | None


class FailureBody(Body, frozen=True, kw_only=True):
    """Why one document has no result."""

    document_id: str
    error: ErrorBody
    attempts: int
    timestamp: Moment | None


class CountsBody(Body, frozen=True, kw_only=True):
    """Documents by status."""

    pending: int
    queued: int
    processing: int
    retrying: int
    completed: int
    failed: int
    timeout: int
    cancelled: int


class ReceiptBody(Body, frozen=True, kw_only=True):
    """What a cancel did, in documents."""

    never_started: int
    """Will not start, or not again: `neverStarted` and `notRetried` together."""
    finishing: int
    """At work when the cancel came, and still so."""
    finished: int
    """Ended by themselves, well or not."""
    killed: int


class ReceiptDocument(Body, frozen=True, kw_only=True):
    """What a cancel did to one document."""

    document_id: str
    how: How


class FullReceiptBody(ReceiptBody, frozen=True, kw_only=True):
    """What a cancel did, also to each of the first 100 documents."""

    documents: tuple[ReceiptDocument, ...]
    tasks: str
    """Where the others are."""


class OptionsBody(Body, frozen=True, kw_only=True):
    """How a job is carried out; durations in milliseconds."""

    max_concurrent: int
    timeout: int
    document_timeout: int
    retry_attempts: int
    retry_delay: int


class ProcessingBody(Body, frozen=True, kw_only=True):
    """What is done to each document."""

    ocr: Choice
    ocr_languages: tuple[str, ...]
    pages: str | None
    tables: bool
    expand_attachments: bool
    model: Choice


class JobSummary(Body, frozen=True, kw_only=True):
    """A job without its documents."""

    id: str
    name: str | None
    labels: Mapping[str, str]
    type: str
    options: OptionsBody
    processing: ProcessingBody
    priority: str
    retry_of: str | None
    status: JobStatus
    outcome: Outcome | None
    cancel_requested: bool
    receipt: ReceiptBody | None
    """Once a cancel was accepted."""
    error: ErrorBody | None
    """Why the job failed."""
    batch_error: ErrorBody | None
    """Why its cross-document part failed."""
    progress: int
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    deadline: Moment | None
    total_documents: int
    processed_documents: int
    """Successes."""
    failed_documents: int
    """Every other end."""
    counts: CountsBody
    estimated_time_remaining: int | None
    """Milliseconds, median."""
    estimated_time_remaining_p90: int | None
    version: int


class BatchBody(Body, frozen=True, kw_only=True):
    """What is known across a job's documents."""

    data: msgspec.Raw
    """Null when it is over 32 KB: then it is at `data_url`."""
    data_url: str | None


class JobLinks(Body, frozen=True, kw_only=True):
    """Where the rest is."""

    tasks: str
    results: str
    errors: str
    events: str


class JobBody(JobSummary, frozen=True, kw_only=True):
    """A job with the first 100 of its documents, results and errors."""

    document_ids: tuple[str, ...]
    results: tuple[ResultBody, ...]
    errors: tuple[FailureBody, ...]
    receipt: FullReceiptBody | None
    batch: BatchBody | None
    """Once there is one; null for types that do nothing across documents."""
    links: JobLinks


class WaitingBody(Body, frozen=True, kw_only=True):
    """Why a document is not at work."""

    reason: str
    """`not_planned`: the job is not planned yet. `max_concurrent`: as many of its job
    are at work as may be. `in_flight`: the workers have enough to do, or there is none.
    The others are in `service.domain.reasons`."""
    until: Moment | None


class LeaseBody(Body, frozen=True, kw_only=True):
    """The release a document is out under."""

    generation: int
    heard_at: Moment | None
    """When its worker was last heard of."""


class StepBody(Body, frozen=True, kw_only=True):
    """How long a step took."""

    name: str
    milliseconds: int


class TaskBody(Body, frozen=True, kw_only=True):
    """One document of a job."""

    document_id: str
    name: str
    status: TaskStatus
    step: str | None
    progress: int
    """Percent of the present attempt."""
    attempts: int
    lease: LeaseBody | None
    worker_id: str | None
    queue_position: int | None
    """Its place in the line of its job, from 1; null when it waits for something else
    than its turn, or not at all."""
    waiting: WaitingBody | None
    queued_at: Moment | None
    started_at: Moment | None
    finished_at: Moment | None
    steps: tuple[StepBody, ...]
    error: ErrorBody | None


class CancelBody(Body, frozen=True, kw_only=True):
    """What a cancel did so far."""

    job_id: str
    status: JobStatus
    cancel_requested: bool
    receipt: ReceiptBody
