"""The one bridge from the event loop to the synchronous store, blobs and transport."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

WORKERS: Final = 16
"""Calls at once: more than a disk serves, few enough that waiting ones cost nothing."""


class Threads:
    """Runs blocking calls on a bounded pool of its own."""

    def __init__(self, *, workers: int = WORKERS) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="gateway")

    async def run(
        self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Call `function` on a thread and give what it returns or raises.

        Must be awaited on an event loop. A cancelled wait does not stop the call.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._pool, partial(function, *args, **kwargs)
        )

    def close(self) -> None:
        """Let running calls end and start no more."""
        self._pool.shutdown(wait=True, cancel_futures=True)
