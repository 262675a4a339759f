"""Events that may wait a little for others, so that one commit serves them all.

No timer gathers anything that somebody waits for: only starts and progress are held,
unacknowledged, and whatever else arrives takes them along at once. A commit costs the
same whatever it writes, and of a document's events most are of its start and progress.
"""

from collections.abc import Iterable

from service.messages import Event, TaskProgressed, TaskStarted

PROGRESS_EVERY_S = 0.1
"""Progress alone is committed at most this often."""
STARTED_WITHIN_S = 0.04
"""Starts alone are committed within this, as clients are to hear of one in 0.05 s: the
end of a short document comes sooner and takes its start along."""


class Holding:
    """What was drained and is not committed yet. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._until_s = 0.0
        self._next_progress_s = 0.0

    def __len__(self) -> int:
        """Give how many events are held."""
        return len(self._events)

    @property
    def until_s(self) -> float:
        """When all that is held is to be committed at the latest."""
        return self._until_s

    def add(self, events: Iterable[Event], now_s: float) -> None:
        """Take events in."""
        for event in events:
            match event:
                case TaskProgressed():
                    until_s = self._next_progress_s
                case TaskStarted():
                    until_s = now_s + STARTED_WITHIN_S
                case _:
                    until_s = now_s
            if not self._events or until_s < self._until_s:
                self._until_s = until_s
            self._events.append(event)

    def take(self) -> list[Event]:
        """Give all that is held, to be committed now."""
        events, self._events = self._events, []
        return events

    def committed(self, now_s: float) -> None:
        """Note a commit: progress alone waits from here on."""
        self._next_progress_s = now_s + PROGRESS_EVERY_S
