"""What every store does for the aggregator, whatever database it is on."""

from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from service.domain.model import (
    Counts,
    Failure,
    Job,
    JobId,
    JobStatus,
    Outcome,
    Owner,
    TaskId,
    TaskKind,
    TaskStatus,
)
from service.domain.task_ids import (
    attachment_task_id,
    document_task_id,
    finish_task_id,
    plan_task_id,
)
from service.errors import (
    StaleStateError,
)
from service.store import Store
from service.store.rows import AddedTask, Changes
from tests.contract.steps import (
    commit,
    finish,
    ids_of,
    lead,
    moved,
    submit,
    tasks_of,
    write,
)
from tests.factories import (
    NOW,
    make_documents,
    make_log_entry,
    make_task,
)

ME = Owner("local")
SECOND = timedelta(seconds=1)


class LeaderContract:
    def test_changes_are_there_after_the_commit(self, store: Store) -> None:
        job = submit(store, documents=2)
        epoch = lead(store)
        first, second = tasks_of(store, epoch, job)
        later = NOW + timedelta(milliseconds=1)
        release = write(
            first, TaskStatus.QUEUED, generation=1, queued_at=later, worker_id="w"
        )
        snooze = write(
            second, TaskStatus.PENDING, waiting_reason="upstream", not_before=later
        )
        after = commit(store, epoch, job, release, snooze)
        assert store.job(ME, job.id).job == after
        assert tasks_of(store, epoch, job) == [release.task, snooze.task]
        assert after.counts == Counts(pending=1, queued=1)

    def test_every_field_of_a_header_is_kept(self, store: Store) -> None:
        job = submit(store)
        after = replace(
            job,
            status=JobStatus.TIMEOUT,
            version=1,
            counts=Counts(**dict.fromkeys(Counts.__struct_fields__, 2)),
            planned_parts=(0, 1, 70),
            outcome=Outcome.PARTIAL,
            error=Failure(code="job_timeout", message="late", retryable=True),
            **{
                field.name: changed
                for field in msgspec.structs.fields(Job)
                if (changed := _CHANGED.get(field.type)) is not None
                and field.name not in _FIXED
            },
        )
        with store.leading(lead(store)) as tx:
            tx.apply(Changes(jobs=(after,)))
            assert tx.jobs([job.id])[job.id] == after

    def test_a_stale_job_undoes_everything(self, store: Store) -> None:
        job = submit(store)
        epoch = lead(store)
        (task, *_) = tasks_of(store, epoch, job)
        release = write(task, TaskStatus.QUEUED, generation=1)
        stale = replace(moved(job, [release]), version=2)
        with pytest.raises(StaleStateError), store.leading(epoch) as tx:
            tx.apply(Changes(jobs=(stale,), tasks=(release,)))
        assert store.job(ME, job.id).job == job
        assert tasks_of(store, epoch, job)[0] == task

    @pytest.mark.parametrize(
        "guard", [{"before_generation": 1}, {"before_status": TaskStatus.QUEUED}]
    )
    def test_a_stale_task_undoes_everything(
        self, store: Store, guard: dict[str, object]
    ) -> None:
        job = submit(store)
        epoch = lead(store)
        before = tasks_of(store, epoch, job)
        writes = [write(task, TaskStatus.QUEUED, generation=2) for task in before]
        writes[1] = replace(writes[1], **guard)
        with pytest.raises(StaleStateError), store.leading(epoch) as tx:
            tx.apply(Changes(jobs=(moved(job, ()),), tasks=tuple(writes)))
        assert store.job(ME, job.id).job == job
        assert tasks_of(store, epoch, job) == before

    def test_a_log_number_is_given_once(self, store: Store) -> None:
        job = submit(store)
        epoch = lead(store)
        taken = make_log_entry(job, 1, position=1)
        with pytest.raises(StaleStateError), store.leading(epoch) as tx:
            tx.apply(Changes(jobs=(moved(job, ()),), log=(taken,)))
        assert store.job(ME, job.id).job.version == 0

    def test_log_rows_come_back_in_order(self, store: Store) -> None:
        job = submit(store)
        rows = tuple(make_log_entry(job, 2 + n, position=2 + n) for n in range(3))
        with store.leading(lead(store)) as tx:
            assert tx.last_position() == 0
            tx.apply(
                Changes(
                    jobs=(replace(moved(job, ()), last_seq=4),),
                    log=rows,
                    created_positions={job.id: 1},
                )
            )
            assert tx.last_position() == 4
        created, *rest = store.events_after(job.id, 0, 9)
        assert created.position == 1
        assert [_plain(row) for row in rest] == [_plain(row) for row in rows]
        assert [row.seq for row in store.events_after(job.id, 2, 1)] == [3]
        assert store.last_seqs([job.id]) == {job.id: 4}

    def test_due_retries_come_before_waiting_documents(self, store: Store) -> None:
        job = submit(store, documents=6)
        epoch = lead(store)
        tasks = tasks_of(store, epoch, job)
        timers = {0: None, 1: 3, 2: -1, 3: -2, 4: -1, 5: None}
        writes = [
            write(
                tasks[index],
                TaskStatus.RETRYING if index in (1, 2, 3) else TaskStatus.PENDING,
                not_before=None if seconds is None else NOW + seconds * SECOND,
            )
            for index, seconds in timers.items()
        ]
        commit(store, epoch, job, *writes)
        kind = TaskKind.DOCUMENT
        with store.leading(epoch) as tx:
            found = tx.waiting(job.id, kind=kind, now=NOW, limit=9)
            assert [one.task.index for one in found] == [3, 2, 0, 4, 5]
            document = found[0].document
            assert document is not None
            assert tx.documents([document.id]) == {document.id: document}
            assert document.id == tasks[3].document_id
            some = tx.waiting(job.id, kind=kind, now=NOW, limit=3)
            assert [one.task.index for one in some] == [3, 2, 0]
            assert tx.next_timer() == NOW - 2 * SECOND
            assert tx.next_timer(after=NOW) == NOW + 3 * SECOND
            first = tx.first_tasks(job.id, limit=2)
            assert [task.index for task in first] == [0, 1]
            assert tx.last_timers() == {job.id: NOW + 3 * SECOND}

    def test_what_was_handed_on_waits_apart(self, store: Store) -> None:
        job = submit(store, documents=4)
        other = submit(store, documents=1)
        epoch = lead(store)
        tasks = tasks_of(store, epoch, job)
        kind, queue = TaskKind.DOCUMENT, "documents.ocr"
        retrying = {"not_before": NOW - SECOND, "queue": queue}
        commit(
            store,
            epoch,
            job,
            write(tasks[1], TaskStatus.PENDING, queue=queue),
            write(tasks[2], TaskStatus.RETRYING, **retrying),
            write(tasks[3], TaskStatus.QUEUED, generation=1, queue=queue),
        )
        with store.leading(epoch) as tx:
            here = tx.waiting(job.id, kind=kind, now=NOW, limit=9)
            elsewhere = tx.waiting(job.id, kind=kind, now=NOW, limit=9, queue=queue)
            assert [one.task.index for one in here] == [0]
            assert [one.task.index for one in elsewhere] == [2, 1]
            assert {one.task.queue for one in elsewhere} == {queue}
            assert tx.waiting(job.id, kind=kind, now=NOW, limit=9, queue="x") == []
            assert tx.waiting(other.id, kind=kind, now=NOW, limit=9, queue=queue) == []
            assert tx.jobs_elsewhere() == [job.id]
            assert tx.tasks([tasks[3].id])[tasks[3].id].queue == queue
            every = tx.waiting_any(job.id, after_index=-1, limit=9)
            assert [task.index for task in every] == [0, 1, 2]

    def test_every_waiting_document_is_found_due_or_not(self, store: Store) -> None:
        job = submit(store, documents=4)
        epoch = lead(store)
        tasks = tasks_of(store, epoch, job)
        later = NOW + 60 * SECOND
        commit(
            store,
            epoch,
            job,
            write(tasks[1], TaskStatus.QUEUED, generation=1),
            write(tasks[2], TaskStatus.RETRYING, not_before=later),
        )
        with store.leading(epoch) as tx:
            first = tx.waiting_any(job.id, after_index=-1, limit=2)
            rest = tx.waiting_any(job.id, after_index=first[-1].index, limit=2)
            assert [task.index for task in first + rest] == [0, 2, 3]

    def test_documents_join_a_job_with_their_tasks(self, store: Store) -> None:
        job = submit(store, documents=1)
        epoch = lead(store)
        documents = make_documents(3)
        parent = document_task_id(job.id, 0)
        added = tuple(
            AddedTask(
                task=make_task(
                    job=job,
                    index=place,
                    id=attachment_task_id(parent, place),
                    document_id=document.id,
                    cost_ms=9,
                ),
                document=document,
            )
            for place, document in enumerate(documents, 1)
        )
        ended = write(added[2].task, TaskStatus.CANCELLED, finished_at=NOW)
        after = moved(job, [ended], counts=Counts(pending=3, cancelled=1))
        changes = Changes(jobs=(after,), added=added, tasks=(ended,))
        with store.leading(epoch) as tx:
            tx.apply(changes)
            assert tx.recount(job.id) == after.counts
            found = tx.waiting(job.id, kind=TaskKind.DOCUMENT, now=NOW, limit=9)
        assert [one.task for one in found[1:]] == [one.task for one in added[:2]]
        assert found[1].document == documents[0]
        with store.leading(epoch) as tx:
            inside = sum(document.size_bytes for document in documents)
            assert tx.inside_bytes(parent) == inside
            assert tx.inside_bytes(added[0].task.id) == 0
            assert tx.inside_bytes(TaskId(parent[:-1])) == 0
        views = store.tasks(ME, job.id, page_size=9).items
        assert [view.task.index for view in views] == [0, 1, 2, 3]
        assert views[3].task == ended.task
        assert views[3].document_name == documents[2].name
        assert store.document(ME, documents[1].id) == documents[1]

        stale = Changes(jobs=(replace(after, version=2),), added=added)
        with pytest.raises(StaleStateError), store.leading(epoch) as tx:
            tx.apply(stale)
        assert store.job(ME, job.id).job == after

    def test_planning_is_released_and_finishing_waits(self, store: Store) -> None:
        job = submit(store, has_finish=True)
        plan, finishing = plan_task_id(job.id), finish_task_id(job.id)
        with store.leading(lead(store)) as tx:
            found = tx.tasks([plan, finishing])
            assert found[plan].status is TaskStatus.QUEUED
            assert found[plan].generation == 1
            assert ids_of(tx.unsent(before=NOW + SECOND, limit=9)) == [plan]
            assert tx.unsent(before=NOW, limit=9) == []
            (waiting,) = tx.waiting(job.id, kind=TaskKind.FINISH, now=NOW, limit=9)
            assert (waiting.task.id, waiting.document) == (finishing, None)
            assert tx.recount(job.id) == job.counts

    def test_only_the_generation_that_was_sent_is_marked(self, store: Store) -> None:
        job = submit(store, documents=2)
        epoch = lead(store)
        writes = [
            write(task, TaskStatus.QUEUED, generation=2, queued_at=NOW)
            for task in tasks_of(store, epoch, job)
        ]
        commit(store, epoch, job, *writes)
        first, second = (change.task.id for change in writes)
        sent = ((first, 2), (second, 1), (plan_task_id(job.id), 1))
        for at in (NOW, NOW + SECOND):
            with store.leading(epoch) as tx:
                tx.apply(Changes(sent=sent, sent_at=at))
                assert tx.tasks([first])[first].sent_at == NOW
        with store.leading(epoch) as tx:
            unsent = tx.unsent(before=NOW + SECOND, limit=9)
            assert ids_of(unsent) == [second]

    def test_planned_costs_win_over_what_was_read_before(self, store: Store) -> None:
        job = submit(store, documents=2)
        epoch = lead(store)
        first, second = tasks_of(store, epoch, job)
        release = write(first, TaskStatus.QUEUED, generation=1)
        costs = {first.id: 40, second.id: 50}
        with store.leading(epoch) as tx:
            tx.apply(Changes(tasks=(release,), costs_ms=costs))
            found = tx.tasks([first.id, second.id])
        assert {one.id: one.cost_ms for one in found.values()} == costs

    def test_active_jobs_and_out_tasks_come_in_pages(self, store: Store) -> None:
        epoch = lead(store)
        ended = finish(store, epoch, submit(store, documents=1))
        jobs = [submit(store, documents=1) for _ in range(3)]
        with store.leading(epoch) as tx:
            assert tx.active_jobs(after=None, limit=2) == jobs[:2]
            assert tx.active_jobs(after=jobs[1].id, limit=2) == jobs[2:]
            plans = [plan_task_id(job.id) for job in (ended, *jobs)]
            assert ids_of(tx.out_tasks(after=None, limit=2)) == plans[:2]
            assert ids_of(tx.out_tasks(after=plans[1], limit=9)) == plans[2:]

    def test_unknown_ids_are_left_out(self, store: Store) -> None:
        with store.leading(lead(store)) as tx:
            assert tx.jobs([JobId("job_no")]) == {}
            assert tx.tasks([document_task_id(JobId("job_no"), 0)]) == {}
            assert tx.documents([]) == {}
            assert tx.next_timer() is None

    def test_an_error_inside_undoes_everything(self, store: Store) -> None:
        job = submit(store)
        epoch = lead(store)
        after = Changes(jobs=(moved(job, ()),))

        def apply_twice() -> None:
            with store.leading(epoch) as tx:
                tx.apply(after)
                assert tx.jobs([job.id])[job.id].version == 1
                tx.apply(after)

        with pytest.raises(StaleStateError):
            apply_twice()
        assert store.job(ME, job.id).job == job


_CHANGED = {
    int: 7,
    bool: True,
    type(NOW) | None: NOW + timedelta(milliseconds=7),
    Failure | None: Failure(code="plan_failed", message="no"),
}
_FIXED = {"version", "has_finish", "error"}


def _plain(row: object) -> object:
    return msgspec.json.encode(row)
