"""Tasks that come back unfinished wait again, and not for ever."""

from service.domain.draft import Draft
from service.domain.fold import fold
from service.domain.model import TaskStatus
from service.domain.taking_back import (
    MAX_INTERRUPTIONS,
    MAX_RETURNS,
    give_up_exhausted,
    interrupt,
)
from service.messages import TaskEvent, TaskReturned, TaskStarted
from tests.factories import NOW
from tests.unit.domain.commits import LATER, released, said, settled


def test_a_restart_is_free_once_and_gives_up_at_the_limit() -> None:
    job, [task] = released()
    for number in range(1, MAX_INTERRUPTIONS + 1):
        draft = Draft(job, NOW)
        interrupt(draft, task, reason="restarted")
        give_up_exhausted(draft)
        after = draft.current(task)
        assert after.attempts == 0
        if number < MAX_INTERRUPTIONS:
            assert after.status is TaskStatus.PENDING
            task = draft.release(after)
            job = draft.job
        else:
            assert after.status is TaskStatus.FAILED
            assert after.failure is not None
            assert after.failure.code == "poison"


def test_a_message_that_keeps_coming_back_unstarted_ends_as_worker_lost() -> None:
    job, [task] = released()
    for _ in range(MAX_RETURNS + 1):
        returned = TaskReturned(**said(task), worker_id="w", reason="redelivered")
        draft = fold(job, {task.id: task}, [returned], NOW)
        give_up_exhausted(draft)
        job, task = draft.job, draft.current(task)
        if task.status is TaskStatus.PENDING:
            task = draft.release(task)
            job = draft.job
    assert task.failure is not None
    assert task.failure.code == "worker_lost"


def test_a_refused_message_counts_as_a_return_and_an_expired_one_does_not() -> None:
    job, [task] = released()
    for until, returns in ((LATER, 1), (None, 0)):
        letter = TaskReturned(
            **said(task), worker_id="broker", reason="dead_lettered", until=until
        )
        after = settled(job, [task], letter).current(task)
        assert (after.returns, after.not_before) == (returns, until)


def test_a_redelivered_task_that_had_started_counts_as_an_interruption() -> None:
    job, [task] = released()
    started = TaskStarted(**said(task), worker_id="w")
    returned = TaskReturned(**said(task), worker_id="v", reason="redelivered")
    orders: list[list[TaskEvent]] = [[started, returned], [returned, started, started]]
    for events_in_order in orders:
        draft = settled(job, [task], *events_in_order)
        after = draft.current(task)
        assert (after.interruptions, after.returns) == (1, 0)
        assert after.status is TaskStatus.PENDING


def test_what_waits_for_something_else_is_parked_and_uses_no_attempt() -> None:
    job, [task] = released()
    returned = TaskReturned(**said(task), worker_id="w", reason="upstream", until=LATER)
    after = settled(job, [task], returned).current(task)
    assert after.status is TaskStatus.PENDING
    assert (after.waiting_reason, after.not_before) == ("upstream_unavailable", LATER)
    assert (after.attempts, after.returns) == (0, 0)


def test_a_document_is_handed_on_although_it_was_taken_back_meanwhile() -> None:
    job, [task] = released()
    draft = Draft(job, NOW)
    waiting = interrupt(draft, task, reason="worker_lost")
    handed_on = TaskReturned(**said(task), worker_id="w", reason="ocr", queue="scans")
    after = settled(draft.job, [waiting], handed_on).current(waiting)
    assert (after.status, after.queue) == (TaskStatus.PENDING, "scans")
    assert (after.waiting_reason, after.interruptions) == ("worker_lost", 1)
