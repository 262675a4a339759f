"""Waiting without sleeping, and a clock that moves only when told."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

T = TypeVar("T")

_POLL_S = 0.01
_MOST_S = 0.1
_START = datetime(2026, 11, 9, 10, 0, 0, tzinfo=UTC)


def eventually(check: Callable[[], T], *, timeout_s: float = 20.0) -> T:
    """Give the first true answer of `check`, called again and again.

    A check that raises AssertionError has not come true yet; its last error is shown
    when the time is up. Any other error ends the waiting at once. The longer it takes,
    the less often it is asked: asking takes time from what is waited for.

    Raises:
        AssertionError: It did not come true within `timeout_s` seconds.
    """
    pause = threading.Event()
    began = time.monotonic()
    until = began + timeout_s
    problem: AssertionError | None = None
    while True:
        try:
            answer = check()
        except AssertionError as error:
            problem = error
        else:
            if answer:
                return answer
            problem = None
        now = time.monotonic()
        if now >= until:
            raise AssertionError(f"not true within {timeout_s} s") from problem
        pause.wait(min(max(_POLL_S, (now - began) / 10), _MOST_S))


class ManualClock:
    """A clock that stands still until it is advanced; safe on any thread."""

    def __init__(self, start: datetime = _START) -> None:
        self._lock = threading.Lock()
        self._start = start
        self._elapsed_s = 0.0

    def now(self) -> datetime:
        """Wall-clock time, aware, UTC."""
        with self._lock:
            return self._start + timedelta(seconds=self._elapsed_s)

    def monotonic(self) -> float:
        """Seconds advanced since the start."""
        with self._lock:
            return self._elapsed_s

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass."""
        with self._lock:
            self._elapsed_s += seconds
