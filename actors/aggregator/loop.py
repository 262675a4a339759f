"""The aggregator's shell: leadership, the drain loop, and what follows a commit."""

import threading
from datetime import datetime, timedelta

from actors.aggregator import loading, sweep, writing
from actors.aggregator.commit import Commit, Limits
from actors.aggregator.job_clock import JobClock
from actors.aggregator.observation import Observer
from actors.aggregator.state import State, Workers
from actors.aggregator.upkeep import Upkeep
from service.blobs import Blobs
from service.clock import Clock
from service.errors import (
    ConflictError,
    DocmillError,
    LeadershipLostError,
    TransientError,
)
from service.logs import get_logger
from service.messages import (
    CommandRequested,
    Event,
    TaskEvent,
    TaskProgressed,
    TaskStarted,
    WorkerHeartbeat,
)
from service.metrics import Metrics
from service.store import LeaderTransaction, Store
from service.store.rows import Changes
from service.transport import Transport

DRAIN_LIMIT = 500
"""Most events in one commit."""
TICK_S = 1.0
"""How often commands are polled, deadlines looked at, and the sweep run."""
PROGRESS_EVERY_S = 0.1
"""Progress alone is committed at most this often (CONTRACT: ten a second); with any
other event it goes along at once."""
STARTED_WITHIN_S = 0.04
"""Starts alone are committed within this (CONTRACT: 50 ms behind at most): the end of a
short document comes sooner and takes its start along, which saves a commit."""
RETRY_S = 1.0
"""Pause after a failed commit or a lost lease."""
RESEND_AFTER = timedelta(seconds=2)
"""A released task without a confirmed message is sent again after this."""
BLIND_S = 2.0
"""A turn of the loop longer than this is not held against silent tasks."""
_PAGE = 500


class UnfoldableError(Exception):
    """Folding a group of events failed: a bug, or an event no version sends."""


class Aggregator:
    """The progress aggregator; one leads at a time.

    `run` belongs on a thread of its own; nothing else here may be called while it runs.
    """

    def __init__(
        self,
        *,
        store: Store,
        blobs: Blobs,
        transport: Transport,
        clock: Clock,
        metrics: Metrics,
        limits: Limits,
        holder: str,
    ) -> None:
        self._store = store
        self._transport = transport
        self._mailbox = transport.mailbox()
        self._clock = clock
        self._limits = limits
        self._holder = holder
        self._log = get_logger(__name__)
        self._upkeep = Upkeep(
            store=store,
            blobs=blobs,
            clock=clock,
            retention_s=limits.retention_s,
            log=self._log,
        )
        self._job_clock = JobClock()
        self._observer = Observer(metrics, self._log)
        self._workers = Workers()
        self._state = State()
        self.epoch = 0
        self._next_tick_s = 0.0
        self._next_progress_s = 0.0
        self._hold_until_s = 0.0
        self._held: list[Event] = []
        self._one_by_one = False

    def take_over(self) -> None:
        """Lead at once and take back all that was out (a broker that died with us).

        Raises:
            TransientError: The store failed.
        """
        lease = self._store.acquire_lease(
            self._holder, now=self._clock.now(), force=True
        )
        self.epoch = lease.epoch
        self._job_clock.stop(lease.previous_heartbeat or self._clock.now())
        self._load()
        self._take_back()
        self._observer.leading(lease.epoch)

    def run(self, stopping: threading.Event) -> None:
        """Lead until told to stop, whatever the store does meanwhile."""
        while not stopping.is_set():
            try:
                self.turn()
            except (LeadershipLostError, ConflictError, TransientError) as error:
                self._log.warning("commit_failed", code=error.code)
                stopping.wait(RETRY_S)
                self.recover()
            except Exception:  # noqa: BLE001 - the loop must outlive any bug
                # A bug. One event at a time shows which one does it, and only that
                # one is given up, so that the others are not held up for ever.
                self._log.exception("turn_failed")
                self._one_by_one = True
                stopping.wait(RETRY_S)
                self.recover()
        self._observer.following()

    def finish(self) -> None:
        """Fold what is still in the mailbox; call it after `run` has returned."""
        drained = self._mailbox.drain(limit=DRAIN_LIMIT, timeout_s=0)
        self._commit_drained(self._held + drained, everything_read=False)
        self._upkeep.close()

    def turn(self) -> None:
        """Drain once, commit what that gave, and act on it.

        Raises:
            LeadershipLostError: Another aggregator leads.
            TransientError: The store failed; nothing is acknowledged or lost.
        """
        limit = 1 if self._one_by_one else DRAIN_LIMIT
        drained = self._mailbox.drain(limit=limit, timeout_s=self._wait_s())
        self._hold(drained)
        if self._may_wait(limit):
            return
        events, self._held = self._held, []
        began_s = self._clock.monotonic()
        self._commit_drained(events, everything_read=len(drained) < limit)
        spent_s = self._clock.monotonic() - began_s
        if spent_s > BLIND_S:
            self._state.forgive(spent_s)
        self._one_by_one = self._one_by_one and bool(events)

    def _hold(self, drained: list[Event]) -> None:
        """Take in what was drained, and how long it may wait for company."""
        now_s = self._clock.monotonic()
        for event in drained:
            match event:
                case TaskProgressed():
                    until_s = self._next_progress_s
                case TaskStarted():
                    until_s = now_s + STARTED_WITHIN_S
                case _:
                    until_s = now_s
            if not self._held or until_s < self._hold_until_s:
                self._hold_until_s = until_s
            self._held.append(event)

    def _may_wait(self, limit: int) -> bool:
        """Say whether all that was drained can go along with a later event.

        It stays unacknowledged. A commit costs the same whatever it writes, and of a
        document's events most are of its start and progress.
        """
        now_s = self._clock.monotonic()
        return (
            0 < len(self._held) < limit
            and now_s < min(self._hold_until_s, self._next_tick_s)
            and not self._timer_due(self._clock.now())
        )

    def _commit_drained(self, events: list[Event], *, everything_read: bool) -> None:
        try:
            self._commit(events, everything_read=everything_read)
        except UnfoldableError:
            if len(events) == 1:
                self._log.error("event_given_up", message_id=events[0].message_id)
                self._mailbox.ack()
            else:
                self._mailbox.nack()
            raise
        except BaseException:
            self._mailbox.nack()
            raise
        self._mailbox.ack()

    def _commit(self, events: list[Event], *, everything_read: bool) -> None:
        now, now_s = self._clock.now(), self._clock.monotonic()
        tick = now_s >= self._next_tick_s or any(
            isinstance(event, CommandRequested) for event in events
        )
        tick = self._hear(events, now_s) or tick
        batch = [
            event
            for event in events
            if not isinstance(event, WorkerHeartbeat | CommandRequested)
        ]
        if not (batch or tick or self._timer_due(now)):
            return
        self._next_progress_s = now_s + PROGRESS_EVERY_S
        with self._observer.timed(batch, now), self._store.leading(self.epoch) as tx:
            commit = self._new_commit(tx, now)
            _fold(commit, batch)
            if tick:
                self._tick(commit, now_s, everything_read=everything_read)
            slots = self._workers.slots()
            commit.end_what_waits()
            commit.settle(slots)
            commit.release_control()
            commit.release(slots)
            commit.settle(slots)
            written = writing.changes(commit)
            if written is not None:
                tx.apply(written)
            next_timer = tx.next_timer(after=now) if self._timer_due(now) else None
        self._after(commit, written, now_s, next_timer=next_timer)

    def _new_commit(self, tx: LeaderTransaction, now: datetime) -> Commit:
        return Commit(
            tx,
            self._state,
            self._limits,
            now=now,
            job_clock=self._job_clock.reading(now),
        )

    def _tick(self, commit: Commit, now_s: float, *, everything_read: bool) -> None:
        """Do what the clock asks for rather than an event."""
        self._next_tick_s = now_s + TICK_S
        tx = commit.tx
        commit.carry_out(tx.commands(_PAGE))
        self._job_clock.tick(commit, self._state, self._workers.slots())
        passed = [
            job.id
            for job in self._state.jobs.values()
            if job.deadline is not None and job.deadline <= commit.job_clock
        ]
        commit.load(passed)
        if everything_read:
            sweep.sweep(commit, now_s)
        commit.resend(tx.unsent(before=commit.now - RESEND_AFTER, limit=_PAGE))
        self._observer.check_books(tx, self._state)

    def _after(
        self,
        commit: Commit,
        written: Changes | None,
        now_s: float,
        *,
        next_timer: datetime | None,
    ) -> None:
        """Take over what was committed, then send it and tell of it."""
        state = self._state
        state.last_turn = commit.last_turn
        if self._timer_due(commit.now):
            state.next_timer = next_timer
        for task in commit.adopted:
            state.put_task(task, commit.documents.get(task.id), now_s)
        if written is not None:
            state.sent.clear()
            state.position += len(written.log) + len(written.created_positions)
            state.durations |= commit.durations
            for draft in commit.changed:
                state.absorb(draft, commit.documents, now_s)
        self._send(commit)
        if written is not None:
            for notice in writing.notices(commit, written):
                self._transport.publish_notice(notice)
            for command_id in commit.commands_done:
                self._log.info("command_done", command_id=command_id)
        self._observer.committed(commit, state, self._workers)
        self._upkeep.do(self.epoch, now_s)

    def _send(self, commit: Commit) -> None:
        if not commit.outgoing:
            return
        try:
            self._transport.send(commit.outgoing)
        except TransientError as error:
            # The rows are the outbox: what has no sent_at is sent again by the tick.
            self._log.warning("release_not_sent", code=error.code)
            return
        self._state.sent += [(c.task_id, c.generation) for c in commit.outgoing]

    def _hear(self, events: list[Event], now_s: float) -> bool:
        """Take in heartbeats; say whether the number of slots changed."""
        before = self._workers.slots()
        for event in events:
            if isinstance(event, WorkerHeartbeat):
                self._workers.heard(event, now_s)
                self._state.heard(event.busy, now_s)
        self._workers.expire(now_s)
        return self._workers.slots() != before

    def _wait_s(self) -> float:
        """Give how long the mailbox may stay empty before the clock asks."""
        wait_s = self._next_tick_s - self._clock.monotonic()
        if self._state.next_timer is not None:
            timer_s = (self._state.next_timer - self._clock.now()).total_seconds()
            wait_s = min(wait_s, timer_s)
        if self._held:
            wait_s = min(wait_s, self._hold_until_s - self._clock.monotonic())
        return max(0.0, min(wait_s, TICK_S))

    def _timer_due(self, now: datetime) -> bool:
        return self._state.next_timer is not None and self._state.next_timer <= now

    def recover(self) -> None:
        """Drop the private state and read it anew, as after a failed commit."""
        try:
            self._store.renew_lease(self.epoch, self._clock.now())
            self._load()
        except (LeadershipLostError, ConflictError, TransientError) as error:
            self._log.warning("reload_failed", code=error.code)

    def _load(self) -> None:
        sent = self._state.sent
        with self._store.leading(self.epoch) as tx:
            self._state = loading.load(tx, now_s=self._clock.monotonic())
        self._state.sent = sent  # still to be marked: it is out already

    def _take_back(self) -> None:
        """Take back everything that is out, a page in each transaction."""
        out = [entry.task for entry in self._state.out.values()]
        for start in range(0, len(out), _PAGE):
            now, now_s = self._clock.now(), self._clock.monotonic()
            with self._store.leading(self.epoch) as tx:
                commit = self._new_commit(tx, now)
                sweep.take_back(commit, out[start : start + _PAGE])
                commit.end_what_waits()
                commit.settle(slots=0)
                written = writing.changes(commit)
                assert written is not None
                tx.apply(written)
            self._after(commit, written, now_s, next_timer=None)


def _fold(commit: Commit, batch: list[TaskEvent]) -> None:
    try:
        commit.fold(batch)
    except DocmillError:
        raise
    except Exception as error:
        raise UnfoldableError from error
