"""Bodies and query strings that clients send; unknown fields are refused."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from gateway.validation import later
from service.domain.model import JobStatus, TaskStatus

DAY_MS: Final = 86_400_000
HOUR_MS: Final = 3_600_000
MAX_TIMEOUT_MS: Final = 7 * DAY_MS
MAX_PAGE: Final = 200

PRINTABLE: Final = r"^[^\x00-\x1f\x7f]*$"
_NO_CONTROLS: Final = "Text without line breaks, tabs or other control characters."
Name = Annotated[
    str,
    Meta(min_length=1, max_length=255, pattern=PRINTABLE, description=_NO_CONTROLS),
]
LabelKey = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$",
        description="A label's name is 1 to 63 letters (a to z), digits, points, "
        "underscores and hyphens, and begins with a letter or a digit.",
    ),
]
LabelValue = Annotated[
    str, Meta(max_length=255, pattern=PRINTABLE, description=_NO_CONTROLS)
]
Labels = Annotated[dict[LabelKey, LabelValue], Meta(max_length=32)]
Id = Annotated[
    str,
    Meta(min_length=1, max_length=255, pattern=PRINTABLE, description=_NO_CONTROLS),
]
TypeName = Annotated[
    str,
    Meta(
        max_length=100,
        description="A job type that is installed; left out: the setting default_type.",
        extra_json_schema={"x-fill": "types"},
    ),
]
PageRanges = Annotated[
    str,
    Meta(
        max_length=500,
        pattern=r"^[1-9]\d{0,6}(-[1-9]\d{0,6})?(,[1-9]\d{0,6}(-[1-9]\d{0,6})?){0,99}$",
        description="Ranges of page numbers, which count from 1, like `1-3,7`.",
    ),
]
Milliseconds = Annotated[int, Meta(ge=0, le=MAX_TIMEOUT_MS)]


class RequestBody(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename="camel",
    forbid_unknown_fields=True,
):
    """Base of everything a client sends."""


class OptionsRequest(RequestBody, frozen=True, kw_only=True):
    """How a job is carried out; durations in milliseconds."""

    max_concurrent: (
        Annotated[int, Meta(ge=1, le=1000, extra_json_schema={"x-fill": "concurrent"})]
        | UnsetType
    ) = UNSET
    timeout: Annotated[int, Meta(ge=1000, le=MAX_TIMEOUT_MS)] | UnsetType = UNSET
    """Left out: 300 000, or what a large job needs."""
    document_timeout: Annotated[int, Meta(ge=100, le=HOUR_MS)] = 30_000
    retry_attempts: Annotated[int, Meta(ge=0, le=10)] | UnsetType = UNSET
    retry_delay: Annotated[int, Meta(ge=0, le=HOUR_MS)] = 2_000
    queue_ttl: Annotated[Milliseconds | None, later(None)] = None
    not_before: Annotated[str | None, later(None)] = None
    priority: Annotated[Literal["high", "normal", "low"], later("normal")] = "normal"
    order: Annotated[Literal["fifo", "lifo", "shortest"], later("fifo")] = "fifo"
    on_failure: Annotated[
        Literal["continue", "stop", "rollback"], later("continue")
    ] = "continue"
    depends_on: Annotated[list[Id], later([])] = []
    on_dependency_failure: Annotated[Literal["fail", "continue"], later("fail")] = (
        "fail"
    )
    open: Annotated[bool, later(False)] = False
    retention: (
        Annotated[
            int,
            Meta(
                ge=0,
                le=MAX_TIMEOUT_MS,
                description="For now only that of the service is available.",
                extra_json_schema={"x-fill": "retention"},
            ),
        ]
        | UnsetType
    ) = UNSET


Language = Annotated[
    str,
    Meta(
        pattern=r"^[a-z]{2}$",
        description="Two small letters that name a language.",
        examples=["en"],
    ),
]
"""ISO 639-1."""


class ProcessingRequest(RequestBody, frozen=True, kw_only=True):
    """What is done to each document."""

    ocr: Literal["auto", "off", "required"] = "auto"
    """Whether text is recognised in pictures, where that is installed."""
    ocr_languages: Annotated[list[Language], Meta(min_length=1, max_length=10)] = (
        msgspec.field(default_factory=lambda: ["en"])
    )
    pages: PageRanges | None = None
    tables: bool = True
    expand_attachments: bool = False
    """Whether files inside a document become documents of the job."""
    model: Literal["auto", "off", "required"] = "auto"
    """Whether a language model takes part, where one is configured."""


class SourceRequest(RequestBody, frozen=True, kw_only=True):
    """Documents named by where they are."""

    prefix: str


class WebhookRequest(RequestBody, frozen=True, kw_only=True):
    """Where to report what happens."""

    url: str
    events: list[str] = []


class ProcessRequest(RequestBody, frozen=True, kw_only=True):
    """What to do with one stored document."""

    type: TypeName | UnsetType = UNSET
    name: Name | None = None
    labels: Labels = {}
    options: OptionsRequest = OptionsRequest()
    processing: ProcessingRequest = ProcessingRequest()
    webhook: Annotated[WebhookRequest | None, later(None)] = None
    dry_run: Annotated[bool, later(False)] = False


class SubmitRequest(ProcessRequest, frozen=True, kw_only=True):
    """A batch of stored documents and what to do with each."""

    document_ids: Annotated[
        list[Id],
        Meta(extra_json_schema={"x-fill": "documents", "uniqueItems": True}),
    ]
    source: Annotated[SourceRequest | None, later(None)] = None


class UploadForm(RequestBody, frozen=True, kw_only=True):
    """Fields of a form that stores files."""


class QueueForm(UploadForm, frozen=True, kw_only=True):
    """Fields of a form that stores files and queues them; as JSON where not text."""

    type: TypeName | UnsetType = UNSET
    options: OptionsRequest = OptionsRequest()
    processing: ProcessingRequest = ProcessingRequest()


class NoQuery(RequestBody, frozen=True, kw_only=True):
    """No parameters."""


class NoBody(RequestBody, frozen=True, kw_only=True):
    """Nothing to say yet: no body, or an object without fields."""


class PageQuery(RequestBody, frozen=True, kw_only=True):
    """Which page of a list."""

    page_size: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = 50
    page_token: Annotated[str, Meta(max_length=500)] = ""
    """``nextPageToken`` of the page before."""


class ResultsQuery(PageQuery, frozen=True, kw_only=True):
    """Which page of the results; or all of them, as one file."""

    format: Literal["json", "ndjson", "csv", "markdown", "zip"] = "json"
    """Every other than ``json`` is a download of all results so far."""


class JobsQuery(PageQuery, frozen=True, kw_only=True):
    """Which jobs; what is left out or empty does not restrict."""

    status: tuple[JobStatus, ...] = ()
    type: Annotated[
        str, Meta(max_length=100, pattern=PRINTABLE, description=_NO_CONTROLS)
    ] = ""
    label: Annotated[
        str,
        Meta(
            pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]{0,62}:[^\x00-\x1f\x7f]{0,255})?$",
            description="A label's name, a colon and its value, like `customer:acme`.",
        ),
    ] = ""
    """``key:value``."""


class TasksQuery(PageQuery, frozen=True, kw_only=True):
    """Which documents of a job."""

    status: tuple[TaskStatus, ...] = ()
