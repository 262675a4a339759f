"""What events make of a job and its tasks."""

from datetime import timedelta

from service.domain.draft import Draft
from service.domain.model import JobOptions, TaskStatus
from service.domain.retries import MAX_DELAY_S, delay_s
from service.domain.taking_back import hand_back
from service.messages import TaskCompleted, TaskFailed, TaskStarted
from tests.factories import NOW, make_task
from tests.unit.domain.commits import completed, failed, kinds, released, said, settled


def test_an_attempt_whose_start_was_not_heard_is_logged_from_its_start() -> None:
    job, [task] = released()
    began = TaskStarted(**said(task), worker_id="w")
    in_order = settled(job, [task], began, completed(task))
    for heard in ([completed(task)], [completed(task), began]):
        assert settled(job, [task], *heard).log == in_order.log
    again = settled(job, [task], failed(task))
    assert kinds(again) == ["task.started", "task.retrying"]


def test_no_time_of_an_attempt_is_before_its_release() -> None:
    """Here the worker's clock is behind, and longer at work than since the release."""
    job, [task] = released()
    behind = {"occurred_at": NOW - timedelta(seconds=1)}
    for event in (
        TaskStarted(**said(task) | behind, worker_id="w"),
        TaskCompleted(**said(task), worker_id="w", processing_s=0.1),
        TaskCompleted(**said(task) | behind, worker_id="w", processing_s=0.1),
    ):
        told = settled(job, [task], event).current(task)
        assert told.queued_at == told.started_at == NOW
        assert told.finished_at in {None, NOW}
    done = settled(job, [task], completed(task)).current(task)
    assert done.processing_ms == 100


def test_the_start_of_an_older_release_is_not_told_again() -> None:
    job, [task] = released()
    started = settled(job, [task], TaskStarted(**said(task), worker_id="w"))
    draft = Draft(started.job, NOW)
    returned = hand_back(draft, started.current(task), reason="shutdown", until=None)
    draft.release(returned)
    after = settled(draft.job, [draft.current(task)], completed(task))
    assert kinds(after) == ["task.completed", "batch.completed"]


def test_a_retryable_failure_waits_twice_as_long_each_time() -> None:
    job, [task] = released()
    first = settled(job, [task], failed(task))
    waiting = first.current(task)
    assert waiting.status is TaskStatus.RETRYING
    assert waiting.not_before is not None
    assert 2.0 <= (waiting.not_before - NOW).total_seconds() <= 2.4
    assert 4.0 <= delay_s(2.0, attempt=2, task_id=task.id) <= 4.8
    assert delay_s(2_000.0, attempt=9, task_id=task.id) == MAX_DELAY_S


def test_a_failure_that_names_a_time_is_not_tried_before_it() -> None:
    job, [task] = released()
    event = TaskFailed(
        **said(task),
        worker_id="w",
        code="upstream_unavailable",
        message="Busy.",
        retryable=True,
        retry_after_s=90.0,
    )
    waiting = settled(job, [task], event).current(task)
    assert waiting.not_before == NOW + timedelta(seconds=90)


def test_the_last_attempt_is_final() -> None:
    job, [task] = released(options=JobOptions(retry_attempts=0))
    draft = settled(job, [task], failed(task))
    assert draft.current(task).status is TaskStatus.FAILED


def test_events_of_nothing_known_are_ignored_with_their_reason() -> None:
    job, [task] = released()
    stranger = make_task(job=job, index=9, generation=1)
    future = TaskStarted(**said(task) | {"generation": 7}, worker_id="w")
    draft = settled(job, [task], completed(stranger), future)
    assert draft.ignored == ["unknown_task", "future_generation"]


def test_work_done_twice_is_named_so() -> None:
    job, tasks = released(2)
    draft = settled(job, tasks, completed(tasks[0]), failed(tasks[0]))
    assert draft.ignored == ["duplicate_work"]
    late = TaskStarted(**said(tasks[0]), worker_id="w")
    later = settled(draft.job, [draft.current(tasks[0]), tasks[1]], late)
    assert later.ignored == ["task_final"]
