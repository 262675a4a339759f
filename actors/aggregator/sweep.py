"""The last net: what is done about tasks nobody speaks for, and at every start."""

from datetime import timedelta

from actors.aggregator.commit import Commit
from actors.aggregator.outgoing import time_limit_s
from service.domain.model import Task, TaskStatus
from service.domain.reasons import EXPIRED, RESTARTED, WORKER_LOST
from service.domain.taking_back import hand_back, interrupt

EXPIRY_MARGIN_S = 5.0
"""A message may still be taken up to its expiry by a clock that is this much behind."""
SILENCE_MARGIN_S = 20.0
"""Time beyond limit and kill slack for the last event to arrive: more than a worker's
heartbeats may be apart."""
PAGE = 500
"""Tasks taken back in one transaction at a start."""


def sweep(commit: Commit, now_s: float) -> None:
    """Take back tasks whose message expired or whose worker fell silent.

    Call it only when everything in the mailbox up to now is folded in this commit.

    Args:
        commit: The commit to do it in.
        now_s: Monotonic time.
    """
    for entry in list(commit.state.out.values()):
        draft = commit.draft(entry.task.job_id)
        if draft is None or draft.job.final:
            continue
        task = draft.current(entry.task)
        if task.status is TaskStatus.QUEUED and _expired(commit, task):
            hand_back(draft, task, reason=EXPIRED)
        elif task.status is TaskStatus.PROCESSING:
            limit_s = time_limit_s(draft.job, task) + commit.limits.kill_slack_s
            if now_s - entry.heard_s > limit_s + SILENCE_MARGIN_S:
                interrupt(draft, task, reason=WORKER_LOST)


def take_back(commit: Commit, out: list[Task]) -> None:
    """Take back tasks that were out when a process with its own broker died.

    Only one that was at work counts it as an interruption.
    """
    commit.load(task.job_id for task in out)
    for task in out:
        draft = commit.drafts[task.job_id]
        if task.status is TaskStatus.PROCESSING:
            interrupt(draft, task, reason=RESTARTED)
        else:
            hand_back(draft, task, reason=RESTARTED)


def _expired(commit: Commit, task: Task) -> bool:
    assert task.queued_at is not None
    life = timedelta(seconds=commit.limits.release_expiry_s + EXPIRY_MARGIN_S)
    return commit.now >= task.queued_at + life
