"""Everything one commit changes about one job, gathered before it is written.

Pure: a draft takes values and the time, and gives values back. Counts, cost and
progress follow from the task changes themselves, so the books cannot disagree with
the rows.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import structs

from service.domain import events, job_end, progress
from service.domain.estimates import Durations, Kind
from service.domain.model import (
    Job,
    JobId,
    JobStatus,
    Task,
    TaskId,
    TaskKind,
    TaskStatus,
)
from service.domain.transitions import JOB_TRANSITIONS, TASK_TRANSITIONS
from service.messages import JSON_NULL, AddedDocument

MAX_DOCUMENTS = 10_000
"""Most documents of a job, unless the settings say otherwise."""


class TaskChange(msgspec.Struct, frozen=True, kw_only=True):
    """One task before and after a commit, with its result if it got one."""

    before: Task
    after: Task
    added: AddedDocument | None = None
    """What the task is about when it is new: `before` is then as it began."""
    result: msgspec.Raw = JSON_NULL
    result_key: str | None = None
    outputs_key: str | None = None
    result_bytes: int = 0


class Logged(msgspec.Struct, frozen=True, kw_only=True):
    """An accepted fact on its way into the job's log."""

    seq: int
    type: str
    data: dict[str, Any]


class Draft:
    """The changes of one commit to one job.

    Attributes:
        job: The job as it shall be.
        changes: Task changes by id, first state to last.
        log: New log entries in order.
        costs_ms: Newly predicted costs by task.
        moved: ``task.progress`` data of documents whose step or fraction moved.
        ignored: Why events changed nothing, one reason each.
        refused: Attachments for which the job had no place.
        inside_bytes: What is inside submitted documents, at any depth, by their tasks;
            to be filled before an end that adds to it is folded.
    """

    def __init__(
        self,
        job: Job,
        now: datetime,
        *,
        clock: datetime | None = None,
        max_documents: int = MAX_DOCUMENTS,
        observed: Mapping[Kind, Durations] = {},
    ) -> None:
        """Begin a draft.

        Args:
            job: As last committed.
            now: Time of the commit.
            clock: Time of the jobs' clocks if it is not `now`: they stand while no
                worker is live.
            max_documents: Most documents the job may have.
            observed: How long documents take, to predict those that are added.
        """
        self.clock = clock or now
        self.max_documents = max_documents
        self.observed = observed
        self.before = job
        self.job = job
        self.now = now
        self.changes: dict[TaskId, TaskChange] = {}
        self.log: list[Logged] = []
        self.costs_ms: dict[TaskId, int] = {}
        self.moved: dict[TaskId, dict[str, Any]] = {}
        self.ignored: list[str] = []
        self.refused: list[AddedDocument] = []
        self.inside_bytes: dict[TaskId, int] = {}

    @property
    def id(self) -> JobId:
        """The job's id."""
        return self.job.id

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.changes or self.log or self.job is not self.before)

    def current(self, task: Task) -> Task:
        """Give the task as this draft left it."""
        change = self.changes.get(task.id)
        return change.after if change else task

    def put(
        self,
        before: Task,
        after: Task,
        *,
        result: msgspec.Raw = JSON_NULL,
        result_key: str | None = None,
        outputs_key: str | None = None,
        result_bytes: int = 0,
    ) -> Task:
        """Record a task change and let the job's sums follow."""
        if after.status is not before.status:
            assert after.status in TASK_TRANSITIONS[before.status]
        earlier = self.changes.get(after.id)
        self.changes[after.id] = TaskChange(
            before=earlier.before if earlier else before,
            after=after,
            added=earlier.added if earlier else None,
            result=result,
            result_key=result_key,
            outputs_key=outputs_key,
            result_bytes=result_bytes,
        )
        if after.kind is TaskKind.DOCUMENT:
            done = progress.done_ms(after) - progress.done_ms(before)
            self.update(
                counts=self.job.counts.moved(before.status, after.status),
                cost_done_ms=self.job.cost_done_ms + done,
            )
        return after

    def put_new(self, task: Task, document: AddedDocument) -> None:
        """Record a document that joins the job, and let the job's sums follow."""
        self.changes[task.id] = TaskChange(before=task, after=task, added=document)
        counts = self.job.counts
        self.update(
            counts=structs.replace(counts, pending=counts.pending + 1),
            cost_total_ms=self.job.cost_total_ms + task.cost_ms,
        )

    def update(self, **fields: Any) -> None:
        """Change fields of the job's header."""
        self.job = structs.replace(self.job, **fields)

    def note(self, kind: str, data: dict[str, Any]) -> None:
        """Add a fact to the job's log under the next sequence number."""
        seq = self.job.last_seq + 1
        self.update(last_seq=seq)
        self.log.append(Logged(seq=seq, type=kind, data=data))

    def ending(self) -> tuple[TaskStatus, str] | None:
        """Say how waiting documents end, when the job will release nothing more."""
        if self.job.cancel_requested:
            return TaskStatus.CANCELLED, "cancelled"
        if self.job.plan_failed:
            return TaskStatus.FAILED, "plan_failed"
        deadline = self.job.deadline
        if deadline is not None and self.clock >= deadline:
            return TaskStatus.TIMEOUT, "job_timeout"
        return None

    def release(self, task: Task) -> Task:
        """Put a PENDING or RETRYING task out under its next generation."""
        if self.job.started_at is None and task.kind is TaskKind.DOCUMENT:
            self._start()
        if task.kind is TaskKind.PLAN:
            self.update(planned_parts=(), cost_total_ms=0)
        released = structs.replace(
            task,
            status=TaskStatus.QUEUED,
            generation=task.generation + 1,
            cost_ms=self.costs_ms.get(task.id, task.cost_ms),  # planned just now
            step=None,
            fraction=0.0,
            worker_id=None,
            waiting_reason=None,
            not_before=None,
            queued_at=self.now,
            sent_at=None,
            started_at=None,
            heard_at=None,
        )
        return self.put(task, released)

    def request_cancel(self) -> None:
        """Accept a cancel of a job that has not ended; then `end_waiting` is due."""
        if not self.job.final:
            self.update(cancel_requested=True)

    def delay_deadline(self, seconds: float) -> None:
        """Move the deadline by time in which no worker was live."""
        if self.job.deadline is not None:
            self.update(deadline=self.job.deadline + timedelta(seconds=seconds))

    def needs_finish(self) -> bool:
        """Say whether the finishing task is what the job still waits for."""
        return (
            self.job.has_finish
            and not self.job.finish_done
            and self.job.planned
            and self._all_done()
            and self.ending() is None
        )

    def settle(self) -> None:
        """Advance progress, and end the job when nothing of it is left to do."""
        if self.job.final:
            return
        percent = progress.advanced(self.job)
        if percent != self.job.progress:
            self.update(progress=percent)
        closed = self.job.planned or self.ending() is not None
        if self._all_done() and closed and not self.needs_finish():
            self._finish()

    def list_cancelled(self, first: Iterable[Task]) -> None:
        """Add what became of the `first` documents to the end of a cancelled job."""
        end = self.log[-1]
        known = (self.current(task) for task in first)
        receipt = end.data["receipt"] | {"documents": events.receipt_documents(known)}
        self.log[-1] = structs.replace(end, data=end.data | {"receipt": receipt})

    def _all_done(self) -> bool:
        return self.job.counts.done == self.job.counts.total

    def _start(self) -> None:
        assert JobStatus.PROCESSING in JOB_TRANSITIONS[self.job.status]
        self.update(
            status=JobStatus.PROCESSING,
            started_at=self.now,
            deadline=self.now + timedelta(seconds=self.job.options.timeout_s),
        )
        self.note("batch.started", events.batch_started(self.job))

    def _finish(self) -> None:
        end = job_end.ended(self.job, self.now)
        assert end.status in JOB_TRANSITIONS[self.job.status]
        self.job = end
        self.note(events.END_TYPES[end.status], events.batch_ended(end))
