"""Runs single steps over files, for tests that look at what a reader found."""

from pathlib import Path

from service.processing import extraction
from service.processing.context import Limits, StepContext
from service.processing.formats.content import Content
from service.processing.options import DEFAULT_OPTIONS, ProcessingOptions
from tests.unit.processing.running import source_of


class Silence:
    """Takes what steps say of their progress, and drops it."""

    def page(self, number: int, of: int) -> None: ...

    def share(self, done: float) -> None: ...

    def begin_part(self, name: str) -> None: ...

    def end_part(self) -> None: ...

    def said(self, message: str) -> None: ...


def opened(
    path: Path,
    *,
    limits: Limits | None = None,
    options: ProcessingOptions = DEFAULT_OPTIONS,
) -> StepContext:
    """Give the context of a document that was read and not worked on yet."""
    context = StepContext(
        source_of(path),
        limits or Limits(),
        output_prefix=path.parent / "made",
        progress=Silence(),
        options=options,
    )
    extraction.sniff(context)
    extraction.read(context)
    return context


def content_of(path: Path, *, options: ProcessingOptions = DEFAULT_OPTIONS) -> Content:
    """Give what the reader finds in a file."""
    return opened(path, options=options).read()
