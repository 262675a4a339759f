"""Every setting with its default, range and meaning."""

import ipaddress
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

PREFIX = "DOCMILL_"
LEAST_WORKER_SLOTS = 5
"""Even one core serves the usual `maxConcurrent`; children mostly wait for files."""


def masked_url(url: str) -> str:
    """Give the URL with the password and secret parameters replaced by stars."""
    url = re.sub(r"(://[^/:@]*):[^?]*@", r"\1:***@", url)
    return re.sub(
        r"(?i)([?&][^&=]*(?:key|secret|token|password|sig)[^&=]*)=[^&]*", r"\1=***", url
    )


def _loopback(host: str) -> str:
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ValueError(
            "not a loopback address: there is no access control yet, so Docmill is "
            "served to this machine only. Use 127.0.0.1, ::1 or localhost"
        )
    return host


def _store_url(url: str) -> str:
    if url and not url.startswith("sqlite:///"):
        raise ValueError("not a store Docmill has: use sqlite:///PATH")
    return url


def _blob_url(url: str) -> str:
    parts = urlsplit(url)
    if url and parts.scheme not in {"file", "s3", "gs", "az"}:
        raise ValueError("not a blob store Docmill has: use file, s3, gs or az URLs")
    if parts.scheme == "file" and (parts.netloc or not parts.path.startswith("/")):
        raise ValueError("a file URL needs an absolute path: file:///PATH")
    return url


def _names(value: object) -> object:
    if isinstance(value, str):
        return tuple(name.strip() for name in value.split(",") if name.strip())
    return value


class Settings(BaseSettings):
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

    host: Annotated[str, AfterValidator(_loopback)] = Field(
        default="127.0.0.1",
        description="Address to listen on; only this machine's own.",
    )
    port: int = Field(
        default=8000,
        ge=0,
        le=65_535,
        description="Port to listen on; 0 takes a free one.",
    )
    data_dir: Annotated[Path, AfterValidator(Path.expanduser)] = Field(
        default=Path("docmill-data"),
        description="Folder for the database and the files when their URLs are empty.",
    )
    store_url: Annotated[str, AfterValidator(_store_url)] = Field(
        default="",
        description="Database; empty means `sqlite:///<data_dir>/docmill.sqlite3`.",
    )
    blob_url: Annotated[str, AfterValidator(_blob_url)] = Field(
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
        default=10_000, ge=1, le=1_000_000, description="Most documents in one request."
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
        default=2, ge=0, le=10, description="Further attempts when a job does not say."
    )
    concurrency: int = Field(
        default=0,
        ge=0,
        le=1_000,
        description="Documents processed at once on this machine; 0 means one for "
        "each core, at least 5.",
    )
    recycle_after: int = Field(
        default=50,
        ge=1,
        description="Documents one child process reads before it is replaced.",
    )
    child_memory_bytes: int = Field(
        default=1_073_741_824,
        ge=67_108_864,
        description="Address space of one child process, in bytes.",
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

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Give the fields for ``repr`` and ``str``, with secrets as stars."""
        for name, value in super().__repr_args__():
            secret = name in {"store_url", "blob_url"}
            yield name, masked_url(value) if secret else value

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
