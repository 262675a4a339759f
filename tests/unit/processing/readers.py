"""Runs one reader over a file, for what does not reach the result as it is."""

from pathlib import Path

from service.processing.context import Limits, StepContext
from service.processing.extraction import READERS, sniff
from service.processing.formats.content import Content, PageContent
from service.processing.options import DEFAULT_OPTIONS, ProcessingOptions
from tests.unit.processing.reading import Silence
from tests.unit.processing.running import source_of


def context_of(
    path: Path,
    *,
    limits: Limits | None = None,
    options: ProcessingOptions = DEFAULT_OPTIONS,
) -> StepContext:
    return StepContext(
        source_of(path),
        limits or Limits(),
        output_prefix=path.with_name("made"),
        progress=Silence(),
        options=options,
    )


def read_in(context: StepContext) -> Content:
    sniff(context)
    return READERS[context.media_type](context)


def read(
    path: Path,
    *,
    pages: str | None = None,
    tables: bool = True,
    expand_attachments: bool = False,
) -> Content:
    """Give what the reader finds under these processing options."""
    options = ProcessingOptions(
        pages=pages, tables=tables, expand_attachments=expand_attachments
    )
    return read_in(context_of(path, options=options))


def structure(page: PageContent) -> list[str]:
    """Give the kinds of the page's blocks, shortly."""
    shown = []
    for block in page.blocks:
        mark = {"heading": "h", "list_item": "o" if block.ordered else "u"}
        level = str(block.level) if block.kind in mark else ""
        kind = mark.get(block.kind, block.kind)
        shown.append(f"{kind}{level} {block.text}".strip())
    return shown
