"""The one bridge from the event loop to the synchronous store, blobs and transport."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

WORKERS: Final = 16
"""Calls at once: more than a disk serves, few enough that waiting ones cost nothing."""


class Threads:
    """Runs blocking calls on a bounded pool of its own.

    Its methods must be awaited on one event loop.
    """

    def __init__(self, *, workers: int = WORKERS) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="gateway")
        self._works: set[asyncio.Task[Any]] = set()

    async def run(
        self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Call `function` on a thread and give what it returns or raises.

        A cancelled wait ends once the call has ended, or if it has not begun: what
        comes after it never meets a call that still runs.
        """
        call = self._pool.submit(function, *args, **kwargs)
        future = asyncio.wrap_future(call)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            if not call.cancel():
                await _ended(future)
            raise

    async def whole(self, work: Coroutine[Any, Any, R]) -> R:
        """Carry out `work` to its end, even if the wait for it is cancelled.

        For what must not be left half-done. A cancelled wait ends with the work.
        """
        task = asyncio.create_task(work)
        self._works.add(task)
        task.add_done_callback(self._works.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await _ended(task)
            raise

    async def close(self) -> None:
        """Let whole works and running calls end and start no more."""
        while self._works:
            await asyncio.wait(self._works)
        self._pool.shutdown(wait=True, cancel_futures=True)


async def _ended(future: asyncio.Future[Any]) -> None:
    """Wait for the end, whatever it is; nobody else is there to hear of it."""
    await asyncio.wait([future])
    if not future.cancelled():
        future.exception()
