"""Every setting with its default, range and meaning."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from service.settings import checks
from service.settings.language_model import ModelSettings

PREFIX = "DOCMILL_"
LEAST_WORKER_SLOTS = 5
"""Even one core serves the usual `maxConcurrent`; children mostly wait for files."""

_URLS = frozenset({"broker_url", "store_url", "blob_url", "model_url"})
"""They may hold a password."""
_SECRETS = frozenset({"model_api_key", "image_url_secret"})


def _names(value: object) -> object:
    if isinstance(value, str):
        return tuple(name.strip() for name in value.split(",") if name.strip())
    return value


class Settings(ModelSettings):
    """Every setting, validated. Durations are seconds, sizes bytes.

    Building one directly reads no source: `load_settings` does.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        frozen=True,
        extra="forbid",
        env_ignore_empty=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
    )

    allow_public: bool = Field(
        default=False,
        description="Let `host` be an address that others can reach: there is no "
        "access control yet, so something else must keep strangers away.",
    )
    host: Annotated[str, AfterValidator(checks.permitted_host)] = Field(
        default="127.0.0.1",
        description="Address to listen on; only this machine's own, unless "
        "`allow_public` is set.",
    )
    port: int = Field(
        default=8000,
        ge=0,
        le=65_535,
        description="Port to listen on; 0 takes a free one.",
    )
    data_dir: Annotated[Path, AfterValidator(checks.folder)] = Field(
        default=Path("docmill-data"),
        description="Folder for temporary files, and for the database and the files "
        "when their URLs are empty.",
    )
    broker_url: Annotated[str, AfterValidator(checks.broker_url)] = Field(
        default="",
        description="RabbitMQ, `amqp://…`, several nodes with `;` between; empty means "
        "everything in one process, with queues in its memory.",
    )
    queue_type: Literal["classic", "quorum"] = Field(
        default="classic",
        description="Kind of RabbitMQ's queues; `quorum` is for a cluster.",
    )
    store_url: Annotated[str, AfterValidator(checks.store_url)] = Field(
        default="",
        description="Database, `sqlite:///PATH` or `postgresql+psycopg://…`; empty "
        "means `sqlite:///<data_dir>/docmill.sqlite3`.",
    )
    blob_url: Annotated[str, AfterValidator(checks.blob_url)] = Field(
        default="",
        description="Where files are kept (`file://`, `s3://`, `gs://`, `az://`); "
        "empty means `file://<data_dir>/blobs`.",
    )
    default_type: str = Field(
        default="DATA_EXTRACTION",
        pattern=r"^[A-Z][A-Z0-9_]*$",
        description="Job type of requests that name none.",
    )
    max_documents_per_job: int = Field(
        default=10_000,
        ge=1,
        le=1_000_000,
        description="Most documents in one request, and in one job with the files "
        "inside them.",
    )
    max_upload_bytes: int = Field(
        default=100_000_000,
        ge=1,
        description="Largest size of one uploaded file, in bytes.",
    )
    max_files_per_upload: int = Field(
        default=1_000, ge=1, le=10_000, description="Most files in one upload request."
    )
    max_concurrent_limit: int = Field(
        default=1_000,
        ge=1,
        le=1_000,
        description="Highest `maxConcurrent` a job may ask for.",
    )
    default_retry_attempts: int = Field(
        default=2,
        ge=0,
        le=10,
        description="Further attempts when a job does not say; at most 1 of analyses "
        "while a vision model on another machine takes part.",
    )
    concurrency: int = Field(
        default=0,
        ge=0,
        le=1_000,
        description="Documents processed at once on this machine; 0 means one for "
        "each core, at least 5.",
    )
    recycle_after: int = Field(
        default=500,
        ge=1,
        description="Documents one child process reads before it is replaced. Before "
        "that it is when it has grown by an eighth of `child_memory_bytes`.",
    )
    child_memory_bytes: int = Field(
        default=1_073_741_824,
        ge=67_108_864,
        description="Address space of one child process, in bytes.",
    )
    ocr: Literal["auto", "on", "off"] = Field(
        default="auto",
        description="Whether documents without text are handed on to workers that "
        "recognise it; `auto` = if `docmill[ocr]` is installed here, `on` = such "
        "workers run elsewhere.",
    )
    ocr_concurrency: int = Field(
        default=0,
        ge=0,
        le=1_000,
        description="Documents in which text is recognised at once on this machine; "
        "0 means one for every two cores.",
    )
    ocr_max_pages: int = Field(
        default=5,
        ge=1,
        le=1_000,
        description="Pages of one document in which text is recognised, about 3 s "
        "each; give jobs a `documentTimeout` to match.",
    )
    ocr_memory_bytes: int = Field(
        default=2_684_354_560,
        ge=67_108_864,
        description="Address space of one child process that recognises text, in "
        "bytes.",
    )
    kill_slack_s: float = Field(
        default=2.0,
        ge=0,
        le=60,
        description="Time past its limit after which a document's process is surely "
        "gone, in seconds.",
    )
    retention_s: float = Field(
        default=86_400,
        gt=0,
        description="How long an ended job and unused files are kept, in seconds.",
    )
    upload_grace_s: float = Field(
        default=86_400,
        ge=3_600,
        description="How long a stored file that no document names is kept, in "
        "seconds: its upload, or the message that names it, may be on its way.",
    )
    release_expiry_s: float = Field(
        default=600,
        gt=0,
        description="After this a released document nobody took is released again, "
        "in seconds.",
    )
    queue_ahead_s: float = Field(
        default=0.1,
        ge=0,
        le=60,
        description="Predicted work queued ahead of the workers, in seconds.",
    )
    queue_ahead_max: int = Field(
        default=1_000,
        ge=1,
        le=1_000,
        description="Most documents queued ahead of the workers; at least one a slot.",
    )
    backlog_limit: int = Field(
        default=100_000,
        ge=1,
        description="Documents waiting in all jobs; above it submissions are answered "
        "with 503 and Retry-After.",
    )
    health_host: str = Field(
        default="127.0.0.1",
        description="Address on which workers and aggregators answer `/livez`, "
        "`/readyz` and `/metrics`.",
    )
    health_port: int = Field(
        default=9101,
        ge=0,
        le=65_535,
        description="Port for that; `docmill worker` counts up from it, one a process, "
        "and 0 takes free ones.",
    )
    drain_s: float = Field(
        default=60.0,
        ge=0,
        le=3_600,
        description="How long a stopped worker may finish documents before it hands "
        "them back, in seconds.",
    )
    max_pages: int = Field(
        default=2_000, ge=1, description="Pages above which a document is refused."
    )
    max_streams: int = Field(
        default=1_000, ge=1, description="Most event streams open at once."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe log line to write."
    )
    log_format: Literal["auto", "console", "json"] = Field(
        default="auto",
        description="Form of log lines; `auto` is JSON unless at a terminal.",
    )
    job_type_modules: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)] = (
        Field(
            default=(),
            description="Modules that register further job types, with commas between: "
            "for tests and benchmarks.",
        )
    )

    @property
    def effective_store_url(self) -> str:
        """Where the store is, with the default filled in."""
        return self.store_url or f"sqlite:///{self.data_dir.absolute()}/docmill.sqlite3"

    @property
    def effective_blob_url(self) -> str:
        """Where blobs are, with the default filled in."""
        return self.blob_url or (self.data_dir.absolute() / "blobs").as_uri()

    @property
    def worker_slots(self) -> int:
        """How many documents are processed at once on this machine."""
        return self.concurrency or max(LEAST_WORKER_SLOTS, os.cpu_count() or 1)

    @property
    def ocr_slots(self) -> int:
        """In how many documents text is recognised at once on this machine."""
        return self.ocr_concurrency or max(1, (os.cpu_count() or 1) // 2)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Give the fields for ``repr`` and ``str``, with secrets as stars."""
        for name, value in super().__repr_args__():
            if name in _SECRETS:
                yield name, value and checks.STARS
            else:
                yield name, checks.masked_url(value) if name in _URLS else value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take given values only: `load_settings` knows where each came from."""
        return (init_settings,)
