"""Every message that travels: commands to actors, events to the aggregator, notices.

Evolution: add fields with defaults; never rename, retype or reuse a tag. Readers ignore
unknown fields, so a consumer may be older than a producer. Each type has a recorded
example under ``tests/golden``.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

import msgspec

from service.domain.model import (
    DocumentId,
    JobId,
    Owner,
    StepTiming,
    TaskId,
)
from service.domain.options import ProcessingOptions

JSON_NULL = msgspec.Raw(b"null")
PLAN_LIMIT_S = 60.0
"""Time limit of planning one job."""


class Message(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What every message carries."""

    message_id: str
    owner: Owner
    occurred_at: datetime


class TaskMessage(Message, frozen=True, kw_only=True):
    """A message about one generation of one task."""

    job_id: JobId
    task_id: TaskId
    generation: int
    attempt: int = 1
    """The try this generation is, from 1."""


# Commands: what the aggregator (for start_batch also the gateway) asks an actor to do.


class StartBatch(TaskMessage, frozen=True, kw_only=True, tag="start_batch"):
    """Plan a job: expand its sources and predict each document's cost."""

    queue: ClassVar[str] = "batches"
    job_type: str
    time_limit_s: float
    expires_at: datetime | None = None


class ProcessDocument(TaskMessage, frozen=True, kw_only=True, tag="process_document"):
    """Process one stored document."""

    queue: ClassVar[str] = "documents"
    job_type: str
    document_id: DocumentId
    name: str
    blob_key: str
    size_bytes: int
    sha256: str
    declared_media_type: str | None = None
    processing: ProcessingOptions = ProcessingOptions()
    """What the submitter chose."""
    time_limit_s: float
    expires_at: datetime | None = None
    """After this the message is dropped unrun; the aggregator releases it anew."""


class ProcessScan(ProcessDocument, frozen=True, kw_only=True, tag="process_scan"):
    """Process one stored document whose text has to be recognised in its pictures."""

    queue: ClassVar[str] = "documents.ocr"


class FinishBatch(TaskMessage, frozen=True, kw_only=True, tag="finish_batch"):
    """Do the cross-document part of a job whose documents are all final."""

    queue: ClassVar[str] = "batches"
    job_type: str
    time_limit_s: float
    expires_at: datetime | None = None


Command = StartBatch | ProcessDocument | ProcessScan | FinishBatch


# Events: facts for the aggregator, past tense.


class TaskStarted(TaskMessage, frozen=True, kw_only=True, tag="task.started"):
    """A worker began this generation."""

    worker_id: str


class TaskProgressed(TaskMessage, frozen=True, kw_only=True, tag="task.progressed"):
    """A step of the document was reached; may be lost."""

    step: str
    fraction: float
    """Share of the whole document done, 0-1."""
    page: int | None = None
    pages: int | None = None
    message: str | None = None
    """What the step said just now."""


class AddedDocument(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A file inside a document, stored to become a document of the same job."""

    document_id: DocumentId
    name: str
    blob_key: str
    size_bytes: int
    sha256: str
    media_type: str
    """As sniffed from the content by the worker."""


class TaskCompleted(TaskMessage, frozen=True, kw_only=True, tag="task.completed"):
    """A task ended with a result: inline up to 32 KB, else at `result_key`."""

    worker_id: str
    processing_s: float
    steps: tuple[StepTiming, ...] = ()
    media_type: str | None = None
    result: msgspec.Raw = JSON_NULL
    """The result as JSON; ``null`` when it is at `result_key`."""
    result_key: str | None = None
    """Blob key of a result over 32 KB."""
    result_bytes: int = 0
    outputs_key: str | None = None
    """What the keys of all that was stored for it begin with; None without any."""
    added: tuple[AddedDocument, ...] = ()
    """What was inside the document, in order."""


class TaskFailed(TaskMessage, frozen=True, kw_only=True, tag="task.failed"):
    """An attempt ended without a result; the aggregator decides what follows."""

    worker_id: str
    code: str
    message: str
    retryable: bool
    retry_after_s: float | None = None
    processing_s: float = 0.0
    steps: tuple[StepTiming, ...] = ()


class TaskReturned(TaskMessage, frozen=True, kw_only=True, tag="task.returned"):
    """A task was handed back and uses no attempt."""

    worker_id: str
    reason: str
    """`shutdown`, `redelivered`, `dead_lettered`, `upstream` or `ocr`; later also
    others."""
    until: datetime | None = None
    queue: str | None = None
    """Where it is to be released from now on; None = where it was."""


class BatchPlanned(TaskMessage, frozen=True, kw_only=True, tag="batch.planned"):
    """One part of a job's plan, at most 1 000 tasks."""

    part: int
    """From 0."""
    parts: int
    costs_ms: Mapping[TaskId, int]


class WorkerHeartbeat(Message, frozen=True, kw_only=True, tag="worker.heartbeat"):
    """A worker is alive; expires after 15 s, may be lost."""

    worker_id: str
    queue: str
    slots: int
    """Tasks it can run at once; 0 says good-bye."""
    busy: tuple[TaskId, ...] = ()


class CommandRequested(Message, frozen=True, kw_only=True, tag="command.requested"):
    """A command row was written: only wakes the aggregator, which reads the rows."""


TaskEvent = (
    TaskStarted
    | TaskProgressed
    | TaskCompleted
    | TaskFailed
    | TaskReturned
    | BatchPlanned
)
Event = TaskEvent | WorkerHeartbeat | CommandRequested


# The log and what gateways hear of it.


class LogEntry(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One row of a job's durable event log, as clients see it."""

    job_id: JobId
    seq: int
    """Per job, from 1, without gaps: the id on the job's stream."""
    type: str
    timestamp: datetime
    data: msgspec.Raw
    """The event's ``data`` object as JSON."""
    position: int | None = None
    """Log-wide, growing: the id on the owner's stream."""


class JobNotice(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What one commit did to one job: new log rows and conflatable progress."""

    job_id: JobId
    owner: Owner
    rows: tuple[LogEntry, ...] = ()
    progress: msgspec.Raw = JSON_NULL
    """The newest ``batch.progress`` data as JSON, or ``null``."""
    tasks: tuple[msgspec.Raw, ...] = ()
    """``task.progress`` data as JSON, one per document that moved."""
    final: bool = False


class AcceptedFacts(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Log rows of one commit, for anybody who binds a queue to hear of them."""

    owner: Owner
    rows: tuple[LogEntry, ...]


ENCODER = msgspec.json.Encoder()
EVENTS = msgspec.json.Decoder(Event)
COMMANDS = msgspec.json.Decoder(Command)


def command_from_builtins(value: Any) -> Command:
    """Read an actor's argument.

    Raises:
        msgspec.ValidationError: The value is no command of this version.
    """
    command: Command = msgspec.convert(value, Command)
    return command
