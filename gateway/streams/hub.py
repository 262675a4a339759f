"""All watched jobs of this process, their notices, and the poll that misses nothing."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from gateway.problems import ProblemError
from gateway.streams.watch import JobWatch
from gateway.threads import Threads
from service.clock import Clock
from service.domain.model import JobId
from service.errors import TransientError
from service.logs import get_logger
from service.messages import JobNotice
from service.metrics import Metrics
from service.store import Store
from service.transport import Transport

POLL_S: Final = 2.0
"""Longest delay of an event whose notice was lost."""
TRY_AGAIN_S: Final = "5"

_log = get_logger(__name__)


class StreamHub:
    """Knows who watches what. All but `close` must run on one event loop.

    Args:
        store: Says how far each job's log is.
        transport: Brings notices.
        threads: Where the store is waited for.
        clock: Stamps progress.
        metrics: Counts open streams.
        limit: Most streams open at once.
    """

    def __init__(
        self,
        *,
        store: Store,
        transport: Transport,
        threads: Threads,
        clock: Clock,
        metrics: Metrics,
        limit: int,
    ) -> None:
        self._store = store
        self._transport = transport
        self._threads = threads
        self._clock = clock
        self._metrics = metrics
        self._limit = limit
        self._watches: dict[JobId, tuple[JobWatch, Callable[[], None]]] = {}
        self._open = 0
        self._closing = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def closing(self) -> bool:
        """Whether streams are to end."""
        return self._closing.is_set()

    async def run(self) -> None:
        """Poll for lost notices until closed."""
        self._loop = asyncio.get_running_loop()
        while not self.closing:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._closing.wait()
            if self._watches:
                await self._poll()

    def close(self) -> None:
        """End all streams, now and later. May be called on any thread, repeatedly."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._close)

    @contextmanager
    def watching(
        self, job_id: JobId, flag: asyncio.Event, wanted: frozenset[str]
    ) -> Iterator[JobWatch]:
        """Watch a job; `flag` is set whenever there may be something new.

        Args:
            job_id: The job.
            flag: Set it.
            wanted: Types of events that are waited for.
        """
        watch = self._watch(job_id)
        watch.add(flag, wanted)
        try:
            yield watch
        finally:
            watch.remove(flag)
            if not watch.watched:
                _, unsubscribe = self._watches.pop(job_id)
                unsubscribe()

    @contextmanager
    def place(self) -> Iterator[None]:
        """Count a stream while it is open.

        Raises:
            ProblemError: No more may be opened (``too_many_streams``).
        """
        if self.closing or self._open >= self._limit:
            raise ProblemError(
                "too_many_streams",
                "Please come back in a moment, or ask for the status instead.",
                headers={"Retry-After": TRY_AGAIN_S},
            )
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _watch(self, job_id: JobId) -> JobWatch:
        if job_id not in self._watches:
            loop, watch = asyncio.get_running_loop(), JobWatch(job_id)

            def listen(notice: JobNotice) -> None:
                if watch.receive(notice, self._clock.now()):
                    with suppress(RuntimeError):  # the loop was closed just now
                        loop.call_soon_threadsafe(watch.catch_up)

            unsubscribe = self._transport.subscribe(job_id, listen)
            self._watches[job_id] = (watch, unsubscribe)
        return self._watches[job_id][0]

    async def _poll(self) -> None:
        jobs = list(self._watches)
        try:
            seqs = await self._threads.run(self._store.last_seqs, jobs)
        except TransientError as error:
            _log.warning("stream_poll_failed", error=error.message)
            return
        for job_id, seq in seqs.items():
            if job_id in self._watches:
                self._watches[job_id][0].saw(seq)

    def _close(self) -> None:
        self._closing.set()
        for watch, _ in self._watches.values():
            watch.wake()

    def _count(self, change: int) -> None:
        self._open += change
        self._metrics.open_streams.inc(change)
