"""What the clock asks of a commit rather than an event."""

from datetime import timedelta

from actors.aggregator import releasing, sweep
from actors.aggregator.commit import Commit
from actors.aggregator.job_clock import JobClock
from actors.aggregator.state import Workers

RESEND_AFTER = timedelta(seconds=2)
"""A released task without a confirmed message is sent again after this."""
PAGE = 500
"""Commands carried out, and tasks sent again, at once."""


def tick(
    commit: Commit, now_s: float, job_clock: JobClock, workers: Workers, *, judge: bool
) -> None:
    """Carry out commands, look at deadlines, and do what the nets are for.

    Args:
        commit: The commit to do it in.
        now_s: Monotonic time.
        job_clock: The clock of jobs' time limits.
        workers: Who is alive.
        judge: The silence of a task means something now.
    """
    commit.ticked = True
    commit.carry_out(commit.tx.commands(PAGE))
    job_clock.tick(commit, commit.state, workers.slots())
    passed = [
        job.id
        for job in commit.state.jobs.values()
        if job.deadline is not None and job.deadline <= commit.job_clock
    ]
    commit.load(passed)
    if judge:
        sweep.sweep(commit, now_s)
    unsent = commit.tx.unsent(before=commit.now - RESEND_AFTER, limit=PAGE)
    releasing.resend(commit, unsent)
