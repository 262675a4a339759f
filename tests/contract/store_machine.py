"""Any order of submissions, commits and stale commits against a model of dicts."""

from collections import Counter
from datetime import timedelta
from itertools import chain

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from service.domain.model import (
    WAITING,
    Counts,
    Job,
    JobId,
    Owner,
    Task,
    TaskKind,
    TaskStatus,
)
from service.errors import StaleStateError
from service.store import Store
from service.store.rows import Changes
from tests.contract.steps import commit, lead, moved, submit, tasks_of, write
from tests.factories import NOW

STATUSES = st.sampled_from(TaskStatus)
TIMERS = st.none() | st.integers(-3, 3).map(lambda s: NOW + timedelta(seconds=s))
ME = Owner("local")


class StoreMachine(RuleBasedStateMachine):
    """Needs `open_new`; the store must say what the model says after every step."""

    def open_new(self) -> Store:
        raise NotImplementedError

    def __init__(self) -> None:
        super().__init__()
        self.store = self.open_new()
        self.epoch = lead(self.store)
        self.jobs: dict[JobId, Job] = {}
        self.tasks: dict[JobId, list[Task]] = {}

    def teardown(self) -> None:
        self.store.close()

    @rule(documents=st.integers(1, 4))
    def create(self, documents: int) -> None:
        job = submit(self.store, documents=documents)
        self.jobs[job.id] = job
        self.tasks[job.id] = tasks_of(self.store, self.epoch, job)

    @precondition(lambda self: self.jobs)
    @rule(data=st.data(), changes=st.lists(st.tuples(STATUSES, TIMERS), max_size=4))
    def change(
        self, data: st.DataObject, changes: list[tuple[TaskStatus, None]]
    ) -> None:
        job = self._some_job(data)
        tasks = self.tasks[job.id]
        writes = [
            write(task, status, generation=task.generation + 1, not_before=timer)
            for task, (status, timer) in zip(tasks, changes, strict=False)
        ]
        self.jobs[job.id] = commit(self.store, self.epoch, job, *writes)
        self.tasks[job.id] = [
            *(change.task for change in writes),
            *tasks[len(writes) :],
        ]

    @precondition(lambda self: self.jobs)
    @rule(data=st.data(), status=STATUSES, generations=st.integers(0, 1))
    def change_stale(
        self, data: st.DataObject, status: TaskStatus, generations: int
    ) -> None:
        job = self._some_job(data)
        writes = [write(task, TaskStatus.FAILED) for task in self.tasks[job.id]]
        task = self.tasks[job.id][-1]
        if generations == 0 and status is task.status:
            writes[-1] = replace(writes[-1], before_generation=task.generation + 1)
        else:
            writes[-1] = replace(
                writes[-1],
                before_status=status,
                before_generation=task.generation + generations,
            )
        after = moved(job, [])
        try:
            with self.store.leading(self.epoch) as tx:
                tx.apply(Changes(jobs=(after,), tasks=tuple(writes)))
        except StaleStateError:
            return
        raise AssertionError("a stale change was written")

    @precondition(lambda self: self.jobs)
    @rule(data=st.data(), ahead=st.integers(1, 5))
    def change_stale_job(self, data: st.DataObject, ahead: int) -> None:
        job = self._some_job(data)
        stale = replace(job, version=job.version + 1 + ahead)
        try:
            with self.store.leading(self.epoch) as tx:
                tx.apply(Changes(jobs=(stale,)))
        except StaleStateError:
            return
        raise AssertionError("a stale header was written")

    @rule()
    def change_leader(self) -> None:
        self.epoch = lead(self.store)

    @invariant()
    def everything_is_as_in_the_model(self) -> None:
        for job_id, job in self.jobs.items():
            assert self.store.job(ME, job_id).job == job
            assert tasks_of(self.store, self.epoch, job) == self.tasks[job_id]

    @invariant()
    def books_balance(self) -> None:
        for job_id, job in self.jobs.items():
            statuses = Counter(task.status.lower() for task in self.tasks[job_id])
            with self.store.leading(self.epoch) as tx:
                assert job.counts == tx.recount(job_id) == Counts(**statuses)

    @invariant()
    def what_waits_is_found_in_order(self) -> None:
        for job_id, tasks in self.tasks.items():
            with self.store.leading(self.epoch) as tx:
                found = tx.waiting(job_id, kind=TaskKind.DOCUMENT, now=NOW, limit=9)
            assert {one.task.id for one in found} == {
                task.id for task in tasks if _is_due(task)
            }
            retrying = [one.task.status is TaskStatus.RETRYING for one in found]
            assert retrying == sorted(retrying, reverse=True)

    @invariant()
    def the_next_timer_is_the_earliest_and_the_last_of_a_job_its_latest(self) -> None:
        timers = {
            job_id: [
                task.not_before
                for task in tasks
                if task.status in WAITING and task.not_before is not None
            ]
            for job_id, tasks in self.tasks.items()
        }
        last = {job_id: max(each) for job_id, each in timers.items() if each}
        with self.store.leading(self.epoch) as tx:
            assert tx.next_timer() == min(chain(*timers.values()), default=None)
            assert tx.last_timers() == last

    def _some_job(self, data: st.DataObject) -> Job:
        return self.jobs[data.draw(st.sampled_from(sorted(self.jobs)))]


def _is_due(task: Task) -> bool:
    if task.status is TaskStatus.PENDING:
        return task.not_before is None or task.not_before <= NOW
    if task.status is TaskStatus.RETRYING:
        return task.not_before is not None and task.not_before <= NOW
    return False
