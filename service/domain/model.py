"""Jobs, tasks and their states as frozen values.

Durations are seconds, times are aware UTC; predicted cost is whole milliseconds, so
that sums and shares of it are exact.
"""

from datetime import datetime
from enum import StrEnum
from typing import NewType

import msgspec

from service.domain.options import ProcessingOptions

JobId = NewType("JobId", str)
TaskId = NewType("TaskId", str)
DocumentId = NewType("DocumentId", str)
Owner = NewType("Owner", str)

LOCAL_OWNER = Owner("local")
"""Whom everything belongs to until access control gives users names."""


class TaskStatus(StrEnum):
    """Where one document of a job stands. Final states absorb."""

    PENDING = "PENDING"
    """Waits to be released. Entered at submission, or when handed back unrun."""
    QUEUED = "QUEUED"
    """Released: a message with the task's generation is at the broker."""
    PROCESSING = "PROCESSING"
    """A worker said it started this generation."""
    RETRYING = "RETRYING"
    """An attempt failed; waits for its timer, then is released again."""
    COMPLETED = "COMPLETED"
    """Ended with a result."""
    FAILED = "FAILED"
    """Ended with a named reason."""
    TIMEOUT = "TIMEOUT"
    """Ended by its own or the job's time limit."""
    CANCELLED = "CANCELLED"
    """Ended by a cancel command."""


class JobStatus(StrEnum):
    """Where a job stands. Final states absorb."""

    PENDING = "PENDING"
    """Accepted; not everything is planned, or nothing was released yet."""
    PROCESSING = "PROCESSING"
    """Planned and released from."""
    PAUSED = "PAUSED"
    """Nothing more is released until it is resumed."""
    COMPLETED = "COMPLETED"
    """Ended with at least one success."""
    FAILED = "FAILED"
    """Ended without a success."""
    TIMEOUT = "TIMEOUT"
    """A task of it ended by the job's deadline."""
    CANCELLED = "CANCELLED"
    """A cancel was accepted before the last task ended."""


class TaskKind(StrEnum):
    """What a task does; planning and finishing are fenced and retried alike."""

    PLAN = "plan"
    DOCUMENT = "document"
    FINISH = "finish"


class Outcome(StrEnum):
    """How well a COMPLETED job ended."""

    SUCCEEDED = "succeeded"
    PARTIAL = "partial"


FINAL_TASK = frozenset(
    {
        TaskStatus.COMPLETED,
        TaskStatus.FAILED,
        TaskStatus.TIMEOUT,
        TaskStatus.CANCELLED,
    }
)
OUT = frozenset({TaskStatus.QUEUED, TaskStatus.PROCESSING})
WAITING = frozenset({TaskStatus.PENDING, TaskStatus.RETRYING})
FINAL_JOB = frozenset(
    {JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.TIMEOUT, JobStatus.CANCELLED}
)


class Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the core's values: immutable, compared by content."""


class Failure(Value, frozen=True, kw_only=True):
    """Why a task ended, or its last attempt failed."""

    code: str
    """Stable, snake_case; the closed set is in ``service.errors``."""
    message: str
    """For people; holds no path, host name, document content or traceback."""
    retryable: bool = False


class StepTiming(Value, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """How long one step of a document took.

    It travels in messages, whose readers ignore fields they do not know.
    """

    name: str
    milliseconds: int


class JobOptions(Value, frozen=True, kw_only=True):
    """What the submitter chose; ranges and defaults are checked at the gateway."""

    max_concurrent: int = 5
    timeout_s: float = 300.0
    document_timeout_s: float = 30.0
    retry_attempts: int = 2
    retry_delay_s: float = 2.0
    processing: ProcessingOptions = ProcessingOptions()


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

    @property
    def total(self) -> int:
        """All documents of the job."""
        # Spelled out, as below: asked a dozen times a document.
        waiting, out = self.pending + self.retrying, self.queued + self.processing
        done = self.completed + self.failed + self.timeout + self.cancelled
        return waiting + out + done

    @property
    def waiting(self) -> int:
        """Documents that no message is out for."""
        return self.pending + self.retrying

    @property
    def out(self) -> int:
        """Documents released and not final."""
        return self.queued + self.processing

    @property
    def done(self) -> int:
        """Documents in a final status."""
        return self.completed + self.failed + self.timeout + self.cancelled

    def moved(self, before: TaskStatus, after: TaskStatus) -> "Counts":
        """Give the counts after a document went from `before` to `after`."""
        if before is after:
            return self
        take, give = before.value.lower(), after.value.lower()
        changed = {take: getattr(self, take) - 1, give: getattr(self, give) + 1}
        return msgspec.structs.replace(self, **changed)


class Job(Value, frozen=True, kw_only=True):
    """The header of one accepted batch: everything the fold needs but its tasks."""

    id: JobId
    owner: Owner
    type: str
    status: JobStatus = JobStatus.PENDING
    priority: str = "normal"
    options: JobOptions = JobOptions()
    counts: Counts
    planned_parts: tuple[int, ...] = ()
    """Numbers of the plan's parts that are folded, while not all are."""
    planned: bool = False
    has_finish: bool = False
    """The job type asks for ``finish_batch`` after the last document."""
    cost_total_ms: int = 0
    cost_done_ms: int = 0
    progress: int = 0
    """Percent, never falling."""
    observed_count: int = 0
    """Documents that completed with a measured duration; with the sums below the
    job's own evidence for its ETA."""
    observed_cost_ms: int = 0
    observed_ms: int = 0
    observed_square_ms2: int = 0
    expected_end: datetime | None = None
    """Median estimate of the end."""
    expected_end_p90: datetime | None = None
    """The end will be before this in nine of ten cases."""
    bound_at_half: datetime | None = None
    """`expected_end_p90` as it was when half the work was done, to judge it by."""
    cancel_requested: bool = False
    deadline_hit: bool = False
    """A task ended by the job's deadline."""
    plan_failed: bool = False
    """Planning failed for good: waiting documents end as ``plan_failed``."""
    finish_done: bool = False
    """The finishing task is final."""
    batch_error: Failure | None = None
    """Why finishing failed, when it did."""
    never_started: int = 0
    """Documents that a cancel ended before they were released or tried again, or the
    deadline before they were released."""
    created_at: datetime
    started_at: datetime | None = None
    deadline: datetime | None = None
    """Set at the first release; moved while no worker is live."""
    finished_at: datetime | None = None
    outcome: Outcome | None = None
    error: Failure | None = None
    last_seq: int = 1
    """Sequence number of the newest logged event; ``batch.created`` is 1."""
    version: int = 0
    """One higher with every commit that touched the job."""

    @property
    def final(self) -> bool:
        """Whether the job has ended."""
        return self.status in FINAL_JOB


class Task(Value, frozen=True, kw_only=True):
    """One document within one job (or its planning or finishing)."""

    id: TaskId
    job_id: JobId
    owner: Owner
    kind: TaskKind = TaskKind.DOCUMENT
    index: int = 0
    """Position in the job, from 0; fifo order."""
    document_id: DocumentId | None = None
    status: TaskStatus = TaskStatus.PENDING
    generation: int = 0
    """Fencing number, one higher each time the task is released."""
    attempts: int = 0
    """Attempts that failed or succeeded; a restart or hand-back uses none."""
    interruptions: int = 0
    """Restarts of the service that hit this task while it was out."""
    cost_ms: int = 1
    """Predicted work, at least 1."""
    step: str | None = None
    fraction: float = 0.0
    """Share of this attempt done, 0-1, as reported between steps."""
    worker_id: str | None = None
    waiting_reason: str | None = None
    not_before: datetime | None = None
    """Retry timer or snooze: not released before this."""
    queued_at: datetime | None = None
    """When this generation was released."""
    sent_at: datetime | None = None
    """When the broker confirmed this generation's message; null = still to send."""
    started_at: datetime | None = None
    heard_at: datetime | None = None
    """Last event or worker heartbeat naming this generation."""
    finished_at: datetime | None = None
    processing_ms: int | None = None
    steps: tuple[StepTiming, ...] = ()
    failure: Failure | None = None
    returns: int = 0
    """How often it came back without having been started."""
    queue: str | None = None
    """Where a worker handed it on to, for this and all later releases; None = where
    every document begins, and again once it is final."""

    @property
    def final(self) -> bool:
        """Whether the task has ended."""
        return self.status in FINAL_TASK
