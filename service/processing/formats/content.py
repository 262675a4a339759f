"""What every reader gives, and the border behind which parsers may fail."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

from service.errors import DOCUMENT_CODES, DocmillError, DocumentError
from service.processing.results import Metadata
from service.processing.sniff import sniff


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContent:
    """One page of a document, or the whole of one that has no pages."""

    text: str
    picture: bool = False
    """Whether something is drawn on it; without text it then waits for OCR."""
    name: str | None = None
    width_px: int | None = None
    height_px: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedFile:
    """A file inside a document."""

    name: str
    media_type: str
    size_bytes: int
    role: Literal["factur-x", "attachment"] = "attachment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a reader found in a file."""

    pages: tuple[PageContent, ...]
    metadata: Metadata
    embedded: tuple[EmbeddedFile, ...] = ()
    invoice_xml: bytes | None = None
    """The machine-readable form of the invoice that the document is."""
    encoding: str | None = None


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


def attachment(name: str | None, data: bytes) -> EmbeddedFile:
    """Describe a file found inside a document by its content."""
    return EmbeddedFile(
        name=cleaned_name(name), media_type=sniff(BytesIO(data)), size_bytes=len(data)
    )


def cleaned_name(name: str | None) -> str:
    """Give a file's name without folders and unprintable characters."""
    last = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char for char in last if char.isprintable())[:255] or "unnamed"


def stated(value: object) -> str | None:
    """Give a piece of metadata as tidy text of at most 1 000 characters, or None."""
    if value is None:
        return None
    return " ".join(cleaned(str(value)).split())[:1_000] or None


def cleaned(text: str) -> str:
    """Give text that can be stored: newlines unified, no control characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_DROPPED)
    return text.encode("utf-8", "replace").decode("utf-8")


_DROPPED = dict.fromkeys((*range(9), 11, *range(14, 32), 127, 0xFEFF))
