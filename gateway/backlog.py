"""Whether more work may be accepted: the store holds what the broker does not."""

import asyncio
from typing import Final

from gateway.problems import ProblemError
from gateway.threads import Threads
from service.clock import Clock
from service.store import Store

FRESH_S: Final = 1.0
"""How long a count is used. What other gateways accept meanwhile may go beyond it."""
TRY_AGAIN_S: Final = 10
"""When to ask again: a full backlog takes its time."""


class Backlog:
    """Refuses submissions while too many documents wait. For one event loop.

    Args:
        store: Counts.
        threads: Where the store is waited for.
        clock: Time.
        limit: Documents that may wait.
    """

    def __init__(
        self, *, store: Store, threads: Threads, clock: Clock, limit: int
    ) -> None:
        self._store = store
        self._threads = threads
        self._clock = clock
        self._limit = limit
        self._waiting = 0
        self._read_s = -FRESH_S
        self._reading = asyncio.Lock()

    async def let_in(self, documents: int) -> None:
        """Let a submission of so many documents through while there is room for any.

        Raises:
            ProblemError: Too many documents wait (``backlog_full``).
            TransientError: The store does not answer.
        """
        async with self._reading:
            now_s = self._clock.monotonic()
            if now_s - self._read_s >= FRESH_S:
                count = self._store.waiting_documents
                self._waiting = await self._threads.run(count)
                self._read_s = now_s
        if self._waiting >= self._limit:
            raise ProblemError(
                "backlog_full",
                f"{self._waiting} documents wait already; please try again later.",
                headers={"Retry-After": str(TRY_AGAIN_S)},
            )
        self._waiting += documents
