"""Headers of jobs to rows and back, field by field according to its type."""

from collections.abc import Callable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

import msgspec

from service.domain.model import (
    Counts,
    Failure,
    Job,
    JobOptions,
    JobStatus,
    Outcome,
)
from service.store import schema
from service.store.mapping import (
    Row,
    from_ms,
    ms_or_none,
    time_or_none,
    to_ms,
    to_text,
)
from service.store.rows import JobView

_FAILURE = msgspec.json.Decoder(Failure)
_LABELS = msgspec.json.Decoder(dict[str, str])
_NUMBERS = msgspec.json.Decoder(tuple[int, ...])
_OPTIONS = msgspec.json.Decoder(JobOptions)


def _optional(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else convert(value)


_Codec = tuple[Callable[[Any], Any], Callable[[Any], Any]]
_CODECS: dict[Any, _Codec] = {
    bool: (bool, bool),
    datetime: (to_ms, from_ms),
    datetime | None: (ms_or_none, time_or_none),
    JobStatus: (attrgetter("value"), JobStatus),
    Outcome | None: (_optional(attrgetter("value")), _optional(Outcome)),
    Failure | None: (_optional(to_text), _optional(_FAILURE.decode)),
    JobOptions: (to_text, _OPTIONS.decode),
    tuple[int, ...]: (to_text, _NUMBERS.decode),
}
"""How a header's fields become columns and back; other types are kept as they are."""

_HEADER = tuple(
    field for field in msgspec.structs.fields(Job) if field.name != "counts"
)
_ENCODERS = {
    field.name: _CODECS[field.type][0] for field in _HEADER if field.type in _CODECS
}
_STATE_ENCODERS = {
    name: encode for name, encode in _ENCODERS.items() if name not in schema.JOB_FIXED
}
_DECODERS = tuple(
    (place, _CODECS[field.type][1])
    for place, field in enumerate(_HEADER)
    if field.type in _CODECS
)
_HEADER_NAMES = tuple(field.name for field in _HEADER)
_HEADER_WIDTH = len(_HEADER_NAMES)
JOB_STATE = frozenset(_HEADER_NAMES) - schema.JOB_FIXED | set(Counts.__struct_fields__)
"""Names of the columns that a commit may change."""
JOB_COLUMNS = tuple(
    schema.jobs.c[name] for name in (*_HEADER_NAMES, *Counts.__struct_fields__)
)
JOB_VIEW_COLUMNS = (
    *JOB_COLUMNS,
    schema.jobs.c.name,
    schema.jobs.c.labels,
    schema.jobs.c.retry_of,
)


def job_from(row: Row) -> Job:
    """Build a job's header from `JOB_COLUMNS`."""
    values = list(row[:_HEADER_WIDTH])
    for place, decode in _DECODERS:
        values[place] = decode(values[place])
    counts = dict(zip(Counts.__struct_fields__, row[_HEADER_WIDTH:], strict=True))
    header = dict(zip(_HEADER_NAMES, values, strict=True))
    return Job(counts=Counts(**counts), **header)


def job_view_from(row: Row) -> JobView:
    """Build what clients see of a job from `JOB_VIEW_COLUMNS`."""
    return JobView(
        job=job_from(row[:-3]),
        name=row[-3],
        labels=_LABELS.decode(row[-2]),
        retry_of=row[-1],
    )


def job_row(job: Job) -> dict[str, Any]:
    """Give a header's columns by name."""
    return _columns(job, _ENCODERS)


def _columns(job: Job, encoders: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    row = msgspec.structs.asdict(job)
    del row["counts"]
    for name, encode in encoders.items():
        row[name] = encode(row[name])
    row.update(msgspec.structs.asdict(job.counts))
    return row


def job_change(job: Job) -> dict[str, Any]:
    """Give a header's columns by name, and its guard as `guard_…`."""
    row = _columns(job, _STATE_ENCODERS)
    for name in schema.JOB_FIXED:
        del row[name]
    row["guard_id"], row["guard_version"] = job.id, job.version - 1
    return row
