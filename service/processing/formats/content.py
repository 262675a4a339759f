"""What every reader gives, and the border behind which parsers may fail."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from service.errors import DOCUMENT_CODES, DocmillError, DocumentError
from service.processing.context import StepContext
from service.processing.options import chosen_pages, page_ranges
from service.processing.results import Box, Metadata

EXTERNAL_REFERENCES_MAX = 100
"""Addresses that are kept of those a document would fetch."""
Role = Literal["factur-x", "attachment"]
"""What a file is in a document: the invoice that the document is, or another file."""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of one line of text that is set together, and where it stands.

    What lies apart on a line, such as a label and its value, is several runs.
    """

    text: str
    bbox: Box
    size_pt: float
    """Height of the type."""
    bold: bool = False
    confidence: float = 1.0
    """Under 1 where it was recognised in a picture."""
    quarter_turns: int = 0
    """Clockwise, 0-3, that its letters are turned by on the page as it is seen."""
    ruled_off: bool = False
    """Whether a ruled line parts it from what stands before it, however near."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A part of the document's structure, in reading order."""

    kind: Literal["heading", "paragraph", "list_item", "table", "code"]
    text: str = ""
    """Plain; empty for a table."""
    level: int = 1
    """Of a heading, 1-6; of a list item, from 1."""
    ordered: bool = False
    """Whether a list item is numbered."""
    table: int | None = None
    """Which of the page's tables, from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableContent:
    """A table as the document has it; rows may differ in length."""

    rows: tuple[tuple[str, ...], ...]
    has_header: bool = False
    """Whether the first row names the columns."""
    bbox: Box | None = None
    method: Literal["lines", "text", "native", "ocr"] = "native"
    confidence: float = 1.0
    row_count: int | None = None
    """Of the document's table when `rows` was cut off; None = all are there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContent:
    """One page of a document, or the whole of one that has no pages."""

    text: str
    number: int | None = None
    """Its number when not all pages were read; None = its place in the list."""
    picture: bool = False
    """Whether something is drawn on it; without text it then waits for OCR."""
    name: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    width_pt: float | None = None
    height_pt: float | None = None
    rotation_deg: int | None = None
    runs: tuple[Run, ...] = ()
    """Empty for kinds of documents that do not place their text."""
    blocks: tuple[Block, ...] = ()
    """Empty where nothing is known but the text."""
    tables: tuple[TableContent, ...] = ()
    comments: tuple[str, ...] = ()
    """What readers of the page wrote about it; no part of `text`, for the page does not
    show it, but of the document's, at the page's end."""
    hidden_chars: int = 0
    """Characters that are there and cannot be seen; part of `text` only where all of
    the page is hidden, as a sheet may be."""
    text_source: Literal["text_layer", "ocr", "mixed"] = "text_layer"
    ocr_confidence: float | None = None
    lies_deg: int | None = None
    """How far it lies turned clockwise, as reading its picture showed."""
    effective_dpi: float | None = None
    """Of the largest picture on it."""
    pictures: int = 0
    """How many pictures it shows."""
    scan: bool = False
    """Whether pictures fill most of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedFile:
    """A file inside a document."""

    name: str
    media_type: str
    size_bytes: int
    role: Role = "attachment"
    data: bytes | None = None
    """Kept only until it is handed over to become a document of its own."""
    document_id: str | None = None
    """The document it becomes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Safety:
    """What a file carries that acts, or reaches out of it."""

    javascript: bool = False
    macros: bool = False
    external_references: tuple[str, ...] = ()
    """Addresses it would fetch when opened; one over `EXTERNAL_REFERENCES_MAX` says
    that there are more."""
    complete: bool = True
    """Whether all of the file was looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a reader found in a file."""

    pages: tuple[PageContent, ...]
    """Those that were chosen and read, in order."""
    metadata: Metadata
    embedded: tuple[EmbeddedFile, ...] = ()
    invoice_xml: bytes | None = None
    """The machine-readable form of the invoice that the document is."""
    encoding: str | None = None
    encoding_confidence: float | None = None
    control_chars: int = 0
    """Control characters of a text file; not part of the text."""
    encrypted: bool = False
    """Whether it is encrypted although it opened without a password."""
    safety: Safety = Safety()


def refused(code: str) -> DocumentError:
    """Give the error for a document that cannot be read, with the code's own words."""
    return DocumentError(DOCUMENT_CODES[code], code=code)


@contextmanager
def parsing() -> Iterator[None]:
    """Turn whatever a parser raises over a file's content into ``corrupt``.

    Only calls into parsers belong inside. ``MemoryError`` and our own errors pass.
    Panics of parsers written in Rust are no ``Exception``, hence the wide net.
    """
    try:
        yield
    except (DocmillError, MemoryError):
        raise
    except BaseException as error:
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise refused("corrupt") from error
        raise


def select_pages(context: StepContext, count: int) -> Sequence[int]:
    """Give the numbers of the pages to read of a document that has `count`.

    Raises:
        DocumentError: ``no_pages``, when pages were chosen and it has none of them.
    """
    pages = context.options.pages
    chosen = chosen_pages(pages, count)
    if pages is None:
        return chosen
    if not chosen:
        raise refused("no_pages")
    if max(each.stop for each in page_ranges(pages)) > count + 1:
        message = f"Not all chosen pages are there: the document has {count}."
        context.add_issue("PAGES_MISSING", "warning", message)
    return chosen


@contextmanager
def part_of_all(context: StepContext, message: str) -> Iterator[None]:
    """Let a document be read although a part of it is damaged, which is named."""
    try:
        yield
    except DocumentError as error:
        if error.code != "corrupt":
            raise
        context.add_issue("PART_UNREADABLE", "error", message)


class DamagedPages:
    """Lets a document be read although some of its pages cannot be."""

    def __init__(self, context: StepContext, count: int) -> None:
        self._context = context
        self._left = count

    def page(self, number: int, read: Callable[[], PageContent]) -> PageContent:
        """Give a page; one that is damaged is named, and empty.

        Raises:
            DocumentError: All of them are ``corrupt``; or anything else is wrong.
        """
        try:
            return read()
        except DocumentError as error:
            self._left -= 1
            if error.code != "corrupt" or self._left == 0:
                raise
        message = "The page could not be loaded."
        self._context.add_issue("PAGE_UNREADABLE", "error", message, page=number)
        return PageContent(text="")


def cleaned_name(name: str | None) -> str:
    """Give a file's name without folders and unprintable characters."""
    last = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char for char in last if char.isprintable())[:255] or "unnamed"


def tidy(value: object) -> str | None:
    """Give a value as one line of text, None when nothing is there."""
    return None if value is None else " ".join(cleaned(str(value)).split()) or None


def stated(value: object) -> str | None:
    """Give a piece of metadata as tidy text of at most 1 000 characters, or None."""
    return (tidy(value) or "")[:1_000] or None


def cleaned(text: str) -> str:
    """Give text that can be stored: newlines unified, no control characters."""
    if text.isprintable():  # most short texts: nothing to do
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_DROPPED)
    return text.encode("utf-8", "replace").decode("utf-8")


def control_chars(text: str) -> int:
    """Count the characters that `cleaned` drops for being neither seen nor space."""
    return len(text) - len(text.translate(_DROPPED))


_DROPPED = dict.fromkeys((*range(9), 11, *range(14, 32), 127, 0xFEFF))
