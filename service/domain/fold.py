"""The fold: what events mean for a job and the tasks they touch.

Never raises on a duplicate, late or impossible event; it says why it ignored it.
Idempotent, and commutative over the events folded between two releases of a task that
hold at most one distinct final for it: a final overwrites whatever an earlier event of
its generation left, and what comes after a final is ignored.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import assert_never

from msgspec import structs

from service.domain import attachments, retries, task_end
from service.domain import events as log
from service.domain.draft import Draft
from service.domain.fencing import came_back, why_ignored
from service.domain.model import (
    OUT,
    Failure,
    Job,
    Task,
    TaskId,
    TaskKind,
    TaskStatus,
)
from service.domain.reasons import (
    DEAD_LETTERED,
    REDELIVERED,
    RETRY,
    UPSTREAM,
    UPSTREAM_UNAVAILABLE,
    WORKER_LOST,
)
from service.domain.taking_back import hand_back, interrupt, return_unstarted
from service.messages import (
    BatchPlanned,
    TaskCompleted,
    TaskEvent,
    TaskFailed,
    TaskProgressed,
    TaskReturned,
    TaskStarted,
)


def fold(
    job: Job, tasks: Mapping[TaskId, Task], events: Iterable[TaskEvent], now: datetime
) -> Draft:
    """Fold events of one job into a new draft.

    Args:
        job: The job's header.
        tasks: At least every task the events name that exists.
        events: In any order, with any duplicates.
        now: The time of this commit.
    """
    draft = Draft(job, now)
    for event in events:
        fold_event(draft, tasks.get(event.task_id), event)
    return draft


def fold_event(draft: Draft, known: Task | None, event: TaskEvent) -> None:
    """Fold one event of the draft's job, or note why it changes nothing."""
    if known is None:
        draft.ignored.append("unknown_task")
        return
    task = draft.current(known)
    reason = why_ignored(draft.job, task, event)
    if reason is not None:
        draft.ignored.append(reason)
        return
    match event:
        case TaskStarted():
            _started(draft, task, event)
        case TaskProgressed():
            _progressed(draft, task, event)
        case TaskCompleted():
            _completed(draft, task, event)
        case TaskFailed():
            _failed(draft, task, event)
        case TaskReturned():
            _returned(draft, task, event)
        case BatchPlanned():
            _planned(draft, task, event)
        case _:
            assert_never(event)


def _returned(draft: Draft, task: Task, event: TaskReturned) -> None:
    if event.queue is not None:
        handed_on = draft.put(task, structs.replace(task, queue=event.queue))
        if task.status in OUT:
            hand_back(draft, handed_on, reason=event.reason, until=event.until)
    elif event.reason == DEAD_LETTERED and event.until is not None:
        return_unstarted(draft, task, reason=event.reason, until=event.until)
    elif event.reason != REDELIVERED:
        reason = UPSTREAM_UNAVAILABLE if event.reason == UPSTREAM else event.reason
        hand_back(draft, task, reason=reason, until=event.until)
    elif task.status is TaskStatus.PROCESSING:
        interrupt(draft, task, reason=WORKER_LOST)
    else:
        return_unstarted(draft, task, reason=REDELIVERED)


def _started(draft: Draft, task: Task, event: TaskStarted) -> None:
    if came_back(task):
        # It had started after all; its worker died, and this overtook the news.
        draft.put(
            task,
            structs.replace(
                task,
                returns=task.returns - 1,
                interruptions=task.interruptions + 1,
                waiting_reason=WORKER_LOST,
            ),
        )
        return
    started = draft.put(
        task,
        structs.replace(
            task,
            status=TaskStatus.PROCESSING,
            worker_id=event.worker_id,
            started_at=_once_queued(task, event.occurred_at),
            heard_at=draft.now,
        ),
    )
    if task.kind is TaskKind.DOCUMENT:
        draft.note("task.started", log.task_started(started))


def _progressed(draft: Draft, task: Task, event: TaskProgressed) -> None:
    fraction = min(max(event.fraction, 0.0), 1.0)
    told = event.message is not None and fraction >= task.fraction
    if not told and (fraction, event.step) <= (task.fraction, task.step or ""):
        draft.ignored.append("late_or_duplicate")
        return
    moved = draft.put(
        task,
        structs.replace(task, step=event.step, fraction=fraction, heard_at=draft.now),
    )
    draft.moved[task.id] = log.task_progress(
        moved, page=event.page, pages=event.pages, message=event.message
    )


def _note_start(draft: Draft, task: Task, event: TaskCompleted | TaskFailed) -> None:
    """Log the start of an attempt whose end came before or without it."""
    unheard = task.status is TaskStatus.QUEUED and event.generation == task.generation
    if unheard and task.kind is TaskKind.DOCUMENT:
        started = structs.replace(task, worker_id=event.worker_id)
        draft.note("task.started", log.task_started(started))


def _completed(draft: Draft, task: Task, event: TaskCompleted) -> None:
    _note_start(draft, task, event)
    milliseconds = round(event.processing_s * 1000)
    done = draft.put(
        task,
        structs.replace(
            _ended(task, event),
            status=TaskStatus.COMPLETED,
            queue=None,
            steps=event.steps,
            failure=None,
        ),
        result=event.result,
        result_key=event.result_key,
        outputs_key=event.outputs_key,
        result_bytes=event.result_bytes,
    )
    if task.kind is TaskKind.FINISH:
        draft.update(finish_done=True)
    if task.kind is not TaskKind.DOCUMENT:
        return
    draft.update(
        observed_count=draft.job.observed_count + 1,
        observed_cost_ms=draft.job.observed_cost_ms + task.cost_ms,
        observed_ms=draft.job.observed_ms + milliseconds,
        observed_square_ms2=draft.job.observed_square_ms2 + milliseconds**2,
    )
    added = attachments.add(draft, task, event.added)
    draft.note(
        "task.completed",
        log.task_completed(done, added=added, refused=len(event.added) - added),
    )


def _failed(draft: Draft, task: Task, event: TaskFailed) -> None:
    _note_start(draft, task, event)
    failure = Failure(code=event.code, message=event.message, retryable=event.retryable)
    again = event.retryable and event.attempt <= draft.job.options.retry_attempts
    ending = draft.ending()
    if again and ending is not None:
        task_end.end(draft, draft.put(task, _ended(task, event)), *ending)
    elif again:
        _retry(draft, task, event, failure)
    else:
        _fail(draft, task, event, failure)


def _retry(draft: Draft, task: Task, event: TaskFailed, failure: Failure) -> None:
    delay_s = max(
        event.retry_after_s or 0.0,
        retries.delay_s(
            draft.job.options.retry_delay_s, attempt=event.attempt, task_id=task.id
        ),
    )
    waiting = draft.put(
        task,
        structs.replace(
            _ended(task, event),
            status=TaskStatus.RETRYING,
            finished_at=None,
            waiting_reason=RETRY,
            not_before=draft.now + timedelta(seconds=delay_s),
            failure=failure,
        ),
    )
    if task.kind is TaskKind.DOCUMENT:
        draft.note(
            "task.retrying",
            log.task_retrying(waiting, delay_s=delay_s, failure=failure),
        )


def _fail(draft: Draft, task: Task, event: TaskFailed, failure: Failure) -> None:
    timeout = event.code == "document_timeout"
    failed = draft.put(
        task,
        structs.replace(
            _ended(task, event),
            status=TaskStatus.TIMEOUT if timeout else TaskStatus.FAILED,
            queue=None,
            steps=event.steps,
            failure=failure,
        ),
    )
    if task.kind is TaskKind.DOCUMENT:
        draft.note("task.failed", log.task_failed(failed))
    else:
        task_end.control_failed(draft, task.kind, failure)


def _ended(task: Task, event: TaskCompleted | TaskFailed) -> Task:
    """Give the task with what the end of an attempt says, whatever came before it.

    The start is derived from the end, so a lost or late ``task.started`` makes no
    difference; and a task that came to an end has not taken its worker down.
    """
    return structs.replace(
        task,
        attempts=event.attempt,
        interruptions=0,
        returns=0,
        worker_id=event.worker_id,
        step=None,
        fraction=0.0,
        waiting_reason=None,
        not_before=None,
        started_at=_once_queued(
            task, event.occurred_at - timedelta(seconds=event.processing_s)
        ),
        heard_at=None,
        finished_at=_once_queued(task, event.occurred_at),
        processing_ms=round(event.processing_s * 1000),
    )


def _once_queued(task: Task, moment: datetime) -> datetime:
    """Give a worker's time, but none before the release by the aggregator's clock.

    Clocks of machines differ, what took a while is rounded, and an end may be that of
    an earlier release.
    """
    return moment if task.queued_at is None else max(moment, task.queued_at)


def _planned(draft: Draft, task: Task, event: BatchPlanned) -> None:
    if event.part in draft.job.planned_parts:
        draft.ignored.append("late_or_duplicate")
        return
    parts = (*draft.job.planned_parts, event.part)
    planned_ms = draft.job.cost_total_ms if draft.job.planned_parts else 0
    draft.costs_ms |= event.costs_ms
    draft.update(
        planned_parts=tuple(sorted(parts)),
        cost_total_ms=planned_ms + sum(event.costs_ms.values()),
    )
    if len(parts) == event.parts:
        draft.put(
            task,
            structs.replace(
                task, status=TaskStatus.COMPLETED, finished_at=event.occurred_at
            ),
        )
        draft.update(planned=True, planned_parts=())
