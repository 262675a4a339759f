"""What a step gets to work with, and where it leaves what it finds."""

import importlib.metadata
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service.domain.model import TaskId
from service.processing.media_types import UNKNOWN_TYPE
from service.processing.options import DEFAULT_OPTIONS, ProcessingOptions
from service.processing.outputs import (
    OUTPUT_NAME_PATTERN,
    RESULT_OUTPUT,
    OutputFile,
    StrPath,
    output_path,
)
from service.processing.reports import Progress
from service.processing.results import (
    Engine,
    Issue,
    LogLine,
    ProcessingError,
    Severity,
)

if TYPE_CHECKING:
    from service.processing.formats.content import Content
    from service.processing.results import Fields, Quality

LOG_LINES = 200
LOG_CHARS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The stored document that is processed."""

    path: Path
    """Where its bytes are; only read."""
    name: str
    """The name it was uploaded under; says nothing certain about its content."""
    size_bytes: int
    sha256: str
    declared_media_type: str | None = None
    document_id: str


class OcrPlace(StrEnum):
    """Where text is recognised in pictures, seen from where a document is read."""

    NOWHERE = "nowhere"
    ELSEWHERE = "elsewhere"
    """On another queue: documents that need it are handed on."""
    HERE = "here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of one document is read; what is over it is named, never silent.

    The figures for packed formats are from the measurements behind the choice of
    parsers: no real file of the test corpora came near them, every bomb is over.
    """

    max_pages: int = 2_000
    """More pages than this end the document as ``too_many_pages``."""
    max_text_chars: int = 10_000_000
    """The text is cut here: ``text_chars``."""
    max_embedded: int = 1_000
    """Attachments listed: ``embedded``."""
    max_cells: int = 1_000_000
    """Cells of a workbook or CSV file that are read: ``cells``."""
    max_table_cells: int = 50_000
    """Cells of all tables of a result: ``table_cells``."""
    max_chunks: int = 5_000
    """Passages of a result: ``chunks``."""
    max_entities: int = 2_000
    """Entities of a result: ``entities``."""
    max_previews: int = 8
    """Pages rendered as pictures: more have none, which is no loss of content."""
    max_pixels: int = 178_000_000
    """Images with more pixels end as ``too_large``."""
    picture_longest_px: int = 0
    """Longest side of a picture made small for a vision model; 0 = there is none."""
    picture_quality: int = 80
    """JPEG quality of it."""
    max_pictures: int = 1
    """Pages of a scan that are made such pictures: ``image_pages``."""
    max_ocr_pages: int = 5
    """Pages in which text is recognised; what is over it: ``ocr_pages``."""
    max_archive_entries: int = 10_000
    max_archive_bytes: int = 200_000_000
    """All parts of a packed document together, unpacked."""
    max_part_bytes: int = 50_000_000
    """One part of a packed document, unpacked; one file of markup."""
    max_part_ratio: int = 200
    """Unpacked to packed size of a part over 1 MB."""


class StepContext:
    """One document on its way through the steps of its job type.

    Attributes:
        source: The document.
        options: What the submitter chose.
        limits: How much of it may be read.
        ocr: Where text is recognised in pictures.
        data: The part of the result that is the job type's own, as builtins or result
            structs under their camelCase names.
        extraction: The fields of `results.Extraction` found so far, by their names.
        quality: What was measured of the quality, when it was.
        analysis: The fields of `results.Analysis` found so far but the former two.
        content: What the reader found; None before a step has read the document.
        text: The whole text, pages joined.
        page_starts: Where in `text` each page of `content` begins.
        invoice: The machine-readable invoice's fields, when it has one.
        step: The name of the present step.
        issues: What was found wrong with the document.
        errors: What could not be done although the document as a whole could.
        limits_hit: Codes of the limits that cut something off.
        engines: The libraries that did the work.
        outputs: Files that steps made beside the result.
        state: Scratch that the steps of one document share.
        media_type: What the content is, once a step has found out.
        extension_matches: Whether the name's extension fits it; None = not known.
        today: The day of processing, UTC; None = not known.
        left_s: Gives the seconds until the document is ended from outside.
    """

    def __init__(
        self,
        source: Source,
        limits: Limits,
        *,
        output_prefix: StrPath,
        progress: Progress,
        output_key: str | None = None,
        options: ProcessingOptions = DEFAULT_OPTIONS,
        today: date | None = None,
        ocr: OcrPlace = OcrPlace.NOWHERE,
        left_s: Callable[[], float] = lambda: math.inf,
    ) -> None:
        self.source = source
        self.options = options
        self.limits = limits
        self.ocr = ocr
        self.left_s = left_s
        self.data: dict[str, Any] = {}
        self.extraction: dict[str, Any] = {}
        self.quality: Quality | None = None
        self.analysis: dict[str, Any] = {}
        self.content: Content | None = None
        self.text = ""
        self.page_starts: tuple[int, ...] = ()
        self.invoice: Fields | None = None
        self.step = ""
        self.issues: list[Issue] = []
        self.errors: list[ProcessingError] = []
        self.limits_hit: list[str] = []
        self.engines: list[Engine] = []
        self.outputs: list[OutputFile] = []
        self.state: dict[str, Any] = {}
        self.media_type = UNKNOWN_TYPE
        self.extension_matches: bool | None = None
        self.today = today
        self._output_prefix = output_prefix
        self._output_key = output_key
        self.logged: list[LogLine] = []
        self._progress = progress

    @property
    def task_id(self) -> TaskId | None:
        """The task this is done for, as its outputs' key has it, if they have one."""
        return TaskId(self._output_key.split("/")[-2]) if self._output_key else None

    def report_page(self, number: int, of: int) -> None:
        """Say that page `number` of `of` is being worked on; both count from 1."""
        self._progress.page(number, of)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Show and time a part of the present step as a step of its own."""
        outer, self.step = self.step, name
        self._progress.begin_part(name)
        try:
            yield
        finally:
            self._progress.end_part()
            self.step = outer

    def progress(self, done: float) -> None:
        """Say which share of the present step is done, 0-1."""
        self._progress.share(done)

    def log(self, message: str) -> None:
        """Add a line to the document's execution log; its stream shows the newest.

        It is for the document's owner, so it may tell of the content. The first
        `LOG_LINES` are kept (``log_lines``), each up to `LOG_CHARS` long.
        """
        line = " ".join(message.split())[:LOG_CHARS]
        if len(self.logged) < LOG_LINES:
            self.logged.append(LogLine(step=self.step, message=line))
            self._progress.said(line)
        else:
            message = f"Only the first {LOG_LINES} lines of its log are kept."
            self.hit_limit("log_lines", message, severity="info")

    def read(self) -> "Content":
        """Give what the reader found.

        Raises:
            LookupError: No step has read the document yet.
        """
        if self.content is None:
            message = "a step needs the content before it was read"
            raise LookupError(message)
        return self.content

    def add_issue(
        self, code: str, severity: Severity, message: str, *, page: int | None = None
    ) -> None:
        """Note something wrong; an ``error`` makes the result ``degraded``."""
        self.issues.append(
            Issue(code=code, severity=severity, message=message, page=page)
        )

    def hit_limit(
        self, code: str, message: str, *, severity: Severity = "error"
    ) -> None:
        """Name a limit that cut something off, once however often it did.

        An ``info`` where the text is whole all the same: the result stays ``ok``.
        """
        if code not in self.limits_hit:
            self.limits_hit.append(code)
            self.add_issue("LIMIT_REACHED", severity, message)

    def use_engine(self, distribution: str) -> None:
        """Name an installed distribution that did work on this document."""
        if all(engine.name != distribution for engine in self.engines):
            version = _version(distribution)
            self.engines.append(Engine(name=distribution, version=version))

    def write(
        self, name: str, data: bytes, media_type: str, *, title: str | None = None
    ) -> str | None:
        """Leave a file beside the result, for the worker to store.

        Args:
            name: Lower-case letters, digits, `.`, `-` and `_`, once each document.
            data: The content.
            media_type: Of the content.
            title: What it was called inside the document.

        Returns:
            The key of the blob it becomes, if it becomes one.

        Raises:
            ValueError: The name is not of these characters, or taken.
        """
        taken = {RESULT_OUTPUT, *(output.name for output in self.outputs)}
        if name in taken or not re.match(OUTPUT_NAME_PATTERN, name):
            message = f"{name!r} is no name for another output"
            raise ValueError(message)
        output_path(self._output_prefix, name).write_bytes(data)
        self.outputs.append(
            OutputFile(
                name=name, media_type=media_type, size_bytes=len(data), title=title
            )
        )
        return f"{self._output_key}/{name}" if self._output_key else None


@cache
def _version(distribution: str) -> str:
    # Looking it up takes a millisecond: as long as a simple document.
    return importlib.metadata.version(distribution)
