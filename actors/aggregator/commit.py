"""One commit of the aggregator: what events, commands and timers change.

Lives inside one store transaction and leaves the private state alone; the shell writes
what it decided and takes it over after the commit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from actors.aggregator.state import State
from service.domain import estimates, events, taking_back, task_end
from service.domain.draft import MAX_DOCUMENTS, Draft
from service.domain.estimates import Durations, Kind
from service.domain.fold import fold_event
from service.domain.model import (
    WAITING,
    Job,
    JobId,
    JobStatus,
    Task,
    TaskId,
    TaskKind,
)
from service.domain.task_ids import finish_task_id, plan_task_id, root_task_id
from service.messages import Command, TaskCompleted, TaskEvent
from service.store import LeaderTransaction
from service.store.rows import CommandRow, Document

PAGE = 1_000
"""Waiting tasks ended at once when a job releases nothing more."""
FIRST = 100
"""Documents that the receipt of a cancel names."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Settings of the release policy and the sweep.

    Attributes:
        queue_ahead_s: Predicted work queued ahead of the workers, in seconds.
        most_ahead: Most tasks queued ahead.
        release_expiry_s: After this a message nobody took is void.
        kill_slack_s: Time past its limit after which a document is surely gone.
        retention_s: How long ended jobs and unused files are kept.
        upload_grace_s: How long files that no row names are kept.
        max_documents: Most documents of a job, its attachments among them.
    """

    queue_ahead_s: float = 0.1
    most_ahead: int = 1_000
    release_expiry_s: float = 600.0
    kill_slack_s: float = 2.0
    retention_s: float = 86_400.0
    upload_grace_s: float = 86_400.0
    max_documents: int = MAX_DOCUMENTS


class Commit:
    """The work of one transaction.

    Attributes:
        now: Time of the commit.
        job_clock: Time of the jobs' clocks, which stand while no worker is live.
        drafts: Changes by job.
        documents: Documents of the tasks released here.
        adopted: Tasks sent again, unchanged.
        outgoing: Messages to send once it is committed.
        commands_done: Outcomes of the commands carried out here.
        durations: Kinds of document observed here, as they shall be.
        last_turn: The job that was released from last.
        in_flight_limits: Most documents that may be out, by queue.
        ticked: The clock asked too, not only events.
    """

    def __init__(
        self,
        tx: LeaderTransaction,
        state: State,
        limits: Limits,
        *,
        now: datetime,
        job_clock: datetime,
    ) -> None:
        self.tx = tx
        self.state = state
        self.limits = limits
        self.now = now
        self.job_clock = job_clock
        self.drafts: dict[JobId, Draft] = {}
        self.documents: dict[TaskId, Document] = {}
        self.adopted: list[Task] = []
        self.outgoing: list[Command] = []
        self.commands_done: dict[int, msgspec.Raw] = {}
        self.durations: dict[Kind, Durations] = {}
        self.last_turn = state.last_turn
        self.in_flight_limits: dict[str, int] = {}
        self.ticked = False

    @property
    def changed(self) -> list[Draft]:
        """Drafts with something to write."""
        return [draft for draft in self.drafts.values() if draft.changed]

    def draft(self, job_id: JobId) -> Draft | None:
        """Give the job's draft, or None when there is no such job."""
        self.load([job_id])
        return self.drafts.get(job_id)

    def load(self, job_ids: Iterable[JobId]) -> None:
        """Begin drafts of jobs, from the private state or else from the store."""
        wanted = [i for i in dict.fromkeys(job_ids) if i not in self.drafts]
        missing = [i for i in wanted if i not in self.state.jobs]
        stored = self.tx.jobs(missing) if missing else {}
        for job_id in wanted:
            job = self.state.jobs.get(job_id) or stored.get(job_id)
            if job is not None:
                self.drafts[job_id] = Draft(
                    job,
                    self.now,
                    clock=self.job_clock,
                    max_documents=self.limits.max_documents,
                    observed=self.state.durations,
                )

    def tasks(self, task_ids: Iterable[TaskId]) -> dict[TaskId, Task]:
        """Give tasks as last committed."""
        out = self.state.out
        wanted = dict.fromkeys(task_ids)
        known = {i: out[i].task for i in wanted if i in out}
        missing = [i for i in wanted if i not in known]
        return known | (self.tx.tasks(missing) if missing else {})

    def inside_bytes(self, draft: Draft, task_id: TaskId) -> int:
        """Give how much is inside the submitted document that a task's is inside of."""
        root = root_task_id(task_id)
        if root == task_id:
            return 0
        if root not in draft.inside_bytes:
            draft.inside_bytes[root] = self.tx.inside_bytes(root)
        return draft.inside_bytes[root]

    def fold(self, batch: list[TaskEvent]) -> None:
        """Fold events of any jobs."""
        self.load(event.job_id for event in batch)
        known = self.tasks(event.task_id for event in batch)
        for event in batch:
            draft = self.drafts.get(event.job_id)
            if draft is None:
                continue
            if isinstance(event, TaskCompleted) and event.added:
                self.inside_bytes(draft, event.task_id)  # the fold adds to it
            ignored = len(draft.ignored)
            fold_event(draft, known.get(event.task_id), event)
            if isinstance(event, TaskCompleted) and len(draft.ignored) == ignored:
                self._observe(draft.job, event)

    def carry_out(self, commands: Iterable[CommandRow]) -> None:
        """Carry out commands; the outcome of a cancel is its receipt."""
        for command in commands:
            draft = self.draft(command.job_id)
            if draft is not None:
                draft.request_cancel()
                self._end_waiting(draft)
            receipt = events.receipt(draft.job) if draft else {}
            self.commands_done[command.id] = msgspec.Raw(msgspec.json.encode(receipt))

    def end_what_waits(self) -> None:
        """End documents taken back too often, and what waits in jobs at their end."""
        for draft in self.drafts.values():
            taking_back.give_up_exhausted(draft)
            self._end_waiting(draft)

    def settle(self) -> None:
        """Advance the progress of every changed job, and end what is done.

        Releasing comes after it: it moves no progress and ends no job.
        """
        for draft in self.changed:
            draft.settle()
            if draft.job.final and not draft.before.final:
                if draft.job.status is JobStatus.CANCELLED:
                    draft.list_cancelled(self._first_documents(draft))
                self._drop_control(draft)

    def expect_ends(self, slots: int) -> None:
        """Say of every changed job when it will end."""
        at_work = max(1, len(self.state.jobs))
        for draft in self.changed:
            draft.job = estimates.expected_end(
                draft.job,
                slots=max(1, slots // at_work),
                at_work=self.state.at_work(draft.id, self.now),
                now=self.now,
                due=self.state.last_timer(draft),
            )

    def _first_documents(self, draft: Draft) -> list[Task]:
        """Give the first documents of a job, those that joined it here too."""
        stored = self.tx.first_tasks(draft.id, limit=FIRST)
        joined = [each.before for each in draft.changes.values() if each.added]
        return [*stored, *joined][:FIRST]

    def _drop_control(self, draft: Draft) -> None:
        """End planning and finishing that a job did not wait for at its end."""
        job = draft.job
        open_ids = [] if job.planned else [plan_task_id(job.id)]
        if job.has_finish and not job.finish_done:
            open_ids.append(finish_task_id(job.id))
        for stored in self.tasks(open_ids).values():
            task = draft.current(stored)
            if not task.final:
                task_end.drop(draft, task)

    def _observe(self, job: Job, event: TaskCompleted) -> None:
        """Learn how long this kind of document takes."""
        entry = self.state.out.get(event.task_id)
        if entry is None or entry.document is None:
            return
        document = entry.document
        kind = (
            job.type,
            document.media_type,
            estimates.size_class(document.size_bytes),
        )
        known = self.durations.get(kind) or self.state.durations.get(kind)
        self.durations[kind] = (known or Durations()).with_sample(
            event.processing_s * 1000
        )

    def _end_waiting(self, draft: Draft) -> None:
        after = -1
        while draft.ending() is not None and draft.job.counts.waiting:
            page = self.tx.waiting_any(draft.id, after_index=after, limit=PAGE)
            # What this commit itself made wait is not among the stored pages yet.
            own = [
                change.after
                for change in draft.changes.values()
                if change.after.status in WAITING
                and change.after.kind is TaskKind.DOCUMENT
            ]
            task_end.end_waiting(draft, [*page, *own])
            if not page:
                return
            after = page[-1].index
