"""What the leading aggregator keeps in memory: a cache of the store, and the living.

Bounded: headers of jobs that are not final, tasks that are out (at most the in-flight
limit), and workers. All but the workers is dropped after a failed commit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from service.domain import release
from service.domain.draft import Draft
from service.domain.estimates import AtWork, Durations, Kind
from service.domain.model import OUT, WAITING, Job, JobId, Task, TaskId
from service.messages import Event, ProcessDocument, WorkerHeartbeat
from service.store.rows import Document

HEARTBEAT_EXPIRY_S = 15.0
"""A worker unheard for this long no longer counts."""
SKEW_S = 5.0
"""By how much clocks of hosts may differ without a heartbeat seeming old."""


@dataclass(slots=True)
class Out:
    """A task that is out.

    Attributes:
        task: As last committed.
        document: What its message named; None for planning and finishing.
        heard_s: Monotonic time of the last sign of life.
    """

    task: Task
    document: Document | None
    heard_s: float


@dataclass(slots=True)
class LiveWorker:
    """A worker as its last heartbeat described it."""

    queue: str
    slots: int
    heard_s: float


@dataclass(slots=True)
class Workers:
    """Who is alive. No part of the store, so a reload keeps it."""

    by_id: dict[tuple[str, str], LiveWorker] = field(default_factory=dict)
    """By id and queue: one process may serve several."""

    def hear(
        self, events: Iterable[Event], state: "State", now: datetime, now_s: float
    ) -> bool:
        """Take in heartbeats; say whether the number of slots changed."""
        before = self.all_slots()
        for beat in events:
            if isinstance(beat, WorkerHeartbeat) and self.heard(beat, now, now_s):
                state.heard(beat.busy, now_s)
        self.expire(now_s)
        return self.all_slots() != before

    def heard(self, beat: WorkerHeartbeat, now: datetime, now_s: float) -> bool:
        """Take in a heartbeat, unless it is old news; say whether it was not.

        One without slots is a good-bye.
        """
        if (now - beat.occurred_at).total_seconds() > HEARTBEAT_EXPIRY_S + SKEW_S:
            return False
        key = beat.worker_id, beat.queue
        if beat.slots == 0:
            self.by_id.pop(key, None)
        else:
            self.by_id[key] = LiveWorker(
                queue=beat.queue, slots=beat.slots, heard_s=now_s
            )
        return True

    def expire(self, now_s: float) -> None:
        """Forget workers unheard for too long."""
        self.by_id = {
            key: worker
            for key, worker in self.by_id.items()
            if now_s - worker.heard_s < HEARTBEAT_EXPIRY_S
        }

    def slots(self, queue: str = ProcessDocument.queue) -> int:
        """Give how many tasks live workers of a queue can run at once."""
        return sum(w.slots for w in self.by_id.values() if w.queue == queue)

    def all_slots(self) -> Mapping[str, int]:
        """Give how many tasks can be run at once, by queue."""
        return {w.queue: self.slots(w.queue) for w in self.by_id.values()}


@dataclass(slots=True)
class State:
    """The private state.

    Attributes:
        jobs: Headers of jobs that are not final.
        wanting: Those of them that could have a document released.
        unplanned: Those that are not planned, or wait for their finishing task.
        out: Tasks that are out.
        out_by_job: Their ids by job.
        out_documents: How many documents are out, on whichever queue.
        out_elsewhere: Those of them that were handed on to another queue.
        elsewhere: Jobs that have or had a document handed on.
        position: Log-wide position of the newest log row.
        durations: What was observed of each kind of document.
        unsaved: Kinds whose newest observations are not in the store: no loss if a
            crash takes them.
        last_turn: The job that was released from last.
        next_timer: Earliest known retry timer.
        last_timers: The last one of each job that has or had any.
        sent: (task, generation) confirmed by the broker and not yet marked so.
    """

    jobs: dict[JobId, Job] = field(default_factory=dict)
    wanting: set[JobId] = field(default_factory=set)
    unplanned: set[JobId] = field(default_factory=set)
    out: dict[TaskId, Out] = field(default_factory=dict)
    out_by_job: dict[JobId, set[TaskId]] = field(default_factory=dict)
    out_documents: int = 0
    out_elsewhere: set[TaskId] = field(default_factory=set)
    elsewhere: set[JobId] = field(default_factory=set)
    position: int = 0
    durations: dict[Kind, Durations] = field(default_factory=dict)
    unsaved: set[Kind] = field(default_factory=set)
    last_turn: JobId | None = None
    next_timer: datetime | None = None
    last_timers: dict[JobId, datetime] = field(default_factory=dict)
    sent: list[tuple[TaskId, int]] = field(default_factory=list)

    def put_job(self, job: Job) -> None:
        """Take over a job's header as committed."""
        before = self.jobs.pop(job.id, None)
        self.out_documents -= before.counts.out if before else 0
        self.wanting.discard(job.id)
        self.unplanned.discard(job.id)
        if job.final:
            self.elsewhere.discard(job.id)
            self.last_timers.pop(job.id, None)
            return
        self.jobs[job.id] = job
        self.out_documents += job.counts.out
        if release.wants(job):
            self.wanting.add(job.id)
        if not job.planned or (job.has_finish and job.counts.done == job.counts.total):
            self.unplanned.add(job.id)

    def absorb(
        self, draft: Draft, documents: Mapping[TaskId, Document], now_s: float
    ) -> None:
        """Take over what was committed for one job."""
        last = self.last_timer(draft)
        if last is not None:
            self.last_timers[draft.id] = last
        self.put_job(draft.job)
        for change in draft.changes.values():
            self.put_task(change.after, documents.get(change.after.id), now_s)
            if change.added is not None and not change.after.final:
                self.wake_at(draft.now)  # no event comes that would have it released
            if change.after.queue is not None and change.after.status in WAITING:
                self.elsewhere.add(draft.id)
                self.wake_at(change.after.not_before or draft.now)

    def put_task(self, task: Task, document: Document | None, now_s: float) -> None:
        """Take over a task as committed; only those that are out are kept."""
        if task.not_before is not None and task.status in WAITING:
            self.wake_at(task.not_before)
        entry = self.out.get(task.id)
        if task.status not in OUT:
            if entry is not None:
                self._drop(task)
            return
        if task.queue is not None:
            self.out_elsewhere.add(task.id)
        if entry is not None:
            entry.task, entry.heard_s = task, now_s
            entry.document = document or entry.document
        else:
            self.out[task.id] = Out(task, document, now_s)
            self.out_by_job.setdefault(task.job_id, set()).add(task.id)

    def last_timer(self, draft: Draft) -> datetime | None:
        """Give when the last document of a job that waits for its time may start."""
        known = self.last_timers.get(draft.id)
        timers = [
            change.after.not_before
            for change in draft.changes.values()
            if change.after.not_before is not None
        ]
        return max(timers if known is None else [*timers, known], default=None)

    def learn(self, durations: Mapping[Kind, Durations], *, saved: bool) -> None:
        """Take over what a commit observed, and whether it saved what there was."""
        self.durations |= durations
        if saved:
            self.unsaved.clear()
        else:
            self.unsaved |= durations.keys()

    def wake_at(self, moment: datetime) -> None:
        """See to it that waiting tasks are looked at again at `moment`."""
        if self.next_timer is None or moment < self.next_timer:
            self.next_timer = moment

    def heard(self, task_ids: Iterable[TaskId], now_s: float) -> None:
        """Note signs of life of tasks at work."""
        for task_id in task_ids:
            entry = self.out.get(task_id)
            if entry is not None:
                entry.heard_s = now_s

    def forgive(self, seconds: float) -> None:
        """Do not hold time against tasks in which nobody was listening."""
        for entry in self.out.values():
            entry.heard_s += seconds

    def at_work(self, job_id: JobId, now: datetime) -> list[AtWork]:
        """Give the documents of a job at work, as its ETA sees them."""
        tasks = [self.out[i].task for i in self.out_by_job.get(job_id, ())]
        return [
            AtWork(
                elapsed_ms=(now - task.started_at).total_seconds() * 1000,
                cost_ms=task.cost_ms,
                fraction=task.fraction,
            )
            for task in tasks
            if task.started_at is not None
        ]

    def _drop(self, task: Task) -> None:
        del self.out[task.id]
        self.out_elsewhere.discard(task.id)
        siblings = self.out_by_job[task.job_id]
        siblings.discard(task.id)
        if not siblings:
            del self.out_by_job[task.job_id]
