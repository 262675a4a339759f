"""Promise 3: the fold is idempotent, and commutative between two releases."""

from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from service.domain.draft import Draft
from service.domain.fold import fold
from service.domain.model import (
    Counts,
    DocumentId,
    Job,
    JobStatus,
    Task,
    TaskId,
    TaskStatus,
)
from service.domain.taking_back import MAX_RETURNS
from service.domain.task_ids import document_task_id
from service.messages import (
    TaskCompleted,
    TaskEvent,
    TaskFailed,
    TaskProgressed,
    TaskReturned,
    TaskStarted,
)
from tests.factories import NOW, make_job, make_task

GENERATION = 3
TASKS = 3
RETURNS = ["shutdown", "redelivered", "dead_lettered", "upstream", "ocr"]


def events_of_one_release(draw: st.DrawFn, task: Task) -> list[TaskEvent]:
    """What may arrive for a task between two releases: at most one distinct final."""
    common: dict[str, Any] = {
        "message_id": "m",
        "owner": task.owner,
        "job_id": task.job_id,
        "task_id": task.id,
        "occurred_at": NOW,
        "attempt": 2,
    }
    now = common | {"generation": GENERATION}
    older = common | {"generation": GENERATION - 1}
    chosen: list[TaskEvent] = []
    if draw(st.booleans()):
        chosen.append(TaskStarted(**now, worker_id="w1"))
    for step in draw(st.lists(st.sampled_from(["sniff", "extract"]), max_size=2)):
        fraction = draw(st.sampled_from([0.0, 0.2, 0.7]))
        chosen.append(TaskProgressed(**now, step=step, fraction=fraction))
    if draw(st.booleans()):
        chosen.append(TaskStarted(**older, worker_id="w0"))
    if draw(st.booleans()):
        chosen.append(TaskFailed(**older, worker_id="w0", **failure(retryable=True)))
    if draw(st.booleans()):
        reason = draw(st.sampled_from(RETURNS))
        until = draw(st.sampled_from([None, NOW + timedelta(seconds=5)]))
        queue = "documents.ocr" if reason == "ocr" else None
        returned = TaskReturned(
            **now, worker_id="w1", reason=reason, until=until, queue=queue
        )
        chosen.append(returned)
    final = draw(
        st.sampled_from(
            [
                None,
                TaskCompleted(**now, worker_id="w1", processing_s=0.25),
                TaskCompleted(**older, worker_id="w0", processing_s=0.5),
                TaskFailed(**now, worker_id="w1", **failure(retryable=True)),
                TaskFailed(**now, worker_id="w1", **failure(retryable=False)),
                TaskFailed(
                    **now,
                    worker_id="w1",
                    **failure("document_timeout", retryable=False),
                ),
            ]
        )
    )
    return chosen if final is None else [*chosen, final]


def failure(code: str = "crashed", *, retryable: bool) -> dict[str, Any]:
    return {"code": code, "message": "It failed.", "retryable": retryable}


@st.composite
def histories(
    draw: st.DrawFn,
) -> tuple[Job, dict[TaskId, Task], list[TaskEvent], list[TaskEvent]]:
    """A job, its tasks, and two orders of the same events with any duplicates."""
    cancelled = draw(st.booleans())
    job = make_job(
        status=JobStatus.PROCESSING,
        counts=Counts(queued=TASKS),
        planned=True,
        cost_total_ms=30,
        started_at=NOW - timedelta(seconds=5),
        deadline=NOW + timedelta(seconds=draw(st.sampled_from([-1, 60]))),
        cancel_requested=cancelled,
    )
    tasks = {
        task.id: task
        for index in range(TASKS)
        for task in [
            make_task(
                job=job,
                index=index,
                id=document_task_id(job.id, index),
                document_id=DocumentId(f"doc_{index}"),
                status=TaskStatus.QUEUED,
                generation=GENERATION,
                attempts=1,
                returns=draw(st.sampled_from([0, MAX_RETURNS])),
                cost_ms=10,
                queued_at=NOW,
            )
        ]
    }
    events = [e for task in tasks.values() for e in events_of_one_release(draw, task)]
    twice = st.lists(st.sampled_from(events), max_size=5) if events else st.just([])
    first = draw(st.permutations(events + draw(twice)))
    second = draw(st.permutations(events + draw(twice)))
    return job, tasks, first, second


def state_of(draft: Draft, tasks: dict[TaskId, Task]) -> tuple[Job, list[Task]]:
    """Everything the fold decides, the order of the log aside."""
    job = msgspec.structs.replace(draft.job, last_seq=0)
    return job, [draft.current(task) for task in tasks.values()]


@given(histories())
def test_any_order_with_any_duplicates_gives_the_same_state(
    history: tuple[Job, dict[TaskId, Task], list[TaskEvent], list[TaskEvent]],
) -> None:
    job, tasks, first, second = history

    folded = fold(job, tasks, first, NOW)
    otherwise = fold(job, tasks, second, NOW)

    assert state_of(folded, tasks) == state_of(otherwise, tasks)


@given(histories())
def test_folding_again_after_a_commit_changes_nothing(
    history: tuple[Job, dict[TaskId, Task], list[TaskEvent], list[TaskEvent]],
) -> None:
    job, tasks, events, _ = history
    folded = fold(job, tasks, events, NOW)
    committed = {task.id: folded.current(task) for task in tasks.values()}

    again = fold(folded.job, committed, events, NOW)

    assert not again.changed
    assert len(again.ignored) == len(events)


@given(histories(), st.integers(0, 30))
def test_where_commits_fall_makes_no_difference(
    history: tuple[Job, dict[TaskId, Task], list[TaskEvent], list[TaskEvent]], cut: int
) -> None:
    job, tasks, events, _ = history
    whole = fold(job, tasks, events, NOW)

    first = fold(job, tasks, events[:cut], NOW)
    committed = {task.id: first.current(task) for task in tasks.values()}
    second = fold(first.job, committed, events[cut:], NOW)

    assert state_of(second, committed) == state_of(whole, tasks)
