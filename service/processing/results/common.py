"""What the results of all job types have in common."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, cast

import msgspec

SCHEMA_VERSION = 1

Severity = Literal["info", "warning", "error", "fatal"]
Status = Literal["ok", "degraded"]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom in points; the origin is the page's top left."""
Timestamp = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
"""RFC 3339, UTC, with milliseconds: as everywhere on the wire."""


def timestamp(moment: datetime) -> Timestamp:
    """Write a time as results do; one without a zone is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    utc = aware.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="milliseconds") + "Z"


class Part(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename="camel",
    forbid_unknown_fields=True,
):
    """Base of everything that is part of a result."""


class SourceInfo(Part, frozen=True, kw_only=True):
    """The document as it was given and as it was found."""

    filename: str
    size_bytes: int
    sha256: str
    media_type_declared: str | None
    media_type_detected: str
    extension_matches: bool | None
    """Whether the name's extension fits the content; null = it has none we know."""


class Issue(Part, frozen=True, kw_only=True):
    """Something wrong with the document; an ``error`` means content is missing."""

    code: str
    severity: Severity
    message: str
    page: int | None = None


class ProcessingError(Part, frozen=True, kw_only=True):
    """A part of the work that failed although the document did not."""

    code: str
    stage: str
    message: str
    retryable: bool = False
    page: int | None = None


class Engine(Part, frozen=True, kw_only=True):
    """A library that worked on the document."""

    name: str
    version: str


class LogLine(Part, frozen=True, kw_only=True):
    """What a step said while it worked."""

    step: str
    message: str


class Result(Part, frozen=True, kw_only=True):
    """What the results of all job types have in common."""

    schema_version: int = SCHEMA_VERSION
    job_type: str
    document_id: str
    source: SourceInfo
    status: Status
    """``degraded``: the document was read, but something in it could not be."""
    errors: tuple[ProcessingError, ...] = ()
    issues: tuple[Issue, ...] = ()
    limits_hit: tuple[str, ...] = ()
    log: tuple[LogLine, ...] = ()
    """What processors said, in order."""
    timings_ms: Mapping[str, int]
    """Milliseconds of each step."""
    engines: tuple[Engine, ...] = ()
    started_at: Timestamp
    finished_at: Timestamp


def result_of(name: str, own: type[msgspec.Struct]) -> type[Result]:
    """Give the schema of a whole result: what all have in common, and its own part.

    Args:
        name: Of the schema.
        own: The part; its fields go before those of the same name, its defaults are
            no factories.
    """
    fields: list[Any] = [
        (each.name, each.type)
        if each.required
        else (each.name, each.type, each.default)
        for each in msgspec.structs.fields(own)
    ]
    made = msgspec.defstruct(
        name,
        fields,
        bases=(Result,),
        frozen=True,
        kw_only=True,
        module=own.__module__,
        namespace={"__doc__": own.__doc__},
    )
    return cast("type[Result]", made)
