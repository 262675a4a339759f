"""The tables of transitions."""

from service.domain.model import FINAL_JOB, FINAL_TASK, JobStatus, TaskStatus
from service.domain.transitions import JOB_TRANSITIONS, TASK_TRANSITIONS


def test_every_status_has_its_row() -> None:
    assert set(TASK_TRANSITIONS) == set(TaskStatus)
    assert set(JOB_TRANSITIONS) == set(JobStatus)


def test_final_statuses_absorb() -> None:
    assert all(not TASK_TRANSITIONS[status] for status in FINAL_TASK)
    assert all(not JOB_TRANSITIONS[status] for status in FINAL_JOB)


def test_every_task_that_is_not_final_may_go_straight_to_any_final_status() -> None:
    for status in set(TaskStatus) - FINAL_TASK:
        assert TASK_TRANSITIONS[status] >= FINAL_TASK


def test_nothing_goes_back_to_waiting_without_having_been_out() -> None:
    assert TaskStatus.PENDING not in TASK_TRANSITIONS[TaskStatus.RETRYING]
