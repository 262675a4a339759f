"""Frames of what clients get, and the bodies about documents and the service.

Those about jobs are in `gateway.job_bodies`.
"""

from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

import msgspec
from msgspec import Meta

from service.domain.model import TaskStatus

T = TypeVar("T")

Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
"""RFC 3339, UTC, with milliseconds."""


def moment(time: datetime) -> Moment:
    """Write a time as clients see it."""
    text = time.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def moment_or_none(time: datetime | None) -> Moment | None:
    """Write a time that may not have come yet."""
    return None if time is None else moment(time)


class Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of everything a client gets."""


class Data(Body, Generic[T], frozen=True, kw_only=True):
    """The frame of an answer."""

    data: T


class Told(Data[T], Generic[T], frozen=True, kw_only=True):
    """An answer that also says in words what was done."""

    message: str


class Several(Body, Generic[T], frozen=True, kw_only=True):
    """The frame of an answer about several things."""

    data: tuple[T, ...]


class Listed(Body, Generic[T], frozen=True, kw_only=True):
    """One page of a list."""

    data: tuple[T, ...]
    next_page_token: str
    """Empty after the last page."""


class DocumentBody(Body, frozen=True, kw_only=True):
    """A stored file."""

    document_id: str
    name: str
    size_bytes: int
    sha256: str
    media_type: str
    """As sniffed from the content."""
    created_at: Moment


class DocumentDetail(DocumentBody, frozen=True, kw_only=True):
    """A stored file, and how its latest task stands (null without one)."""

    queue_status: TaskStatus | None
    job_id: str | None
    queue_priority: str | None
    worker_id: str | None


class QueuedDocument(Body, frozen=True, kw_only=True):
    """A file that was stored and queued."""

    document_id: str
    job_id: str
    status: TaskStatus
    queue_position: int | None
    """Its first place in the line of its job, from 1; jobs share the workers."""


class Health(Body, frozen=True, kw_only=True):
    """Whether the service lives."""

    status: str


class Readiness(Body, frozen=True, kw_only=True):
    """Whether requests can be carried out, and what of the service is away."""

    status: str
    """``ready``: the store answers, so submissions are accepted and status is given."""
    broker: str
    """``ok`` or ``degraded``: then work starts when it is back."""
    aggregator: str
    """``ok`` or ``degraded``: then nothing moves until one leads again."""
    files: str
    """``ok`` or ``degraded``: then nothing can be uploaded or fetched until the folder
    they are kept in is back."""
