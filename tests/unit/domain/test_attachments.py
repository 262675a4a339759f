"""What is inside a document joins its job with the document's end, and only then."""

from datetime import timedelta
from typing import Any

from msgspec import structs

from service.domain.attachments import MAX_INSIDE_BYTES
from service.domain.draft import Draft
from service.domain.estimates import UNKNOWN_COST_MS, Durations
from service.domain.fold import fold, fold_event
from service.domain.model import (
    Counts,
    Job,
    JobStatus,
    Task,
    TaskId,
    TaskKind,
    TaskStatus,
)
from service.domain.task_end import end_waiting
from service.domain.task_ids import (
    MAX_ATTACHMENT_DEPTH,
    attachment_depth,
    attachment_task_id,
    document_task_id,
    root_task_id,
)
from service.messages import TaskCompleted
from tests.factories import NOW, make_attachments, make_finish_task, make_job, make_task

COST_MS = 40


def at_work(**fields: Any) -> tuple[Job, Task]:
    """Give a job that waits for the second of its two documents, at 50 %."""
    defaults: dict[str, Any] = {
        "status": JobStatus.PROCESSING,
        "counts": Counts(completed=1, processing=1),
        "planned": True,
        "progress": 50,
        "cost_total_ms": 2 * COST_MS,
        "cost_done_ms": COST_MS,
        "started_at": NOW - timedelta(seconds=2),
        "deadline": NOW + timedelta(seconds=60),
    }
    job = make_job(**(defaults | fields))
    task = make_task(
        job=job,
        index=1,
        status=TaskStatus.PROCESSING,
        generation=1,
        cost_ms=COST_MS,
        queued_at=NOW,
    )
    return job, task


def completed(task: Task, *, inside: int) -> TaskCompleted:
    return TaskCompleted(
        message_id="m",
        owner=task.owner,
        occurred_at=NOW,
        job_id=task.job_id,
        task_id=task.id,
        generation=task.generation,
        worker_id="w",
        processing_s=0.5,
        added=make_attachments(task.id, inside),
    )


def added_to(draft: Draft) -> list[Task]:
    return [c.after for c in draft.changes.values() if c.added is not None]


def test_ids_nest_and_say_how_deep_a_document_is() -> None:
    job = make_job()
    outer = document_task_id(job.id, 12)
    inner = attachment_task_id(attachment_task_id(outer, 3), 1_000)
    assert inner == f"{job.id}.000012.0003.1000"
    assert [attachment_depth(outer), attachment_depth(inner)] == [0, 2]


def test_attachments_join_the_job_in_the_commit_that_ends_their_document() -> None:
    job, task = at_work()
    event = completed(task, inside=2)

    draft = fold(job, {task.id: task}, [event], NOW)
    draft.settle()

    first, second = added_to(draft)
    assert (first.id, second.id) == (f"{task.id}.0001", f"{task.id}.0002")
    assert (first.index, second.index) == (2, 3)
    assert first.document_id == event.added[0].document_id
    assert first.status is TaskStatus.PENDING
    assert draft.job.counts == Counts(completed=2, pending=2)
    assert draft.job.cost_total_ms == 2 * COST_MS + 2 * UNKNOWN_COST_MS
    assert not draft.job.final


def test_progress_holds_still_when_the_total_grows() -> None:
    job, task = at_work()
    draft = fold(job, {task.id: task}, [completed(task, inside=10)], NOW)
    draft.settle()
    assert (draft.job.progress, draft.job.status) == (50, JobStatus.PROCESSING)


def test_the_cost_of_an_attachment_is_predicted_by_its_kind() -> None:
    job, task = at_work()
    observed = {("DATA_EXTRACTION", "text/plain", 0): Durations(samples=9, mean_ms=7)}
    draft = Draft(job, NOW, observed=observed)
    fold_event(draft, task, completed(task, inside=1))
    assert [each.cost_ms for each in added_to(draft)] == [7]


def test_a_second_end_of_the_document_adds_nothing() -> None:
    job, task = at_work()
    event = completed(task, inside=2)
    draft = fold(job, {task.id: task}, [event, event], NOW)
    assert (len(added_to(draft)), draft.ignored) == (2, ["duplicate_work"])

    ended = draft.changes[task.id].after
    again = fold(draft.job, {task.id: ended}, [event], NOW)
    assert not again.changed


def test_the_log_says_how_many_joined_and_how_many_had_no_place() -> None:
    job, task = at_work()
    draft = Draft(job, NOW, max_documents=3)
    event = completed(task, inside=3)

    fold_event(draft, task, event)

    assert draft.refused == list(event.added[1:])
    [entry] = draft.log
    assert (entry.data["attachments"], entry.data["attachmentsRefused"]) == (1, 2)
    assert draft.job.counts.total == 3


def test_bytes_are_counted_over_all_that_is_inside_a_submitted_document() -> None:
    job, task = at_work()
    inner = structs.replace(task, id=attachment_task_id(task.id, 7))
    event = completed(inner, inside=3)
    sizes = [each.size_bytes for each in event.added]

    draft = Draft(job, NOW)
    draft.inside_bytes[task.id] = MAX_INSIDE_BYTES - sizes[0] - sizes[1]
    fold_event(draft, inner, event)

    assert draft.refused == list(event.added[2:])
    assert draft.inside_bytes == {task.id: MAX_INSIDE_BYTES}
    other = structs.replace(task, id=attachment_task_id(task.id, 8))
    fold_event(draft, other, completed(other, inside=1))
    assert len(draft.refused) == 2


def test_the_root_of_a_task_is_what_was_submitted() -> None:
    root = document_task_id(make_job().id, 3)
    assert root_task_id(root) == root
    assert root_task_id(attachment_task_id(attachment_task_id(root, 1), 2)) == root


def test_a_full_job_takes_none() -> None:
    job, task = at_work()
    draft = Draft(job, NOW, max_documents=1)
    fold_event(draft, task, completed(task, inside=1))
    assert (added_to(draft), len(draft.refused)) == ([], 1)


def test_an_ordinary_end_does_not_speak_of_attachments() -> None:
    job, task = at_work()
    draft = fold(job, {task.id: task}, [completed(task, inside=0)], NOW)
    assert "attachments" not in draft.log[0].data


def test_what_is_too_deep_is_not_added() -> None:
    job, task = at_work()
    deep_id = TaskId(f"{task.id}{'.0001' * MAX_ATTACHMENT_DEPTH}")
    deep = structs.replace(task, id=deep_id)
    draft = fold(job, {deep.id: deep}, [completed(deep, inside=1)], NOW)
    assert (added_to(draft), len(draft.refused)) == ([], 1)


def test_in_a_cancelled_job_they_end_at_once_as_its_other_documents() -> None:
    job, task = at_work(cancel_requested=True)
    draft = fold(job, {task.id: task}, [completed(task, inside=2)], NOW)
    end_waiting(draft, added_to(draft))
    draft.settle()

    assert {each.status for each in added_to(draft)} == {TaskStatus.CANCELLED}
    assert draft.job.status is JobStatus.CANCELLED
    assert draft.job.never_started == 2
    kinds = [entry.type for entry in draft.log]
    assert kinds == ["task.completed", *["task.cancelled"] * 2, "batch.cancelled"]


def test_past_the_deadline_they_end_as_timed_out() -> None:
    job, task = at_work(deadline=NOW)
    draft = fold(job, {task.id: task}, [completed(task, inside=1)], NOW)
    end_waiting(draft, added_to(draft))
    draft.settle()
    assert [each.status for each in added_to(draft)] == [TaskStatus.TIMEOUT]
    assert draft.job.status is JobStatus.TIMEOUT


def test_finishing_adds_no_documents() -> None:
    job, _ = at_work(has_finish=True)
    finish = make_finish_task(job, status=TaskStatus.QUEUED, generation=1)
    draft = fold(job, {finish.id: finish}, [completed(finish, inside=1)], NOW)
    assert finish.kind is TaskKind.FINISH
    assert added_to(draft) == []
