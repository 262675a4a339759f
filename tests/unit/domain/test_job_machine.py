"""Promises 1, 3 and 4 under events that are duplicated, reordered, late and lost."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from msgspec import structs

from service.domain import release
from service.domain.draft import Draft
from service.domain.fold import fold_event
from service.domain.model import (
    FINAL_TASK,
    OUT,
    WAITING,
    Counts,
    Job,
    JobOptions,
    JobStatus,
    Task,
    TaskId,
    TaskKind,
    TaskStatus,
)
from service.domain.taking_back import give_up_exhausted, hand_back, interrupt
from service.domain.task_end import end_waiting
from service.domain.task_ids import MAX_ATTACHMENT_DEPTH, attachment_depth, plan_task_id
from service.messages import (
    BatchPlanned,
    TaskCompleted,
    TaskEvent,
    TaskFailed,
    TaskProgressed,
    TaskReturned,
    TaskStarted,
)
from tests.factories import (
    NOW,
    make_attachments,
    make_finish_task,
    make_job,
    make_plan_task,
    make_task,
)

DOCUMENTS = 6
MOST = 10
"""Documents the job has room for, with those that are added to it."""
STEP = timedelta(seconds=1)


class JobMachine(RuleBasedStateMachine):
    """A job, the messages that are out for it, and events on their way."""

    @initialize(
        concurrency=st.integers(1, 4),
        attempts=st.integers(0, 2),
        has_finish=st.booleans(),
        timeout_s=st.sampled_from([8.0, 1_000.0]),
    )
    def submit(
        self, concurrency: int, attempts: int, has_finish: bool, timeout_s: float
    ) -> None:
        self.now: datetime = NOW
        self.job: Job = make_job(
            documents=DOCUMENTS,
            has_finish=has_finish,
            options=JobOptions(
                max_concurrent=concurrency,
                retry_attempts=attempts,
                retry_delay_s=1.0,
                timeout_s=timeout_s,
            ),
        )
        plan = make_plan_task(self.job, status=TaskStatus.QUEUED, generation=1)
        documents = [make_task(job=self.job, index=i) for i in range(DOCUMENTS)]
        self.tasks: dict[TaskId, Task] = {t.id: t for t in [plan, *documents]}
        if has_finish:
            finish = make_finish_task(self.job)
            self.tasks[finish.id] = finish
        self.refused = 0
        self.delivered: list[TaskEvent] = []
        self.accepted: list[TaskEvent] = []
        self.on_their_way: list[TaskEvent] = []
        self.ended: dict[TaskId, Task] = {}
        self.percent = 0
        self.log: list[str] = []

    # What workers do.

    @precondition(lambda self: self.out())
    @rule(data=st.data())
    def a_worker_reports(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(self.out()))
        self.on_their_way += self.reports(data, task)

    def reports(self, data: st.DataObject, task: Task) -> list[TaskEvent]:
        said = self.said(task)
        if task.kind is TaskKind.PLAN:
            parts = self.plan(said)
            failed = TaskFailed(**said, **self.failure("internal", retryable=True))
            return data.draw(st.sampled_from([parts, [failed]]))
        started = TaskStarted(**said, worker_id="w")
        progressed = TaskProgressed(**said, step="extract", fraction=0.5)
        added = make_attachments(task.id, data.draw(st.integers(0, 3)))
        ends: list[TaskEvent] = [
            TaskCompleted(**said, worker_id="w", processing_s=0.1, added=added),
            TaskFailed(**said, **self.failure("crashed", retryable=True)),
            TaskFailed(**said, **self.failure("corrupt", retryable=False)),
            TaskFailed(**said, **self.failure("document_timeout", retryable=False)),
            TaskReturned(**said, worker_id="w", reason="shutdown"),
            TaskReturned(**said, worker_id="w", reason="redelivered"),
            TaskReturned(**said, worker_id="w", reason="ocr", queue="documents.ocr"),
        ]
        end = data.draw(st.sampled_from(ends))
        return [started, progressed, end]

    def plan(self, said: dict[str, Any]) -> list[TaskEvent]:
        costs = {t.id: 10 for t in self.documents()}
        half = dict(list(costs.items())[: DOCUMENTS // 2])
        rest = {i: c for i, c in costs.items() if i not in half}
        return [
            BatchPlanned(**said, part=0, parts=2, costs_ms=half),
            BatchPlanned(**said, part=1, parts=2, costs_ms=rest),
        ]

    def said(self, task: Task) -> dict[str, Any]:
        return {
            "message_id": "m",
            "owner": task.owner,
            "job_id": task.job_id,
            "task_id": task.id,
            "generation": task.generation,
            "attempt": task.attempts + 1,
            "occurred_at": self.now,
        }

    def failure(self, code: str, *, retryable: bool) -> dict[str, Any]:
        return {
            "worker_id": "w",
            "code": code,
            "message": "It failed.",
            "retryable": retryable,
        }

    # What happens to events.

    @precondition(lambda self: self.on_their_way)
    @rule(data=st.data())
    def some_events_arrive_in_any_order(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(1, len(self.on_their_way)))
        self.on_their_way = data.draw(st.permutations(self.on_their_way))
        arriving = self.on_their_way[:number]
        self.on_their_way = self.on_their_way[number:]
        self.commit(arriving)

    @precondition(lambda self: self.delivered)
    @rule(data=st.data())
    def an_event_arrives_again(self, data: st.DataObject) -> None:
        self.commit([data.draw(st.sampled_from(self.delivered))])

    @precondition(lambda self: self.on_their_way)
    @rule(data=st.data())
    def an_event_is_lost(self, data: st.DataObject) -> None:
        lost = data.draw(st.integers(0, len(self.on_their_way) - 1))
        del self.on_their_way[lost]

    # What the aggregator decides.

    @rule()
    def time_passes(self) -> None:
        self.commit([])

    @rule()
    def the_client_cancels(self) -> None:
        self.commit([], cancel=True)

    @precondition(lambda self: self.out())
    @rule(data=st.data())
    def a_task_is_taken_back(self, data: st.DataObject) -> None:
        self.commit([], take_back=[data.draw(st.sampled_from(self.out()))])

    def commit(
        self,
        events: list[TaskEvent],
        *,
        cancel: bool = False,
        take_back: list[Task] | None = None,
    ) -> None:
        """One turn of the aggregator's shell, on values."""
        self.now += STEP
        self.delivered += events
        draft = Draft(self.job, self.now, max_documents=MOST)
        for event in events:
            ignored = len(draft.ignored)
            fold_event(draft, self.tasks.get(event.task_id), event)
            if len(draft.ignored) == ignored:
                self.accepted.append(event)
        if cancel:
            draft.request_cancel()
        for task in take_back or []:
            if draft.current(task).status is TaskStatus.PROCESSING:
                interrupt(draft, draft.current(task), reason="restarted")
            elif draft.current(task).status is TaskStatus.QUEUED:
                hand_back(draft, draft.current(task), reason="restarted", until=None)
        give_up_exhausted(draft)
        if draft.ending() is not None and not draft.job.final:
            end_waiting(
                draft, [t for t in self.documents(draft) if t.status in WAITING]
            )
        draft.settle()
        self.release(draft)
        draft.settle()
        self.absorb(draft)

    def release(self, draft: Draft) -> None:
        for task in list(self.tasks.values()):
            now = draft.current(task)
            due = now.not_before is None or now.not_before <= self.now
            if now.status not in WAITING or not due or draft.ending() is not None:
                continue
            if now.kind is TaskKind.DOCUMENT:
                may = release.wants(draft.job) > 0
            elif now.kind is TaskKind.PLAN:
                may = not draft.job.planned and not draft.job.final
            else:
                may = draft.needs_finish()
            if may:
                draft.release(now)

    def absorb(self, draft: Draft) -> None:
        self.log += [entry.type for entry in draft.log]
        assert draft.job.last_seq == self.job.last_seq + len(draft.log)
        self.job = draft.job
        self.refused += len(draft.refused)
        for task_id, change in draft.changes.items():
            self.tasks[task_id] = change.after
        for task_id, cost in draft.costs_ms.items():
            if self.tasks[task_id].status is TaskStatus.PENDING:
                self.tasks[task_id] = self.with_cost(self.tasks[task_id], cost)

    def with_cost(self, task: Task, cost_ms: int) -> Task:
        return structs.replace(task, cost_ms=cost_ms)

    def out(self) -> list[Task]:
        return [t for t in self.tasks.values() if t.status in OUT]

    def documents(self, draft: Draft | None = None) -> list[Task]:
        changed = {i: c.after for i, c in draft.changes.items()} if draft else {}
        tasks = (self.tasks | changed).values()
        return [t for t in tasks if t.kind is TaskKind.DOCUMENT]

    # What must always hold.

    @invariant()
    def books_balance(self) -> None:
        counted = Counts()
        for task in self.documents():
            name = task.status.value.lower()
            counted = Counts(
                **{
                    f: getattr(counted, f) + (f == name)
                    for f in Counts.__struct_fields__
                }
            )
        assert self.job.counts == counted
        if self.job.planned:
            costs = sum(task.cost_ms for task in self.documents())
            assert self.job.cost_total_ms == costs

    @invariant()
    def every_document_has_its_place_and_every_added_one_a_parent(self) -> None:
        documents = self.documents()
        assert DOCUMENTS <= len(documents) <= MOST
        assert sorted(t.index for t in documents) == list(range(len(documents)))
        for task in documents:
            if attachment_depth(task.id):
                parent = self.tasks[TaskId(task.id.rpartition(".")[0])]
                assert parent.status is TaskStatus.COMPLETED
                assert attachment_depth(task.id) <= MAX_ATTACHMENT_DEPTH

    @invariant()
    def what_was_inside_completed_documents_was_added_or_refused_once(self) -> None:
        accepted = {
            event.task_id: len(event.added)
            for event in self.accepted
            if isinstance(event, TaskCompleted)
        }
        added = self.job.counts.total - DOCUMENTS
        assert added + self.refused == sum(accepted.values())

    @invariant()
    def final_is_final(self) -> None:
        for task_id, before in self.ended.items():
            assert self.tasks[task_id] == before
        self.ended = {i: t for i, t in self.tasks.items() if t.status in FINAL_TASK}

    @invariant()
    def the_concurrency_limit_holds(self) -> None:
        assert self.job.counts.out <= self.job.options.max_concurrent

    @invariant()
    def progress_never_falls_and_is_100_only_at_the_end(self) -> None:
        assert self.job.progress >= self.percent
        self.percent = self.job.progress
        if self.job.progress == 100:
            assert self.job.counts.done == len(self.documents())

    @invariant()
    def a_final_job_has_nothing_left(self) -> None:
        ends = [kind for kind in self.log if kind in ENDS]
        if self.job.final:
            assert self.job.counts.done == len(self.documents())
            assert len(ends) == 1
            assert self.log[-1] == ends[0]
            assert (self.job.counts.completed > 0) >= (
                self.job.status is JobStatus.COMPLETED
            )
        else:
            assert not ends

    def teardown(self) -> None:
        """Whatever was lost, the job ends once workers answer again."""
        if not hasattr(self, "job"):
            return
        for _ in range(60):
            if self.job.final:
                break
            events: list[TaskEvent] = list(self.on_their_way)
            self.on_their_way = []
            for task in self.out():
                said = self.said(task)
                if task.kind is TaskKind.PLAN:
                    events += self.plan(said)
                else:
                    done = TaskCompleted(**said, worker_id="w", processing_s=0.1)
                    events.append(done)
            self.commit(events)
        assert self.job.final
        assert self.job.progress == 100
        assert plan_task_id(self.job.id) in self.tasks


ENDS = {"batch.completed", "batch.failed", "batch.timeout", "batch.cancelled"}

TestJobMachine = JobMachine.TestCase
TestJobMachine.settings = settings(max_examples=150, stateful_step_count=40)
