"""Reading the private state from the store."""

from actors.aggregator.state import State
from service.domain.estimates import Durations
from service.domain.model import JobId, TaskId
from service.store import LeaderTransaction

_PAGE = 500


def load(tx: LeaderTransaction, *, now_s: float) -> State:
    """Read jobs that are not final and tasks that are out, page by page.

    Args:
        tx: A leading transaction.
        now_s: Monotonic time from which silence is counted.
    """
    state = State(position=tx.last_position(), next_timer=tx.next_timer())
    for row in tx.all_durations():
        state.durations[row.job_type, row.media_type, row.size_class] = Durations(
            samples=row.samples, mean_ms=row.mean_ms, variance_ms2=row.variance_ms2
        )
    after_job: JobId | None = None
    while jobs := tx.active_jobs(after=after_job, limit=_PAGE):
        for job in jobs:
            state.put_job(job)
        after_job = jobs[-1].id
    state.elsewhere.update(tx.jobs_elsewhere())
    state.last_timers.update(tx.last_timers())
    after_task: TaskId | None = None
    while tasks := tx.out_tasks(after=after_task, limit=_PAGE):
        ids = [task.document_id for task in tasks if task.document_id is not None]
        documents = tx.documents(ids)
        for task in tasks:
            document = documents.get(task.document_id) if task.document_id else None
            state.put_task(task, document, now_s)
        after_task = tasks[-1].id
    return state
