"""The release policy: who gets the free places, and how many there are.

Pure and replaceable: the aggregator asks only `share` and `in_flight_limit`. Today
places go round robin over jobs and fifo within a job.
"""

import math
from collections.abc import Mapping

from service.domain.model import FINAL_JOB, Job, JobId, JobStatus


def in_flight_limit(
    slots: int, *, mean_cost_ms: float, queue_ahead_s: float, most_ahead: int
) -> int:
    """Give how many tasks of one queue may be out.

    Live slots plus a short queue worth `queue_ahead_s` of predicted work, at least one
    task a slot, so that a worker never waits for the aggregator.

    Args:
        slots: Tasks that live workers can run at once.
        mean_cost_ms: Predicted work of an average waiting task.
        queue_ahead_s: Length of the queue in seconds of work.
        most_ahead: Most tasks in the queue.
    """
    if slots <= 0:
        return 0
    worth = math.ceil(slots * queue_ahead_s * 1000 / max(mean_cost_ms, 1.0))
    return slots + max(slots, min(worth, most_ahead))


def wants(job: Job) -> int:
    """Give how many documents a job could have released now, timers aside."""
    if not job.planned or job.cancel_requested or job.plan_failed:
        return 0
    if job.status in FINAL_JOB or job.status is JobStatus.PAUSED:
        return 0
    room = job.options.max_concurrent - job.counts.out
    return max(0, min(room, job.counts.waiting))


def share(
    wanted: Mapping[JobId, int], *, room: int, after: JobId | None
) -> dict[JobId, int]:
    """Divide free places round robin over the jobs that want some.

    Args:
        wanted: Jobs in their fixed order with the places each could use.
        room: Free places.
        after: The job that got the last place; the turn is its successor's.

    Returns:
        Places by job, in the order the turns came; jobs without one are absent.
    """
    left = {job_id: number for job_id, number in _from(wanted, after) if number > 0}
    given: dict[JobId, int] = dict.fromkeys(left, 0)
    while room > 0 and left:
        turn = max(1, min(room // len(left), min(left.values())))
        for job_id in list(left)[: room // turn]:
            given[job_id] += turn
            room -= turn
            left[job_id] -= turn
        left = {job_id: number for job_id, number in left.items() if number}
    return {job_id: number for job_id, number in given.items() if number}


def _from(wanted: Mapping[JobId, int], after: JobId | None) -> list[tuple[JobId, int]]:
    """Give the jobs beginning with the successor of `after`."""
    ordered = list(wanted.items())
    if after is None:
        return ordered
    later = [item for item in ordered if item[0] > after]
    return later + [item for item in ordered if item[0] <= after]
