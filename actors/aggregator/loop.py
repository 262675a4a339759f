"""The aggregator's loop: drain, commit, and what follows a commit."""

from datetime import datetime

from structlog.stdlib import BoundLogger

from actors.aggregator import loading, releasing, sweep, writing
from actors.aggregator.attention import Attention
from actors.aggregator.commit import Commit, Limits
from actors.aggregator.holding import Holding
from actors.aggregator.job_clock import JobClock
from actors.aggregator.observation import Observer
from actors.aggregator.state import State, Workers
from actors.aggregator.tick import tick
from actors.aggregator.upkeep import Upkeep
from service.blobs import Blobs
from service.clock import Clock
from service.domain.draft import Draft
from service.errors import DocmillError, TransientError
from service.messages import (
    CommandRequested,
    Event,
    ProcessScan,
    TaskEvent,
    WorkerHeartbeat,
)
from service.store import LeaderTransaction, Store
from service.store.rows import Changes
from service.transport import Transport

DRAIN_LIMIT = 500
"""Most events in one commit."""
TICK_S = 1.0
"""How often commands are polled, deadlines looked at, and the sweep run."""


class UnfoldableError(Exception):
    """Folding a group of events failed: a bug, or an event no version sends."""


class Loop:
    """What the leader does again and again.

    Attributes:
        epoch: Under which it commits.
        job_clock: The clock of jobs' time limits.
        committed_s: When the store last took a commit, in monotonic seconds.
        one_by_one: Fold one event at a time until the mailbox is empty: one is bad.
    """

    def __init__(
        self,
        *,
        store: Store,
        blobs: Blobs,
        transport: Transport,
        clock: Clock,
        observer: Observer,
        limits: Limits,
        log: BoundLogger,
    ) -> None:
        self._store = store
        self._transport = transport
        self._mailbox = transport.mailbox()
        self._clock = clock
        self._limits = limits
        self._log = log
        self._upkeep = Upkeep(store, blobs, clock=clock, limits=limits, log=log)
        self._observer = observer
        self._workers = Workers()
        self._state = State()
        self.epoch = 0
        self.job_clock = JobClock()
        self._next_tick_s = 0.0
        self._held = Holding()
        self._attention = Attention(clock.monotonic())
        self.committed_s = clock.monotonic()
        self.one_by_one = False

    @property
    def turned_s(self) -> float:
        """When it last turned, in monotonic seconds."""
        return self._attention.turned_s

    def begin(self, epoch: int) -> None:
        """Read everything from the store, to work under `epoch` from now on.

        Raises:
            LeadershipLostError: Another aggregator leads.
            TransientError: The store failed.
        """
        self.epoch = epoch
        self._state, self._held = State(), Holding()
        self._load()
        self._mailbox = self._transport.mailbox()

    def stand_by(self) -> None:
        """Note that time passes in which nothing is heard."""
        self._attention.turn(self._clock.monotonic(), caught_up=False)

    def leave(self) -> None:
        """Close the mailbox: what was not acknowledged is for the next leader."""
        self._mailbox.close()

    def finish(self) -> None:
        """Fold what is still in the mailbox, and end."""
        drained = self._mailbox.drain(limit=DRAIN_LIMIT, timeout_s=0)
        events = [*self._held.take(), *drained]
        self._commit_drained(events, self._clock.monotonic())
        self.close()

    def close(self) -> None:
        """Wait for what is under way beside the loop."""
        self._upkeep.close()

    def turn(self) -> None:
        """Drain once, commit what that gave, and act on it.

        Raises:
            LeadershipLostError: Another aggregator leads.
            TransientError: The store failed; nothing is acknowledged or lost.
        """
        limit = 1 if self.one_by_one else DRAIN_LIMIT
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
        self.one_by_one = self.one_by_one and bool(events)

    def recover(self) -> None:
        """Drop the private state and read it anew, as after a failed commit."""
        try:
            self._store.renew_lease(self.epoch, self._clock.now())
            self._load()
        except TransientError as error:  # the next turn will say so again
            self._log.warning("reload_failed", code=error.code)

    def take_back(self) -> None:
        """Take back everything that is out, a page in each transaction."""
        out = [entry.task for entry in self._state.out.values()]
        for start in range(0, len(out), sweep.PAGE):
            now, now_s = self._clock.now(), self._clock.monotonic()
            with self._store.leading(self.epoch) as tx:
                commit = self._new_commit(tx, now)
                sweep.take_back(commit, out[start : start + sweep.PAGE])
                commit.end_what_waits()
                commit.settle()
                commit.expect_ends(slots=0)
                written = writing.changes(commit)
                assert written is not None
                tx.apply(written)
            self._after(commit, written, now_s, next_timer=None)

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
        ticks = now_s >= self._next_tick_s or any(
            isinstance(event, CommandRequested) for event in events
        )
        ticks = self._workers.hear(events, self._state, now, now_s) or ticks
        batch = [
            event
            for event in events
            if not isinstance(event, WorkerHeartbeat | CommandRequested)
        ]
        if not (batch or ticks or self._timer_due(now)):
            return
        self._held.committed(now_s)
        with self._observer.timed(batch, now), self._store.leading(self.epoch) as tx:
            commit = self._new_commit(tx, now)
            _fold(commit, batch)
            if ticks:
                self._next_tick_s = now_s + TICK_S
                judge = self._attention.may_judge(now_s)
                tick(commit, now_s, self.job_clock, self._workers, judge=judge)
                self._observer.check_books(tx, self._state)
            slots = self._workers.slots()
            scan_slots = self._workers.slots(ProcessScan.queue)
            commit.end_what_waits()
            commit.settle()
            releasing.release_control(commit)
            releasing.release_documents(commit, slots, scan_slots=scan_slots)
            commit.expect_ends(slots)
            written = writing.changes(commit)
            if written is not None:
                tx.apply(written)
            next_timer = tx.next_timer(after=now) if self._timer_due(now) else None
        self.committed_s = self._clock.monotonic()
        self._after(commit, written, now_s, next_timer=next_timer)

    def _new_commit(self, tx: LeaderTransaction, now: datetime) -> Commit:
        return Commit(
            tx,
            self._state,
            self._limits,
            now=now,
            job_clock=self.job_clock.reading(now),
        )

    def _after(
        self,
        commit: Commit,
        written: Changes | None,
        now_s: float,
        *,
        next_timer: datetime | None,
    ) -> None:
        """Take over what was committed, then send it and tell of it."""
        if self._timer_due(commit.now):
            self._state.next_timer = next_timer
        writing.absorb(commit, written, now_s)
        for draft in commit.drafts.values():
            if draft.refused:
                self._discard_refused(draft)
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
            self._observer.standing(commit, self._state, self._workers)
        heard_all = self._attention.may_judge(now_s)
        self._upkeep.clean_up(self.epoch, now_s, heard_all=heard_all)

    def _discard_refused(self, draft: Draft) -> None:
        """Remove attachments that the job has no place for."""
        keys = [document.blob_key for document in draft.refused]
        self._log.warning("attachments_refused", job_id=draft.id, documents=len(keys))
        self._upkeep.discard(keys)

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

    def _load(self) -> None:
        sent = self._state.sent
        with self._store.leading(self.epoch) as tx:
            self._state = loading.load(tx, now_s=self._clock.monotonic())
        self._state.sent = sent  # still to be marked: it is out already


def _fold(commit: Commit, batch: list[TaskEvent]) -> None:
    try:
        commit.fold(batch)
    except DocmillError:
        raise
    except Exception as error:
        raise UnfoldableError from error
