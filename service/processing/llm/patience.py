"""How long a worker thread may wait for a model, and what ends the wait early."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from service.clock import Clock
from service.errors import ProcessingStoppedError

SLICE_S = 0.25
"""Longest wait in one piece: a stop is noticed within it."""


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """A deadline and a way to be told to stop; belongs to one thread."""

    clock: Clock
    until_s: float
    """Monotonic time after which nothing is waited for."""
    should_stop: Callable[[], bool] = _never

    @property
    def left_s(self) -> float:
        """Seconds to the deadline; negative after it."""
        return self.until_s - self.clock.monotonic()

    def check(self) -> None:
        """Go on only while nobody said stop.

        Raises:
            ProcessingStoppedError: Somebody did.
        """
        if self.should_stop():
            raise ProcessingStoppedError("told to stop while waiting for the model")

    def pause(self, seconds: float) -> None:
        """Wait so long, whatever the deadline.

        Raises:
            ProcessingStoppedError: Told to stop meanwhile.
        """
        until_s = self.clock.monotonic() + seconds
        never = threading.Event()
        while (rest_s := until_s - self.clock.monotonic()) > 0:
            self.check()
            never.wait(min(rest_s, SLICE_S))
