"""What a commit sends to the workers: documents, planning and finishing.

Which jobs get the free places is said in `service.domain.release`.
"""

from collections.abc import Iterable, Mapping

from msgspec import structs

from actors.aggregator.commit import Commit
from actors.aggregator.outgoing import command_for
from service.domain import release
from service.domain.attachments import MAX_INSIDE_BYTES
from service.domain.draft import Draft
from service.domain.model import (
    OUT,
    WAITING,
    Job,
    JobId,
    Task,
    TaskId,
    TaskKind,
)
from service.domain.task_ids import attachment_depth, finish_task_id, plan_task_id
from service.messages import ProcessDocument, ProcessScan
from service.store.rows import Document

SCAN_MS = 3_000.0
"""About what OCR of a page takes: enough to know that no queue is to be built up."""


def release_control(commit: Commit) -> None:
    """Release planning and finishing where that is what a job waits for."""
    for job_id in commit.state.unplanned | set(commit.drafts):
        draft = commit.draft(job_id)
        if draft is None or draft.job.final or draft.ending() is not None:
            continue
        if not draft.job.planned:
            _release_control_task(commit, draft, plan_task_id(job_id))
        elif draft.needs_finish():
            _release_control_task(commit, draft, finish_task_id(job_id))


def release_documents(commit: Commit, slots: int, *, scan_slots: int) -> None:
    """Give the free places to waiting documents, those without OCR first.

    A job's ``maxConcurrent`` is over both queues, and what takes milliseconds does
    not wait for what takes seconds.

    Args:
        commit: The commit to do it in.
        slots: Documents that live workers can process at once.
        scan_slots: The same of workers that recognise text.
    """
    jobs = _headers(commit)
    _fill(commit, jobs, _room(commit, jobs, slots))
    room = _scan_room(commit, scan_slots)
    elsewhere = commit.state.elsewhere
    if elsewhere and room > 0:
        scanned = {i: _header(commit, i) for i in jobs if i in elsewhere}
        _fill(commit, scanned, room, queue=ProcessScan.queue)


def resend(commit: Commit, unsent: Iterable[Task]) -> None:
    """Send the messages of released tasks again that were never confirmed.

    From then on the sweep watches over them, also those a gateway released.
    """
    confirmed = set(commit.state.sent)
    tasks = [task for task in unsent if (task.id, task.generation) not in confirmed]
    commit.load(task.job_id for task in tasks)
    ids = [t.document_id for t in tasks if t.document_id is not None]
    documents = commit.tx.documents(ids) if ids else {}
    for task in tasks:
        job = commit.drafts[task.job_id].job
        if job.final:
            continue
        document = None
        if task.document_id is not None:
            document = documents[task.document_id]  # kept while a task needs it
            commit.documents[task.id] = document
        commit.adopted.append(task)
        _send(commit, job, task, document)


def _release_control_task(commit: Commit, draft: Draft, task_id: TaskId) -> None:
    stored = commit.tasks([task_id]).get(task_id)
    if stored is None:
        return
    task = draft.current(stored)
    due = task.not_before is None or task.not_before <= commit.now
    if task.status in WAITING and due:
        _send(commit, draft.job, draft.release(task), None)


def _headers(commit: Commit) -> dict[JobId, Job]:
    """Give the jobs that may want something, as this commit left them."""
    ids = commit.state.wanting | set(commit.drafts)
    return {i: _header(commit, i) for i in sorted(ids)}


def _header(commit: Commit, job_id: JobId) -> Job:
    draft = commit.drafts.get(job_id)
    return draft.job if draft else commit.state.jobs[job_id]


def _room(commit: Commit, jobs: Mapping[JobId, Job], slots: int) -> int:
    undone = sum(job.counts.total - job.counts.done for job in jobs.values())
    work_ms = sum(job.cost_total_ms - job.cost_done_ms for job in jobs.values())
    limit = release.in_flight_limit(
        slots,
        mean_cost_ms=work_ms / undone if undone else 1.0,
        queue_ahead_s=commit.limits.queue_ahead_s,
        most_ahead=commit.limits.most_ahead,
    )
    commit.in_flight_limits[ProcessDocument.queue] = limit
    moved = sum(
        draft.job.counts.out - draft.before.counts.out
        for draft in commit.drafts.values()
    )
    return limit - commit.state.out_documents - moved + _scans_out(commit)


def _scan_room(commit: Commit, slots: int) -> int:
    limit = release.in_flight_limit(
        slots,
        mean_cost_ms=SCAN_MS,
        queue_ahead_s=commit.limits.queue_ahead_s,
        most_ahead=commit.limits.most_ahead,
    )
    commit.in_flight_limits[ProcessScan.queue] = limit
    return limit - _scans_out(commit)


def _scans_out(commit: Commit) -> int:
    """Give how many documents handed on are out, as this commit left them."""
    out = commit.state.out_elsewhere
    if not out:
        return 0
    ended = sum(
        change.before.id in out and change.after.status not in OUT
        for draft in commit.drafts.values()
        for change in draft.changes.values()
    )
    return len(out) - ended


def _fill(
    commit: Commit, jobs: Mapping[JobId, Job], room: int, *, queue: str | None = None
) -> None:
    """Share the free places of a queue among the jobs."""
    wanted = {i: n for i, job in jobs.items() if (n := release.wants(job))}
    while room > 0 and wanted:
        given = release.share(wanted, room=room, after=commit.last_turn)
        for job_id, number in given.items():
            got = _release_from(commit, job_id, number, queue=queue)
            room -= got
            commit.last_turn = job_id
            # Fewer than asked for: the others of this job wait for their timers.
            wanted[job_id] = wanted[job_id] - got if got == number else 0
        wanted = {i: n for i, n in wanted.items() if n}


def _release_from(
    commit: Commit, job_id: JobId, number: int, *, queue: str | None
) -> int:
    """Release up to `number` documents of a job; give how many there were."""
    draft = commit.draft(job_id)
    assert draft is not None
    if draft.ending() is not None:
        return 0
    waiting = commit.tx.waiting(
        job_id, kind=TaskKind.DOCUMENT, now=commit.now, limit=number, queue=queue
    )
    released = 0
    for item in waiting:
        if item.document is None or item.task.id in draft.changes:
            continue
        task = draft.release(item.task)
        commit.documents[task.id] = item.document
        _send(commit, draft.job, task, item.document)
        released += 1
    return released


def _send(commit: Commit, job: Job, task: Task, document: Document | None) -> None:
    if document is not None:
        job = _with_bytes_left(commit, job, task)
    commit.outgoing.append(
        command_for(
            job,
            task,
            document,
            now=commit.now,
            expiry_s=commit.limits.release_expiry_s,
        )
    )


def _with_bytes_left(commit: Commit, job: Job, task: Task) -> Job:
    """Say in the options how much of a document inside another may be expanded."""
    processing = job.options.processing
    if not processing.expand_attachments or attachment_depth(task.id) <= 0:
        return job
    left = MAX_INSIDE_BYTES - commit.inside_bytes(commit.drafts[job.id], task.id)
    processing = structs.replace(processing, expand_bytes=max(left, 0))
    options = structs.replace(job.options, processing=processing)
    return structs.replace(job, options=options)
