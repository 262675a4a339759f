"""Rows to values and back. On the path of every event, so positional and plain.

`…_COLUMNS` give the order in which `…_from` expects a row.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from service.domain.model import (
    Failure,
    StepTiming,
    Task,
    TaskKind,
    TaskStatus,
)
from service.messages import ENCODER, JSON_NULL, LogEntry
from service.store import schema
from service.store.rows import (
    AddedTask,
    CommandRow,
    Document,
    DurationStats,
    StoredResult,
    TaskView,
    TaskWrite,
)

Row = Sequence[Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

_TASK_STATUS = {status.value: status for status in TaskStatus}
_TASK_KIND = {kind.value: kind for kind in TaskKind}
_FAILURE = msgspec.json.Decoder(Failure)
_STEPS = msgspec.json.Decoder(tuple[StepTiming, ...])

DOCUMENT_COLUMNS = tuple(schema.documents.c)
_TASK_FIELDS = tuple(
    column for column in schema.tasks.c if column.name in Task.__struct_fields__
)
TASK_COLUMNS = _TASK_FIELDS
TASK_VIEW_COLUMNS = (
    *_TASK_FIELDS,
    schema.tasks.c.document_name,
    schema.tasks.c.result,
    schema.tasks.c.result_key,
    schema.tasks.c.result_bytes,
    schema.tasks.c.outputs_key,
)
LOG_COLUMNS = tuple(schema.job_events.c)


def to_ms(time: datetime) -> int:
    """Give whole milliseconds since 1970, rounded down as in ids."""
    return (time - _EPOCH) // _MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """Give the time `milliseconds` after the start of 1970."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def ms_or_none(time: datetime | None) -> int | None:
    """Give `to_ms` of a time, if any."""
    return None if time is None else (time - _EPOCH) // _MILLISECOND


def time_or_none(milliseconds: int | None) -> datetime | None:
    """Give `from_ms` of a number, if any."""
    return None if milliseconds is None else from_ms(milliseconds)


def to_text(value: object) -> str:
    """Encode as JSON text."""
    return ENCODER.encode(value).decode()


def to_raw(text: str | None) -> msgspec.Raw:
    """Wrap stored JSON; nothing stored is ``null``."""
    return JSON_NULL if text is None else msgspec.Raw(text.encode())


def document_from(row: Row) -> Document:
    """Build a document from `DOCUMENT_COLUMNS`."""
    return Document(
        id=row[0],
        owner=row[1],
        name=row[2],
        blob_key=row[3],
        size_bytes=row[4],
        sha256=row[5],
        media_type=row[6],
        declared_media_type=row[7],
        created_at=from_ms(row[8]),
    )


def document_row(document: Document) -> dict[str, Any]:
    """Give a document's columns by name."""
    row = msgspec.structs.asdict(document)
    row["created_at"] = to_ms(document.created_at)
    return row


def task_from(row: Row) -> Task:
    """Build a task from `TASK_COLUMNS`, which may be followed by others."""
    steps, failure = row[22], row[23]
    return Task(
        id=row[0],
        job_id=row[1],
        owner=row[2],
        kind=_TASK_KIND[row[3]],
        index=row[4],
        document_id=row[5],
        status=_TASK_STATUS[row[6]],
        generation=row[7],
        attempts=row[8],
        interruptions=row[9],
        cost_ms=row[10],
        step=row[11],
        fraction=row[12],
        worker_id=row[13],
        waiting_reason=row[14],
        not_before=time_or_none(row[15]),
        queued_at=time_or_none(row[16]),
        sent_at=time_or_none(row[17]),
        started_at=time_or_none(row[18]),
        heard_at=time_or_none(row[19]),
        finished_at=time_or_none(row[20]),
        processing_ms=row[21],
        steps=() if steps is None else _STEPS.decode(steps),
        failure=None if failure is None else _FAILURE.decode(failure),
        returns=row[24],
        queue=row[25],
    )


def task_view_from(row: Row) -> TaskView:
    """Build what clients see of a task from `TASK_VIEW_COLUMNS`."""
    name, result, result_key, result_bytes, outputs_key = row[-5:]
    return TaskView(
        task=task_from(row),
        document_name=name,
        result=to_raw(result),
        result_key=result_key,
        result_bytes=result_bytes,
        outputs_key=outputs_key,
    )


def stored_result_from(row: Row) -> StoredResult:
    """Build a stored result from its document, JSON, key and size."""
    return StoredResult(
        document_id=row[0],
        result=to_raw(row[1]),
        result_key=row[2],
        result_bytes=row[3],
    )


def task_change(write: TaskWrite) -> dict[str, Any]:
    """Give the columns of a task that change, and its guard as `guard_…`."""
    task = write.task
    return {
        "guard_id": task.id,
        "guard_status": write.before_status.value,
        "guard_generation": write.before_generation,
        "status": task.status.value,
        "generation": task.generation,
        "attempts": task.attempts,
        "interruptions": task.interruptions,
        "returns": task.returns,
        "queue": task.queue,
        "cost_ms": task.cost_ms,
        "step": task.step,
        "fraction": task.fraction,
        "worker_id": task.worker_id,
        "waiting_reason": task.waiting_reason,
        "not_before": ms_or_none(task.not_before),
        "queued_at": ms_or_none(task.queued_at),
        "sent_at": ms_or_none(task.sent_at),
        "started_at": ms_or_none(task.started_at),
        "heard_at": ms_or_none(task.heard_at),
        "finished_at": ms_or_none(task.finished_at),
        "processing_ms": task.processing_ms,
        "steps": to_text(task.steps) if task.steps else None,
        "failure": None if task.failure is None else to_text(task.failure),
    }


def added_row(added: AddedTask) -> dict[str, Any]:
    """Give the columns of a task that is new."""
    task = added.task
    return {
        "id": task.id,
        "job_id": task.job_id,
        "owner": task.owner,
        "kind": task.kind.value,
        "index": task.index,
        "document_id": task.document_id,
        "document_name": added.document.name,
        "status": task.status.value,
        "generation": task.generation,
        "cost_ms": task.cost_ms,
        "queued_at": None,
    }


def log_from(row: Row) -> LogEntry:
    """Build a row of a job's log from `LOG_COLUMNS`."""
    return LogEntry(
        job_id=row[0],
        seq=row[1],
        type=row[2],
        timestamp=from_ms(row[3]),
        position=row[4],
        data=to_raw(row[5]),
    )


def log_row(entry: LogEntry) -> dict[str, Any]:
    """Give a log row's columns by name."""
    return {
        "job_id": entry.job_id,
        "seq": entry.seq,
        "type": entry.type,
        "timestamp": to_ms(entry.timestamp),
        "position": entry.position,
        "data": bytes(entry.data).decode(),
    }


def durations_from(row: Row) -> DurationStats:
    """Build observed durations from the columns of their table."""
    return DurationStats(
        job_type=row[0],
        media_type=row[1],
        size_class=row[2],
        samples=row[3],
        mean_ms=row[4],
        variance_ms2=row[5],
    )


def durations_row(stats: DurationStats) -> dict[str, Any]:
    """Give the columns of observed durations by name."""
    return msgspec.structs.asdict(stats)


def command_from(row: Row) -> CommandRow:
    """Build a command from the columns of its table."""
    return CommandRow(
        id=row[0],
        owner=row[1],
        job_id=row[2],
        kind=row[3],
        created_at=from_ms(row[4]),
    )
