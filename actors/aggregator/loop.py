"""The aggregator's shell: leadership, the drain loop, and what follows a commit."""

import threading
from datetime import datetime, timedelta

from actors.aggregator import loading, sweep, writing
from actors.aggregator.commit import Commit, Limits
from actors.aggregator.observation import Observer
from actors.aggregator.state import State, Workers
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
LEASE_RENEWAL_S = 5.0
"""How often the leader renews its lease of 10 s (DESIGN §3)."""
RETRY_S = 1.0
"""Pause after a failed commit or a lost lease."""
RESEND_AFTER = timedelta(seconds=2)
"""A released task without a confirmed message is sent again after this."""
CLEANUP_EVERY_S = 60.0
"""How often ended jobs past their retention are removed."""
BLIND_S = 2.0
"""A turn of the loop longer than this is not held against silent tasks."""
_PAGE = 500


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
        self._blobs = blobs
        self._transport = transport
        self._mailbox = transport.mailbox()
        self._clock = clock
        self._limits = limits
        self._holder = holder
        self._log = get_logger(__name__)
        self._observer = Observer(metrics, self._log)
        self._workers = Workers()
        self._state = State()
        self.epoch = 0
        self._next_tick_s = 0.0
        self._next_renewal_s = 0.0
        self._next_cleanup_s = 0.0
        self._no_worker_since: datetime | None = None
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
        self._no_worker_since = lease.previous_heartbeat or self._clock.now()
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
                self._recover()
            except Exception:  # noqa: BLE001 - the loop must outlive any bug
                # A bug. One event at a time shows which one does it, and only that
                # one is given up, so that the others are not held up for ever.
                self._log.exception("turn_failed")
                self._one_by_one = True
                self._recover()

    def finish(self) -> None:
        """Fold what is still in the mailbox; call it after `run` has returned."""
        self._commit_drained(
            self._mailbox.drain(limit=DRAIN_LIMIT, timeout_s=0), everything_read=False
        )

    def turn(self) -> None:
        """Drain once, commit what that gave, and act on it.

        Raises:
            LeadershipLostError: Another aggregator leads.
            TransientError: The store failed; nothing is acknowledged or lost.
        """
        limit = 1 if self._one_by_one else DRAIN_LIMIT
        events = self._mailbox.drain(limit=limit, timeout_s=self._wait_s())
        began_s = self._clock.monotonic()
        self._commit_drained(events, everything_read=len(events) < limit)
        spent_s = self._clock.monotonic() - began_s
        if spent_s > BLIND_S:
            self._state.forgive(spent_s)
        self._one_by_one = self._one_by_one and bool(events)

    def _commit_drained(self, events: list[Event], *, everything_read: bool) -> None:
        try:
            self._commit(events, everything_read=everything_read)
        except DocmillError:
            self._mailbox.nack()
            raise
        except BaseException:
            if self._one_by_one and len(events) == 1:
                self._log.error("event_given_up", message_id=events[0].message_id)
                self._mailbox.ack()
            else:
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
        with self._observer.timed(batch, now), self._store.leading(self.epoch) as tx:
            commit = self._new_commit(tx, now)
            commit.fold(batch)
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
            job_clock=self._no_worker_since or now,
        )

    def _tick(self, commit: Commit, now_s: float, *, everything_read: bool) -> None:
        """Do what the clock asks for rather than an event."""
        self._next_tick_s = now_s + TICK_S
        tx = commit.tx
        commit.carry_out(tx.commands(_PAGE))
        self._mind_the_clock(commit)
        passed = [
            job.id
            for job in self._state.jobs.values()
            if job.deadline is not None and job.deadline <= commit.job_clock
        ]
        commit.load(passed)
        if everything_read:
            sweep.sweep(commit, now_s)
        commit.resend(tx.unsent_plans(before=commit.now - RESEND_AFTER, limit=_PAGE))
        self._observer.check_books(tx, self._state)

    def _mind_the_clock(self, commit: Commit) -> None:
        """Let no job's time run while no worker is live (CONTRACT, ``timeout``).

        From then on the jobs' clock stands; when one is back, deadlines move.
        """
        if not self._workers.slots():
            self._no_worker_since = self._no_worker_since or commit.now
            return
        if self._no_worker_since is None:
            return
        stood_s = (commit.now - self._no_worker_since).total_seconds()
        self._no_worker_since = None
        running = [j.id for j in self._state.jobs.values() if j.deadline is not None]
        commit.load(running)
        for job_id in running:
            commit.drafts[job_id].delay_deadline(stood_s)

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
        self._housekeeping(now_s)

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

    def _housekeeping(self, now_s: float) -> None:
        if now_s >= self._next_renewal_s:
            self._next_renewal_s = now_s + LEASE_RENEWAL_S
            self._store.renew_lease(self.epoch, self._clock.now())
        if now_s >= self._next_cleanup_s:
            self._next_cleanup_s = now_s + CLEANUP_EVERY_S
            self._clean_up()

    def _clean_up(self) -> None:
        """Remove what is past its retention: rows first, blobs after the commit."""
        before = self._clock.now() - timedelta(seconds=self._limits.retention_s)
        with self._store.leading(self.epoch) as tx:
            keys = tx.remove_expired(ended_before=before, limit=_PAGE)
        if keys:
            self._blobs.delete(keys)
            self._log.info("expired_removed", blobs=len(keys))

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
        return max(0.0, min(wait_s, TICK_S))

    def _timer_due(self, now: datetime) -> bool:
        return self._state.next_timer is not None and self._state.next_timer <= now

    def _recover(self) -> None:
        """After a failed commit: drop the private state and read it anew."""
        try:
            self._store.renew_lease(self.epoch, self._clock.now())
            self._load()
        except (LeadershipLostError, ConflictError, TransientError) as error:
            self._log.warning("reload_failed", code=error.code)

    def _load(self) -> None:
        with self._store.leading(self.epoch) as tx:
            self._state = loading.load(tx, now_s=self._clock.monotonic())

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
