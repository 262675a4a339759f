"""Progress as a share of predicted work."""

from service.domain.model import OUT, Counts, Job, Task


def done_ms(task: Task) -> int:
    """Give the predicted work of a task that is done: all, a part, or nothing."""
    if task.final:
        return task.cost_ms
    if task.status in OUT:
        return int(task.cost_ms * task.fraction)
    return 0


def percent(counts: Counts, *, cost_done_ms: int, cost_total_ms: int) -> int:
    """Give the floor of the share of work done; 100 only when all is final."""
    if counts.total and counts.done == counts.total:
        return 100
    if cost_total_ms <= 0:
        return 0
    return min(99, 100 * cost_done_ms // cost_total_ms)


def advanced(job: Job) -> int:
    """Give the job's progress now: never less than it was."""
    now = percent(
        job.counts, cost_done_ms=job.cost_done_ms, cost_total_ms=job.cost_total_ms
    )
    return max(job.progress, now)
