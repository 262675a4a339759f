"""The aggregator's shell: leadership, the drain loop, and what follows a commit."""

import threading
from contextlib import suppress
from datetime import datetime, timedelta

from actors.aggregator import loading, sweep, writing
from actors.aggregator.attention import Attention
from actors.aggregator.commit import Commit, Limits
from actors.aggregator.holding import Holding
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
    WorkerHeartbeat,
)
from service.metrics import Metrics
from service.store import LeaderTransaction, Store
from service.store.rows import Changes, Lease
from service.transport import Transport

DRAIN_LIMIT = 500
"""Most events in one commit."""
TICK_S = 1.0
"""How often commands are polled, deadlines looked at, and the sweep run."""
RETRY_S = 1.0
"""Pause after a failed commit or a lost lease."""
LEASE_S = 10.0
"""A lease runs out this long after its last renewal (DESIGN §3)."""
STORE_SILENCE_S = 15.0
"""Without an answer for this long the store counts as away."""
STUCK_S = 60.0
"""A loop that has not turned for this long is stuck."""
RESEND_AFTER = timedelta(seconds=2)
"""A released task without a confirmed message is sent again after this."""
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
        self._leading = False
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
        self._held = Holding()
        self._attention = Attention(clock.monotonic())
        self._store_heard_s = clock.monotonic()
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
        self._begin(lease)

    @property
    def leading(self) -> bool:
        """Whether this aggregator leads, and its lease cannot have run out."""
        return self._leading and self._silent_s(self._store_heard_s) < LEASE_S

    @property
    def store_answers(self) -> bool:
        """Whether a commit or a look at the lease succeeded lately."""
        return self._silent_s(self._store_heard_s) < STORE_SILENCE_S

    @property
    def alive(self) -> bool:
        """Whether the loop turned, or tried to lead, lately."""
        return self._silent_s(self._attention.turned_s) < STUCK_S

    def lead(self, stopping: threading.Event) -> None:
        """Stand by until the lease is free, lead, and again; until told to stop.

        What is out stays out: its messages are at a broker that outlives leaders.
        """
        while not stopping.is_set():
            if not self._acquire():
                stopping.wait(RETRY_S)
                continue
            self._mailbox = self._transport.mailbox()
            self.run(stopping)
            self._mailbox.close()
        with suppress(TransientError):
            self._store.give_up_lease(self.epoch)
        self._upkeep.close()

    def run(self, stopping: threading.Event) -> None:
        """Work as the leader until told to stop or another aggregator leads."""
        while not stopping.is_set():
            try:
                self.turn()
            except LeadershipLostError:
                self._log.warning("leadership_lost", epoch=self.epoch)
                break
            except TransientError as error:
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
        self._follow()

    def finish(self) -> None:
        """Fold what is still in the mailbox; call it after `run` has returned."""
        drained = self._mailbox.drain(limit=DRAIN_LIMIT, timeout_s=0)
        events = [*self._held.take(), *drained]
        self._commit_drained(events, self._clock.monotonic())
        self._upkeep.close()

    def turn(self) -> None:
        """Drain once, commit what that gave, and act on it.

        Raises:
            LeadershipLostError: Another aggregator leads.
            TransientError: The store failed; nothing is acknowledged or lost.
        """
        limit = 1 if self._one_by_one else DRAIN_LIMIT
        drained = self._mailbox.drain(limit=limit, timeout_s=self._wait_s())
        self._held.add(drained, self._clock.monotonic())
        if self._may_wait(limit):
            return
        events = self._held.take()
        now_s = self._clock.monotonic()
        unheard_s = self._attention.turn(now_s, caught_up=self._mailbox.caught_up())
        if unheard_s:
            self._state.forgive(unheard_s)
        self._commit_drained(events, now_s)
        self._one_by_one = self._one_by_one and bool(events)

    def _may_wait(self, limit: int) -> bool:
        """Say whether all that was drained can go along with a later event."""
        return (
            0 < len(self._held) < limit
            and self._clock.monotonic() < min(self._held.until_s, self._next_tick_s)
            and not self._timer_due(self._clock.now())
        )

    def _commit_drained(self, events: list[Event], now_s: float) -> None:
        try:
            self._commit(events, now_s)
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

    def _commit(self, events: list[Event], now_s: float) -> None:
        now = self._clock.now()
        tick = now_s >= self._next_tick_s or any(
            isinstance(event, CommandRequested) for event in events
        )
        tick = self._hear(events, now, now_s) or tick
        batch = [
            event
            for event in events
            if not isinstance(event, WorkerHeartbeat | CommandRequested)
        ]
        if not (batch or tick or self._timer_due(now)):
            return
        self._held.committed(now_s)
        with self._observer.timed(batch, now), self._store.leading(self.epoch) as tx:
            commit = self._new_commit(tx, now)
            _fold(commit, batch)
            if tick:
                self._tick(commit, now_s)
            slots = self._workers.slots()
            commit.end_what_waits()
            commit.settle()
            commit.release_control()
            commit.release(slots)
            commit.expect_ends(slots)
            written = writing.changes(commit)
            if written is not None:
                tx.apply(written)
            next_timer = tx.next_timer(after=now) if self._timer_due(now) else None
        self._store_heard_s = self._clock.monotonic()
        self._after(commit, written, now_s, next_timer=next_timer)

    def _new_commit(self, tx: LeaderTransaction, now: datetime) -> Commit:
        return Commit(
            tx,
            self._state,
            self._limits,
            now=now,
            job_clock=self._job_clock.reading(now),
        )

    def _tick(self, commit: Commit, now_s: float) -> None:
        """Do what the clock asks for rather than an event."""
        self._next_tick_s = now_s + TICK_S
        commit.ticked = True
        tx = commit.tx
        commit.carry_out(tx.commands(_PAGE))
        self._job_clock.tick(commit, self._state, self._workers.slots())
        passed = [
            job.id
            for job in self._state.jobs.values()
            if job.deadline is not None and job.deadline <= commit.job_clock
        ]
        commit.load(passed)
        if self._attention.may_judge(now_s):
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
            state.learn(commit.durations, saved=bool(written.durations))
            for draft in commit.changed:
                state.absorb(draft, commit.documents, now_s)
        self._upkeep.renew(self.epoch, now_s)  # Sending may take longer than the lease.
        self._send(commit)
        if written is not None:
            for notice in writing.notices(commit, written):
                self._transport.publish_notice(notice)
                self._transport.publish_lifecycle(notice.rows, notice.owner)
            for command_id in commit.commands_done:
                self._log.info("command_done", command_id=command_id)
        self._observer.committed(commit)
        if commit.ticked:
            self._observer.standing(commit, state, self._workers)
        self._upkeep.clean_up(self.epoch, now_s)

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

    def _hear(self, events: list[Event], now: datetime, now_s: float) -> bool:
        """Take in heartbeats; say whether the number of slots changed."""
        before = self._workers.slots()
        for beat in (e for e in events if isinstance(e, WorkerHeartbeat)):
            if self._workers.heard(beat, now, now_s):
                self._state.heard(beat.busy, now_s)
        self._workers.expire(now_s)
        return self._workers.slots() != before

    def _wait_s(self) -> float:
        """Give how long the mailbox may stay empty before the clock asks."""
        wait_s = self._next_tick_s - self._clock.monotonic()
        if self._state.next_timer is not None:
            timer_s = (self._state.next_timer - self._clock.now()).total_seconds()
            wait_s = min(wait_s, timer_s)
        if self._held:
            wait_s = min(wait_s, self._held.until_s - self._clock.monotonic())
        return max(0.0, min(wait_s, TICK_S))

    def _timer_due(self, now: datetime) -> bool:
        return self._state.next_timer is not None and self._state.next_timer <= now

    def recover(self) -> None:
        """Drop the private state and read it anew, as after a failed commit."""
        try:
            self._store.renew_lease(self.epoch, self._clock.now())
            self._load()
        except TransientError as error:  # the next turn will say so again
            self._log.warning("reload_failed", code=error.code)

    def _acquire(self) -> bool:
        """Take the lease if it is free; say whether this aggregator leads."""
        self._attention.turn(self._clock.monotonic(), caught_up=False)
        try:
            lease = self._store.acquire_lease(self._holder, now=self._clock.now())
        except ConflictError:
            self._store_heard_s = self._clock.monotonic()
            return False
        except TransientError as error:
            self._log.warning("cannot_lead", code=error.code)
            return False
        self.epoch = lease.epoch
        self._job_clock.stop(self._clock.now())
        self._state, self._held = State(), Holding()
        try:
            self._load()
        except TransientError as error:
            self._log.warning("cannot_lead", code=error.code)
            with suppress(TransientError):
                self._store.give_up_lease(self.epoch)
            return False
        self._begin(lease)
        return True

    def _silent_s(self, heard_s: float) -> float:
        return self._clock.monotonic() - heard_s

    def _begin(self, lease: Lease) -> None:
        self._leading = True
        self._store_heard_s = self._clock.monotonic()
        self._observer.leading(lease.epoch)

    def _follow(self) -> None:
        self._leading = False
        self._observer.following()

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
                commit.settle()
                commit.expect_ends(slots=0)
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
