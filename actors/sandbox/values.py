"""What callers of the sandbox give and get."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from service.domain.model import StepTiming
from service.processing.results import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxLimits:
    """What every child is held to."""

    memory_bytes: int = 1_073_741_824
    """Address space a document may take on top of what the loaded parsers take."""
    recycle_after: int = 500
    """Documents a child processes before it is replaced; before that it is when it has
    grown much."""
    kill_slack_s: float = 2.0
    """How long past its limit an orphaned child lives, until its own alarm."""
    max_pages: int = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxJob:
    """One document to process, and as what."""

    job_type: str
    document_id: str
    path: Path
    """The stored file; it is only read."""
    name: str
    size_bytes: int
    sha256: str
    declared_media_type: str | None = None
    text_path: Path
    """Where the full text goes; there is a file only if the result says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxResult:
    """What came of one document."""

    data: msgspec.Raw
    """The whole result, a JSON object."""
    status: Status
    media_type: str
    steps: tuple[StepTiming, ...]
    has_text_file: bool
