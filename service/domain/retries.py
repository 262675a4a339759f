"""When a failed attempt is tried again."""

import hashlib

from service.domain.model import TaskId

MAX_DELAY_S = 3_600.0
"""Longest wait between two attempts."""
JITTER = 0.2
"""A delay is drawn out by up to this share, so that equals do not meet again."""


def delay_s(base_s: float, *, attempt: int, task_id: TaskId) -> float:
    """Give the wait after a failed attempt: base · 2^(attempt - 1), with jitter.

    The jitter is a hash of task and attempt, so folding the same event again gives the
    same timer.

    Args:
        base_s: The job's ``retryDelay`` in seconds.
        attempt: The attempt that failed, from 1.
        task_id: The task.
    """
    digest = hashlib.blake2b(f"{task_id}:{attempt}".encode(), digest_size=4).digest()
    share = int.from_bytes(digest) / 2**32
    delay_s = base_s * 2.0 ** min(attempt - 1, 32) * (1 + JITTER * share)
    return min(delay_s, MAX_DELAY_S)
