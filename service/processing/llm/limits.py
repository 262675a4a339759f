"""How much a worker process may ask of one model: at once, and in a minute.

Each process has limits of its own, so the figures are those of the account divided by
the number of workers.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from service.clock import Clock
from service.processing.llm.patience import SLICE_S, Patience
from service.processing.llm.problems import ModelError, Trouble

_MINUTE_S = 60.0
_BURST_S = 6.0
"""How much of a minute's allowance may be used at once after a pause."""


class TokenBucket:
    """An allowance that fills steadily; whoever takes too much makes the next wait.

    Args:
        per_minute: The allowance; 0 = without limit.
        clock: Its monotonic time.
    """

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._rate = per_minute / _MINUTE_S
        self._most = max(1.0, self._rate * _BURST_S)
        self._clock = clock
        self._lock = threading.Lock()
        self._level = self._most
        self._filled_s = clock.monotonic()

    def take(self, amount: float) -> float:
        """Take it and give how long to wait before using it, in seconds.

        First come, first served: a small request cannot overtake a large one for ever.
        """
        if self._rate == 0:
            return 0.0
        with self._lock:
            self._fill()
            # More than ever fits in the bucket is given once the bucket is full.
            wait_s = (min(amount, self._most) - self._level) / self._rate
            self._level -= amount
        return max(wait_s, 0.0)

    def give_back(self, amount: float) -> None:
        """Return what was not used; a negative amount takes more."""
        with self._lock:
            self._fill()
            self._level = min(self._level + amount, self._most)

    def _fill(self) -> None:
        now_s = self._clock.monotonic()
        self._level = min(
            self._level + (now_s - self._filled_s) * self._rate, self._most
        )
        self._filled_s = now_s


class Spent:
    """What one call really used, told while its slot is held."""

    def __init__(self, tokens: int) -> None:
        self.tokens = tokens


class Limits:
    """The limits of one model in this process. Safe on any thread."""

    def __init__(
        self,
        *,
        concurrency: int,
        requests_per_minute: int,
        tokens_per_minute: int,
        clock: Clock,
    ) -> None:
        self._slots = threading.BoundedSemaphore(concurrency)
        self._requests = TokenBucket(requests_per_minute, clock)
        self._tokens = TokenBucket(tokens_per_minute, clock)

    @contextmanager
    def slot(self, tokens: int, patience: Patience) -> Iterator[Spent]:
        """Wait for room for one call of about so many tokens, and hold it.

        Raises:
            ModelError: ``busy``: there is none before the deadline.
            ProcessingStoppedError: Told to stop while waiting.
        """
        self._take_slot(patience)
        try:
            self._wait_for_allowance(tokens, patience)
            spent = Spent(tokens)
            try:
                yield spent
            finally:
                self._tokens.give_back(tokens - spent.tokens)
        finally:
            self._slots.release()

    def _take_slot(self, patience: Patience) -> None:
        while not self._slots.acquire(timeout=_slice_s(patience)):
            patience.check()
            if patience.left_s <= 0:
                raise ModelError(Trouble.BUSY)

    def _wait_for_allowance(self, tokens: int, patience: Patience) -> None:
        wait_s = max(self._requests.take(1), self._tokens.take(tokens))
        try:
            if wait_s >= max(patience.left_s, 0.0) and wait_s > 0:
                raise ModelError(Trouble.BUSY, retry_after_s=wait_s)
            patience.pause(wait_s)
        except BaseException:
            self._requests.give_back(1)
            self._tokens.give_back(tokens)
            raise


def _slice_s(patience: Patience) -> float:
    return min(max(patience.left_s, 0.0), SLICE_S)
