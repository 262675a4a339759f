"""What a step gets to work with, and what it says about its progress."""

import importlib.metadata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.processing.media_types import UNKNOWN_TYPE
from service.processing.results import Engine, Issue, ProcessingError, Severity


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
    max_pixels: int = 178_000_000
    """Images with more pixels end as ``too_large``."""
    max_archive_entries: int = 10_000
    max_archive_bytes: int = 200_000_000
    """All parts of a packed document together, unpacked."""
    max_part_bytes: int = 50_000_000
    """One part of a packed document, unpacked; one file of markup."""
    max_part_ratio: int = 200
    """Unpacked to packed size of a part over 1 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReport:
    """How far a document is."""

    step: str
    fraction: float
    """Share of the whole document done, 0-1, never falling."""
    page: int | None = None
    pages: int | None = None


class StepContext:
    """One document on its way through the steps of its job type.

    Attributes:
        source: The document.
        limits: How much of it may be read.
        data: The part of the result that is the job type's own, as builtins or result
            structs under their camelCase names.
        issues: What was found wrong with the document.
        errors: What could not be done although the document as a whole could.
        limits_hit: Codes of the limits that cut something off.
        engines: The libraries that did the work.
        state: Scratch that the steps of one document share.
        media_type: What the content is, once a step has found out.
        extension_matches: Whether the name's extension fits it; None = not known.
        text_path: Where a step may write the full text, as UTF-8.
        has_text_file: Whether one did.
    """

    def __init__(
        self,
        source: Source,
        limits: Limits,
        *,
        text_path: Path,
        report_page: Callable[[int, int], None],
    ) -> None:
        self.source = source
        self.limits = limits
        self.data: dict[str, Any] = {}
        self.issues: list[Issue] = []
        self.errors: list[ProcessingError] = []
        self.limits_hit: list[str] = []
        self.engines: list[Engine] = []
        self.state: dict[str, Any] = {}
        self.media_type = UNKNOWN_TYPE
        self.extension_matches: bool | None = None
        self.text_path = text_path
        self.has_text_file = False
        self._report_page = report_page

    def report_page(self, number: int, of: int) -> None:
        """Say that page `number` of `of` is being worked on; both count from 1."""
        self._report_page(number, of)

    def add_issue(
        self, code: str, severity: Severity, message: str, *, page: int | None = None
    ) -> None:
        """Note something wrong; an ``error`` makes the result ``degraded``."""
        self.issues.append(
            Issue(code=code, severity=severity, message=message, page=page)
        )

    def hit_limit(self, code: str, message: str) -> None:
        """Name a limit that cut something off, once however often it did."""
        if code not in self.limits_hit:
            self.limits_hit.append(code)
            self.add_issue("LIMIT_REACHED", "error", message)

    def use_engine(self, distribution: str) -> None:
        """Name an installed distribution that did work on this document."""
        if all(engine.name != distribution for engine in self.engines):
            version = importlib.metadata.version(distribution)
            self.engines.append(Engine(name=distribution, version=version))

    def write_text(self, text: str) -> None:
        """Leave the full text for whoever stores it."""
        self.text_path.write_text(text, encoding="utf-8", newline="")
        self.has_text_file = True
