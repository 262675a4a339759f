"""Whether the leader has heard all there was to hear: the sweep judges only silence."""

DEAF_S = 2.0
"""A mailbox read up to its end at least this often counts as listened to."""
SETTLE_S = 15.0
"""After a longer gap workers and their heartbeats get this long to be heard again."""


class Attention:
    """Keeps account of time in which nobody listened. Times are monotonic seconds."""

    def __init__(self, now_s: float) -> None:
        self._turned_s = now_s
        self._heard_all_s = now_s
        self._settled_s = now_s

    @property
    def turned_s(self) -> float:
        """When the loop last turned."""
        return self._turned_s

    def turn(self, now_s: float, *, caught_up: bool) -> float:
        """Note a turn of the loop; give how long nobody had listened before it."""
        gap_s = now_s - self._turned_s
        self._turned_s = now_s
        deaf_s = now_s - self._heard_all_s
        if caught_up:
            self._heard_all_s = now_s
            if deaf_s > DEAF_S:
                self._settled_s = now_s + SETTLE_S
        return gap_s if deaf_s > DEAF_S else 0.0

    def may_judge(self, now_s: float) -> bool:
        """Say whether the silence of a task means anything now."""
        return now_s == self._heard_all_s and now_s >= self._settled_s
