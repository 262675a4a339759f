"""What a commit writes, leaves in the private state, and tells the gateways."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from actors.aggregator.commit import Commit
from service.domain import estimates, events
from service.domain.draft import Draft
from service.domain.estimates import Durations, Kind
from service.domain.model import Job, JobId, TaskId, TaskStatus
from service.messages import ENCODER, JSON_NULL, JobNotice, LogEntry
from service.store.rows import (
    AddedTask,
    Changes,
    Document,
    DurationStats,
    TaskWrite,
)


def changes(commit: Commit) -> Changes | None:
    """Give everything a commit writes, or None when that is nothing.

    Gives every touched job its next version and every log row its position.
    """
    drafts = commit.changed
    for draft in drafts:
        draft.update(version=draft.job.version + 1)
    sent = tuple(_still_to_mark(commit.state.sent, drafts))
    durations = _durations_to_save(commit, drafts)
    if not (drafts or sent or commit.commands_done or durations):
        return None
    log, created = _positioned(commit, drafts)
    return Changes(
        jobs=tuple(draft.job for draft in drafts),
        added=tuple(_added(drafts, commit.now)),
        tasks=tuple(_task_writes(drafts)),
        costs_ms={i: cost for draft in drafts for i, cost in draft.costs_ms.items()},
        log=tuple(log),
        created_positions=created,
        sent=sent,
        sent_at=commit.now,
        durations=tuple(
            DurationStats(
                job_type=job_type,
                media_type=media_type,
                size_class=size_class,
                samples=observed.samples,
                mean_ms=observed.mean_ms,
                variance_ms2=observed.variance_ms2,
            )
            for (job_type, media_type, size_class), observed in durations.items()
        ),
        commands_done=commit.commands_done,
    )


def absorb(commit: Commit, written: Changes | None, now_s: float) -> None:
    """Take over into the private state what was committed.

    Args:
        commit: What was decided.
        written: What of it was written, if anything.
        now_s: Monotonic time.
    """
    state = commit.state
    state.last_turn = commit.last_turn
    for task in commit.adopted:
        state.put_task(task, commit.documents.get(task.id), now_s)
    if written is None:
        return
    state.sent.clear()
    state.position += len(written.log) + len(written.created_positions)
    state.learn(commit.durations, saved=bool(written.durations))
    for draft in commit.changed:
        state.absorb(draft, commit.documents, now_s)


def notices(commit: Commit, written: Changes) -> Iterator[JobNotice]:
    """Give what to tell the gateways, one notice for each touched job."""
    rows: dict[JobId, list[LogEntry]] = {}
    for entry in written.log:
        rows.setdefault(entry.job_id, []).append(entry)
    for draft in commit.changed:
        yield JobNotice(
            job_id=draft.id,
            owner=draft.job.owner,
            rows=tuple(rows.get(draft.id, ())),
            progress=_progress(draft.job, commit.now),
            tasks=tuple(_json(data) for data in draft.moved.values()),
            final=draft.job.final,
        )


def _still_to_mark(
    sent: list[tuple[TaskId, int]], drafts: list[Draft]
) -> Iterator[tuple[TaskId, int]]:
    """Give the sent releases that still wait to be taken: only these are watched."""
    taken = {
        task_id
        for draft in drafts
        for task_id, change in draft.changes.items()
        if change.after.status is not TaskStatus.QUEUED
    }
    return (each for each in sent if each[0] not in taken)


def _durations_to_save(commit: Commit, drafts: list[Draft]) -> dict[Kind, Durations]:
    """Give what was observed, but not with every document: the next plan is in time."""
    if not (commit.ticked or any(draft.job.final for draft in drafts)):
        return {}
    unsaved = {kind: commit.state.durations[kind] for kind in commit.state.unsaved}
    return unsaved | commit.durations


def _progress(job: Job, now: datetime) -> msgspec.Raw:
    """Give a job's progress; the event that ends a job carries its own counts."""
    if job.final:
        return JSON_NULL
    return _json(events.batch_progress(job, estimates.remaining(job, now)))


def _positioned(
    commit: Commit, drafts: list[Draft]
) -> tuple[list[LogEntry], dict[JobId, int]]:
    """Number the log rows of a commit; ``batch.created`` gets its number here too."""
    position = commit.state.position
    log: list[LogEntry] = []
    created: dict[JobId, int] = {}
    for draft in drafts:
        if draft.before.version == 0:
            position += 1
            created[draft.id] = position
        for entry in draft.log:
            position += 1
            log.append(
                LogEntry(
                    job_id=draft.id,
                    seq=entry.seq,
                    type=entry.type,
                    timestamp=commit.now,
                    data=_json(entry.data),
                    position=position,
                )
            )
    return log, created


def _added(drafts: list[Draft], now: datetime) -> Iterator[AddedTask]:
    for draft in drafts:
        for change in draft.changes.values():
            if change.added is not None:
                fields = msgspec.structs.asdict(change.added)
                document = Document(
                    id=fields.pop("document_id"),
                    owner=draft.job.owner,
                    created_at=now,
                    **fields,
                )
                yield AddedTask(task=change.before, document=document)


def _task_writes(drafts: list[Draft]) -> Iterator[TaskWrite]:
    for draft in drafts:
        for change in draft.changes.values():
            if change.after is change.before:
                continue  # it was added, and nothing happened to it yet
            done = change.after.status is TaskStatus.COMPLETED
            yield TaskWrite(
                before_status=change.before.status,
                before_generation=change.before.generation,
                task=change.after,
                result=change.result if done else JSON_NULL,
                result_key=change.result_key,
                outputs_key=change.outputs_key,
                result_bytes=change.result_bytes,
            )


def _json(data: object) -> msgspec.Raw:
    return msgspec.Raw(ENCODER.encode(data))
