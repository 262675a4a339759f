"""What the aggregator shows: metrics, log lines, and the audit of the books."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice

from structlog.stdlib import BoundLogger

from actors.aggregator.commit import Commit
from actors.aggregator.state import State, Workers
from service.domain.draft import Draft, TaskChange
from service.domain.model import (
    Counts,
    Job,
    JobId,
    Task,
    TaskKind,
    TaskStatus,
)
from service.messages import ProcessDocument, ProcessScan, TaskEvent
from service.metrics import Metrics
from service.store import LeaderTransaction

AUDITED_A_TICK = 4
"""Jobs whose books are recounted each tick, in turn."""
_FIRST, _SCANS = _QUEUES = ProcessDocument.queue, ProcessScan.queue


class Observer:
    """Turns commits into metrics; keeps nothing that decides anything."""

    def __init__(self, metrics: Metrics, log: BoundLogger) -> None:
        self._metrics = metrics
        self._waiting = metrics.tasks.labels(status="waiting")
        self._out = metrics.tasks.labels(status="out")
        for queue in _QUEUES:
            metrics.in_flight.labels(queue=queue)
            metrics.live_slots.labels(queue=queue)
            metrics.in_flight_limit.labels(queue=queue)
        self._log = log
        self._audited: JobId | None = None

    def leading(self, epoch: int) -> None:
        """Say that this process leads."""
        self._metrics.leader.set(1)
        self._log.info("leading", epoch=epoch)

    def following(self) -> None:
        """Say that this process does not lead, or no longer, and so knows nothing."""
        metrics = self._metrics
        metrics.leader.set(0)
        for gauge in (
            *(metrics.backlog, metrics.backlog_oldest, metrics.mailbox_lag),
            *(self._waiting, self._out),
        ):
            gauge.set(0)
        for queue in _QUEUES:
            metrics.in_flight.labels(queue=queue).set(0)
            metrics.live_slots.labels(queue=queue).set(0)
            metrics.in_flight_limit.labels(queue=queue).set(0)

    @contextmanager
    def timed(self, events: list[TaskEvent], now: datetime) -> Iterator[None]:
        """Measure the commit of a group of events."""
        began = time.perf_counter()
        yield
        if events:
            lag_s = (now - min(e.occurred_at for e in events)).total_seconds()
            self._metrics.mailbox_lag.set(max(0.0, lag_s))
            self._metrics.fold_batch_size.observe(len(events))
            self._metrics.fold_duration.observe(time.perf_counter() - began)

    def committed(self, commit: Commit) -> None:
        """Count what a commit made of jobs and tasks."""
        for draft in commit.drafts.values():
            for reason in draft.ignored:
                self._metrics.ignored_events.labels(reason=reason).inc()
            if draft.changed:
                self._job(draft)

    def standing(self, commit: Commit, state: State, workers: Workers) -> None:
        """Show how much waits and is out after a commit."""
        waiting = sum(job.counts.waiting for job in state.jobs.values())
        created = [j.created_at for j in state.jobs.values() if j.counts.waiting]
        oldest_s = (commit.now - min(created)).total_seconds() if created else 0.0
        self._metrics.backlog.set(waiting + state.out_documents)
        self._metrics.backlog_oldest.set(max(0.0, oldest_s))
        self._waiting.set(waiting)
        self._out.set(state.out_documents)
        scans = len(state.out_elsewhere)
        out = {_FIRST: state.out_documents - scans, _SCANS: scans}
        for queue in _QUEUES:
            self._metrics.in_flight.labels(queue=queue).set(out[queue])
            self._metrics.live_slots.labels(queue=queue).set(workers.slots(queue))
            limit = commit.in_flight_limits.get(queue, 0)
            self._metrics.in_flight_limit.labels(queue=queue).set(limit)

    def check_books(self, tx: LeaderTransaction, state: State) -> None:
        """Recount a few jobs, another few each time."""
        ids = sorted(state.jobs)
        later = [i for i in ids if self._audited is None or i > self._audited]
        for job_id in islice([*later, *ids], min(AUDITED_A_TICK, len(ids))):
            self._audited = job_id
            self._check(state.jobs[job_id], tx.recount(job_id))

    def _check(self, job: Job, recounted: Counts) -> None:
        if recounted != job.counts:
            self._metrics.books_violations.inc()
            self._log.error("books_do_not_balance", job_id=job.id)

    def _job(self, draft: Draft) -> None:
        for change in draft.changes.values():
            if change.after.kind is TaskKind.DOCUMENT:
                self._document(draft.job, change)
        job = draft.job
        if job.final and not draft.before.final:
            outcome = job.outcome or job.status.value.lower()
            self._metrics.jobs.labels(outcome=outcome).inc()
            self._log.info(
                "job_ended",
                job_id=job.id,
                status=job.status,
                outcome=job.outcome,
                documents=job.counts.total,
                failed=job.counts.total - job.counts.completed,
            )
            self._judge_prediction(job)

    def _judge_prediction(self, job: Job) -> None:
        if job.bound_at_half is not None and job.finished_at is not None:
            held = job.finished_at <= job.bound_at_half
            self._metrics.predictions.labels(held=str(held).lower()).inc()

    def _document(self, job: Job, change: TaskChange) -> None:
        before, task = change.before, change.after
        if task.final and not before.final:
            self._metrics.documents.labels(
                job_type=job.type, outcome=task.status.value.lower()
            ).inc()
            if task.failure is not None:
                self._metrics.failures.labels(code=task.failure.code).inc()
            if task.processing_ms is not None:
                self._metrics.processing.labels(job_type=job.type).observe(
                    task.processing_ms / 1000
                )
        elif task.status is TaskStatus.RETRYING and task.failure is not None:
            self._metrics.retries.labels(code=task.failure.code).inc()
        if task.started_at is not None and before.started_at is None:
            self._queue_time(job, before, task)

    def _queue_time(self, job: Job, before: Task, task: Task) -> None:
        if before.queued_at is not None and task.started_at is not None:
            waited_s = (task.started_at - before.queued_at).total_seconds()
            self._metrics.time_in_queue.labels(job_type=job.type).observe(
                max(0.0, waited_s)
            )
