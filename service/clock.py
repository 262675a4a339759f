"""The only place that reads the clock."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Gives the time; passed to whoever needs it."""

    def now(self) -> datetime:
        """Wall-clock time, aware, UTC: for rows, messages and answers."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump: for waiting and measuring inside a process."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """Wall-clock time, aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds from an arbitrary start that never jump."""
        return time.monotonic()
