"""A circuit breaker: a server that fails too often is left alone for a while.

Each process has its own, one for each model: what one worker learns it does not tell
the others. The lock is held around state alone, never during a call.
"""

import random
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum

from service.clock import Clock
from service.processing.llm.problems import ModelError, Trouble

WINDOW_S = 60.0
LEAST_CALLS = 10
"""Calls inside the window before their failures mean anything."""
FAILURE_SHARE = 0.5
OPEN_S = 30.0
"""How long it stays open before one call probes, with jitter."""
REFUSED_OPEN_S = 300.0
"""The same after a refused key or a used-up account: somebody must mend that."""
JITTER = 0.2
"""Share of that time by which it is shorter or longer, so that not all workers probe
at once."""
PROBE_S = 5.0
"""When to ask again while another call probes."""


class State(StrEnum):
    """Whether calls are let through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"
    """One call is let through to see; the others are not."""


class Breaker:
    """Counts failures in a sliding window and refuses calls when there are many.

    Args:
        clock: Its monotonic time.
        on_state: Told of every new state, under the lock: it must be quick.
        chance: Gives numbers 0-1 for the jitter.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        on_state: Callable[[State], None] = lambda _: None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._clock = clock
        self._on_state = on_state
        self._chance = chance
        self._lock = threading.Lock()
        self._calls: deque[tuple[float, float]] = deque()
        self._state = State.CLOSED
        self._era = 0
        """Number of the state: what a call of an older one learnt counts no more."""
        self._probe_at_s = 0.0
        self._on_state(self._state)

    @property
    def state(self) -> State:
        """The state as it is now."""
        with self._lock:
            return self._state

    def check(self) -> None:
        """Let pass unless a call would certainly be refused; promises nothing.

        Raises:
            ModelError: ``breaker_open``, with the time to try again.
        """
        with self._lock:
            self._refuse_or_pass()

    @contextmanager
    def call(self) -> Iterator[None]:
        """Let one call through and learn from how it ends.

        A `ModelError` counts as its meaning says, any other exception not at all.

        Raises:
            ModelError: ``breaker_open``, with the time to try again.
        """
        era = self._enter()
        try:
            yield
        except ModelError as error:
            self._leave(era, error)
            raise
        except BaseException:
            self._abandon(era)
            raise
        self._leave(era, None)

    def _enter(self) -> int:
        with self._lock:
            self._refuse_or_pass()
            if self._state is State.OPEN:
                self._become(State.HALF_OPEN)
            return self._era

    def _refuse_or_pass(self) -> None:
        if self._state is State.HALF_OPEN:
            raise ModelError(Trouble.BREAKER_OPEN, retry_after_s=PROBE_S)
        left_s = self._probe_at_s - self._clock.monotonic()
        if self._state is State.OPEN and left_s > 0:
            raise ModelError(Trouble.BREAKER_OPEN, retry_after_s=left_s)

    def _leave(self, era: int, error: ModelError | None) -> None:
        with self._lock:
            if era != self._era:
                return
            if error is not None and error.meaning.opens:
                self._open(REFUSED_OPEN_S)
            elif self._state is State.HALF_OPEN:
                self._judge_probe(error)
            else:
                self._count(0.0 if error is None else error.meaning.weight)

    def _judge_probe(self, error: ModelError | None) -> None:
        if error is None or error.meaning.weight is None:  # at least, it answers
            self._become(State.CLOSED)
        else:
            self._open(OPEN_S)

    def _abandon(self, era: int) -> None:
        """Let another call probe in the place of one that nobody waited for."""
        with self._lock:
            if era == self._era and self._state is State.HALF_OPEN:
                self._become(State.OPEN)

    def _count(self, weight: float | None) -> None:
        if weight is None:
            return
        now_s = self._clock.monotonic()
        self._calls.append((now_s, weight))
        while self._calls[0][0] <= now_s - WINDOW_S:
            self._calls.popleft()
        failures = sum(weight for _, weight in self._calls)
        if len(self._calls) >= LEAST_CALLS and (
            failures >= FAILURE_SHARE * len(self._calls)
        ):
            self._open(OPEN_S)

    def _open(self, seconds: float) -> None:
        seconds *= 1 + JITTER * (2 * self._chance() - 1)
        self._probe_at_s = self._clock.monotonic() + seconds
        self._become(State.OPEN)

    def _become(self, state: State) -> None:
        self._state = state
        self._era += 1
        self._calls.clear()
        self._on_state(state)
