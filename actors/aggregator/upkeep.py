"""What the leader does beside its commits: keep the lease, remove what is past."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from structlog.stdlib import BoundLogger

from actors.aggregator.commit import Limits
from actors.aggregator.orphans import remove_orphans
from service.blobs import Blobs
from service.clock import Clock
from service.errors import TransientError
from service.processing.images.links import TEMPORARY
from service.store import Store

LEASE_RENEWAL_S = 5.0
"""How often the leader renews its lease."""
CLEANUP_EVERY_S = 60.0
"""How often it is looked for ended jobs past their retention."""
JOBS_A_CLEANUP = 10
"""Jobs removed in one transaction: no stream may stand still for it."""
AGAIN_S = 1.0
"""Pause before the next ones, while there are more."""
SWEEP_EVERY_S = 600.0
"""How often it is looked for temporary files that a killed worker left behind."""
ORPHANS_EVERY_S = 3_600.0
"""How often it is looked for stored files that no row names, and half-written ones."""
TEMPORARY_LIFE = timedelta(hours=2)
"""Longer than any temporary address is good for (`image_url_ttl_s`)."""


class Upkeep:
    """Renews the lease and removes ended jobs, each in its own time."""

    def __init__(
        self,
        store: Store,
        blobs: Blobs,
        *,
        clock: Clock,
        limits: Limits,
        log: BoundLogger,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._clock = clock
        self._retention = timedelta(seconds=limits.retention_s)
        self._grace = timedelta(seconds=limits.upload_grace_s)
        self._log = log
        self._next_renewal_s = 0.0
        self._next_cleanup_s = 0.0
        self._next_sweep_s = 0.0
        # What waits in the mailbox of a new leader is heard first: it may name some.
        self._next_orphans_s = clock.monotonic() + SWEEP_EVERY_S
        self._closing = threading.Event()
        self._deleting = ThreadPoolExecutor(1, thread_name_prefix="deleting")

    def renew(self, epoch: int, now_s: float) -> None:
        """Renew the lease if it is time.

        Raises:
            LeadershipLostError: Another aggregator leads.
            TransientError: The store does not answer.
        """
        if now_s >= self._next_renewal_s:
            self._store.renew_lease(epoch, self._clock.now())
            self._next_renewal_s = now_s + LEASE_RENEWAL_S

    def clean_up(self, epoch: int, now_s: float, *, heard_all: bool) -> None:
        """Remove some of what is past its retention if it is time.

        Args:
            epoch: Under which the caller leads.
            now_s: Monotonic time.
            heard_all: Whether the mailbox is empty and was not neglected just now:
                events in it may name files that no row does yet.

        Raises:
            LeadershipLostError: Another aggregator leads.
            TransientError: The store does not answer.
        """
        if now_s >= self._next_sweep_s:
            self._next_sweep_s = now_s + SWEEP_EVERY_S
            self._deleting.submit(self._sweep)
        if heard_all and now_s >= self._next_orphans_s:
            self._next_orphans_s = now_s + ORPHANS_EVERY_S
            self._deleting.submit(self._remove_orphans)
        if now_s >= self._next_cleanup_s:
            self._next_cleanup_s = now_s + CLEANUP_EVERY_S
            if self._remove_expired(epoch):
                self._next_cleanup_s = now_s + AGAIN_S

    def discard(self, keys: list[str]) -> None:
        """Remove blobs that no row will ever name, on another thread."""
        self._deleting.submit(self._delete, keys)

    def close(self) -> None:
        """Wait for blobs that are being deleted."""
        self._closing.set()
        self._deleting.shutdown()

    def _remove_expired(self, epoch: int) -> bool:
        """Remove some of what is past its retention; say whether there was any.

        Rows go first, blobs after the commit and on another thread.
        """
        before = self._clock.now() - self._retention
        with self._store.leading(epoch) as tx:
            keys = tx.remove_expired(ended_before=before, limit=JOBS_A_CLEANUP)
        if keys:
            self._deleting.submit(self._delete, keys)
        return bool(keys)

    def _sweep(self) -> None:
        before = self._clock.now() - TEMPORARY_LIFE
        try:
            removed = self._blobs.remove_older(TEMPORARY, before=before)
        except TransientError as error:
            self._log.warning("temporary_not_swept", code=error.code)
        else:
            if removed:
                self._log.info("temporary_swept", blobs=removed)

    def _remove_orphans(self) -> None:
        before = self._clock.now() - self._grace
        try:
            removed = self._blobs.remove_unfinished(before=before)
            removed += remove_orphans(
                self._store,
                self._blobs,
                before=before,
                stopping=self._closing.is_set,
            )
        except TransientError as error:
            self._log.warning("orphans_not_swept", code=error.code)
        else:
            if removed:
                self._log.info("orphans_swept", blobs=removed)

    def _delete(self, keys: list[str]) -> None:
        try:
            self._blobs.delete(keys)
            self._log.info("blobs_removed", blobs=len(keys))
        except TransientError as error:
            self._log.warning("blobs_not_deleted", blobs=len(keys), code=error.code)
