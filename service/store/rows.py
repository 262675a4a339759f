"""What goes into the store and comes out of it, beside the core's own values."""

from collections.abc import Mapping
from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from service.domain.model import (
    DocumentId,
    Job,
    JobId,
    Owner,
    Task,
    TaskId,
    TaskStatus,
)
from service.messages import JSON_NULL, LogEntry

T = TypeVar("T")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Base of stored values."""


class Document(Row, frozen=True, kw_only=True):
    """A stored file."""

    id: DocumentId
    owner: Owner
    name: str
    blob_key: str
    size_bytes: int
    sha256: str
    media_type: str
    """As sniffed from the content at upload."""
    declared_media_type: str | None = None
    created_at: datetime


class DeletedDocument(Row, frozen=True, kw_only=True):
    """What is to be removed of a document whose row is gone."""

    blob_key: str
    folders: tuple[str, ...]
    """Where its tasks stored; results of jobs in them stay, pictures of pages go."""


class NewJob(Row, frozen=True, kw_only=True):
    """A job as submitted, to be written in one transaction."""

    job: Job
    """With counts, `last_seq` 1 and `version` 0."""
    document_ids: tuple[DocumentId, ...]
    name: str | None = None
    labels: Mapping[str, str] = {}
    retry_of: JobId | None = None
    idempotency_key: str | None = None
    request_hash: str = ""
    """Of the request's body: the same key with another body is a conflict."""
    created_event: msgspec.Raw
    """Data of ``batch.created`` as JSON."""


class CreatedJob(Row, frozen=True, kw_only=True):
    """What came of writing a `NewJob`."""

    job_id: JobId
    replayed: bool
    """An earlier request with the same idempotency key made it."""


class JobView(Row, frozen=True, kw_only=True):
    """A job with what clients see beside the core's header."""

    job: Job
    name: str | None
    labels: Mapping[str, str]
    retry_of: JobId | None


class TaskView(Row, frozen=True, kw_only=True):
    """A document task with what clients see beside the core's value."""

    task: Task
    document_name: str
    result: msgspec.Raw = JSON_NULL
    """JSON of a result up to 32 KB, else ``null``."""
    result_key: str | None = None
    result_bytes: int = 0
    outputs_key: str | None = None
    """What the keys of all that was stored for it begin with; None without any."""


class WaitingTask(Row, frozen=True, kw_only=True):
    """A task that could be released, with the document its message names."""

    task: Task
    document: Document | None
    """None for planning and finishing."""


class TaskWrite(Row, frozen=True, kw_only=True):
    """One guarded change of a task."""

    before_status: TaskStatus
    before_generation: int
    task: Task
    """As it shall be."""
    result: msgspec.Raw = JSON_NULL
    result_key: str | None = None
    result_bytes: int = 0
    outputs_key: str | None = None


class AddedTask(Row, frozen=True, kw_only=True):
    """A document that joins a job at work, with its task."""

    task: Task
    """As it begins: waiting, never released."""
    document: Document


class DurationStats(Row, frozen=True, kw_only=True):
    """Observed durations of one kind of document."""

    job_type: str
    media_type: str
    size_class: int
    """Bit length of the size in KiB."""
    samples: int
    mean_ms: float
    variance_ms2: float


class Changes(Row, frozen=True, kw_only=True):
    """Everything one commit of the aggregator writes."""

    jobs: tuple[Job, ...] = ()
    """As they shall be; guarded by `version` - 1."""
    added: tuple[AddedTask, ...] = ()
    """Written before `tasks`, which may already change them."""
    tasks: tuple[TaskWrite, ...] = ()
    costs_ms: Mapping[TaskId, int] = {}
    log: tuple[LogEntry, ...] = ()
    """With positions."""
    created_positions: Mapping[JobId, int] = {}
    """Log-wide position of the job's ``batch.created`` row, set at its first fold."""
    sent: tuple[tuple[TaskId, int], ...] = ()
    """(task, generation) whose message the broker confirmed."""
    sent_at: datetime | None = None
    durations: tuple[DurationStats, ...] = ()
    commands_done: Mapping[int, msgspec.Raw] = {}
    """Command id to its outcome as JSON."""


class CommandRow(Row, frozen=True, kw_only=True):
    """A request to change a job, waiting for the aggregator."""

    id: int
    owner: Owner
    job_id: JobId
    kind: str
    """`cancel`; more kinds come with more commands."""
    created_at: datetime


class Lease(Row, frozen=True, kw_only=True):
    """Leadership of the aggregator."""

    epoch: int
    previous_heartbeat: datetime | None
    """When the leader before this one was last known to live."""


class Page(Row, Generic[T], frozen=True, kw_only=True):
    """One page of a list."""

    items: tuple[T, ...]
    next_token: str = ""
    """Opaque; empty after the last page."""


class StoredResult(Row, frozen=True, kw_only=True):
    """Where the result of a task that ended well is."""

    document_id: DocumentId | None
    """None for the result across the documents of a job."""
    result: msgspec.Raw = JSON_NULL
    """JSON of a result up to 32 KB, else ``null``."""
    result_key: str | None = None
    result_bytes: int = 0
    """Size of it, wherever it is."""


class PlanningRow(Row, frozen=True, kw_only=True):
    """What planning knows of one document without opening it."""

    task_id: TaskId
    size_bytes: int
    media_type: str
