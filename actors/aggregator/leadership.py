"""The aggregator as a whole: who leads, for how long, and what ends it."""

import threading
from contextlib import suppress

from actors.aggregator.commit import Limits
from actors.aggregator.loop import Loop
from actors.aggregator.observation import Observer
from service.blobs import Blobs
from service.clock import Clock
from service.errors import ConflictError, LeadershipLostError, TransientError
from service.logs import get_logger
from service.metrics import Metrics
from service.store import Store
from service.store.lease import LEASE_S
from service.store.rows import Lease
from service.transport import Transport

RETRY_S = 1.0
"""Pause after a failed commit or a lost lease."""
STORE_SILENCE_S = 15.0
"""Without an answer for this long the store counts as away."""
STUCK_S = 60.0
"""A loop that has not turned for this long is stuck."""


class Aggregator:
    """The progress aggregator; one leads at a time.

    `run` belongs on a thread of its own; nothing else here may be called while it runs,
    except the properties.
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
        self._clock = clock
        self._holder = holder
        self._log = get_logger(__name__)
        self._observer = Observer(metrics, self._log)
        self._loop = Loop(
            store=store,
            blobs=blobs,
            transport=transport,
            clock=clock,
            observer=self._observer,
            limits=limits,
            log=self._log,
        )
        self._leading = False
        self._looked_s = clock.monotonic()

    @property
    def epoch(self) -> int:
        """Under which it leads, or led last."""
        return self._loop.epoch

    @property
    def leading(self) -> bool:
        """Whether this aggregator leads, and its lease cannot have run out."""
        return self._leading and self._silent_s(self._answered_s) < LEASE_S

    @property
    def store_answers(self) -> bool:
        """Whether a commit or a look at the lease succeeded lately."""
        return self._silent_s(self._answered_s) < STORE_SILENCE_S

    @property
    def alive(self) -> bool:
        """Whether the loop turned, or tried to lead, lately."""
        return self._silent_s(self._loop.turned_s) < STUCK_S

    def take_over(self) -> None:
        """Lead at once and take back all that was out (a broker that died with us).

        Raises:
            TransientError: The store failed.
        """
        now = self._clock.now()
        lease = self._store.acquire_lease(self._holder, now=now, force=True)
        self._loop.job_clock.stop(lease.previous_heartbeat or now)
        self._loop.begin(lease.epoch)
        self._loop.take_back()
        self._begin(lease)

    def lead(self, stopping: threading.Event) -> None:
        """Stand by until the lease is free, lead, and again; until told to stop.

        What is out stays out: its messages are at a broker that outlives leaders.
        """
        while not stopping.is_set():
            if not self._acquire():
                stopping.wait(RETRY_S)
                continue
            self.run(stopping)
            self._loop.leave()
        self._give_up(self.epoch)
        self._loop.close()

    def run(self, stopping: threading.Event) -> None:
        """Work as the leader until told to stop or another aggregator leads."""
        while not stopping.is_set():
            try:
                self._loop.turn()
            except LeadershipLostError:
                self._log.warning("leadership_lost", epoch=self.epoch)
                break
            except TransientError as error:
                self._log.warning("commit_failed", code=error.code)
                stopping.wait(RETRY_S)
                self._loop.recover()
            except Exception:  # noqa: BLE001 - the loop must outlive any bug
                # A bug. One event at a time shows which one does it, and only that
                # one is given up, so that the others are not held up for ever.
                self._log.exception("turn_failed")
                self._loop.one_by_one = True
                stopping.wait(RETRY_S)
                self._loop.recover()
        self._leading = False
        self._observer.following()

    def turn(self) -> None:
        """Turn the loop once, by hand; see `Loop.turn`."""
        self._loop.turn()

    def recover(self) -> None:
        """Read the private state anew, as after a failed commit."""
        self._loop.recover()

    def finish(self) -> None:
        """Fold what is still in the mailbox; call it after `run` has returned."""
        self._loop.finish()

    def _acquire(self) -> bool:
        """Take the lease if it is free; say whether this aggregator leads."""
        self._loop.stand_by()
        try:
            lease = self._store.acquire_lease(self._holder, now=self._clock.now())
        except ConflictError:
            self._looked_s = self._clock.monotonic()
            return False
        except TransientError as error:
            self._log.warning("cannot_lead", code=error.code)
            return False
        self._loop.job_clock.stop(self._clock.now())
        try:
            self._loop.begin(lease.epoch)
        except TransientError as error:
            self._log.warning("cannot_lead", code=error.code)
            self._give_up(lease.epoch)
            return False
        self._begin(lease)
        return True

    def _begin(self, lease: Lease) -> None:
        self._leading = True
        self._looked_s = self._clock.monotonic()
        self._observer.leading(lease.epoch)

    def _give_up(self, epoch: int) -> None:
        with suppress(TransientError):
            self._store.give_up_lease(epoch)

    @property
    def _answered_s(self) -> float:
        return max(self._looked_s, self._loop.committed_s)

    def _silent_s(self, heard_s: float) -> float:
        return self._clock.monotonic() - heard_s
