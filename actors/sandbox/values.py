"""What callers of the sandbox give and get."""

from dataclasses import dataclass

import msgspec

from service.domain.model import StepTiming
from service.processing.context import OcrPlace
from service.processing.options import DEFAULT_OPTIONS, ProcessingOptions
from service.processing.outputs import OutputFile, StrPath
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
    picture_longest_px: int = 0
    """Longest side of a picture made small for a vision model; 0 = there is none."""
    picture_quality: int = 80
    """JPEG quality of it."""
    max_pictures: int = 1
    """Pages of a scan that are made such pictures."""
    ocr: OcrPlace = OcrPlace.NOWHERE
    ocr_max_pages: int = 5
    """Pages of one document in which text is recognised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxJob:
    """One document to process, and as what."""

    job_type: str
    document_id: str
    path: StrPath
    """The stored file; it is only read."""
    name: str
    size_bytes: int
    sha256: str
    declared_media_type: str | None = None
    output_prefix: StrPath
    """Files beside the result go to paths that begin with this one."""
    options: ProcessingOptions = DEFAULT_OPTIONS
    output_key: str | None = None
    """What the blobs of those files are called before their names; None = they are
    not stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxResult:
    """What came of one document."""

    data: msgspec.Raw
    """The whole result, a JSON object."""
    status: Status
    media_type: str
    steps: tuple[StepTiming, ...]
    outputs: tuple[OutputFile, ...]
    """What lies beside `SandboxJob.output_prefix`; the caller's to remove."""
    in_file: bool = False
    """Whether `data` is empty and the result is the output `RESULT_OUTPUT`."""
