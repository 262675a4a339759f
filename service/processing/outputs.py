"""The files that steps make beside a result: their names, and where they lie."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

OUTPUT_NAME_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,99}$"
TEXT_OUTPUT = "text.txt"
"""The output that holds the document's whole text."""
PAGE_OUTPUT = "page-{}.png"
"""The outputs that show pages, by their number."""
PAGE_NAME = re.compile(r"page-[0-9]+\.png")
"""What they are called."""
RESULT_OUTPUT = "result.json"
"""The output that holds a result too large to be told."""
ATTACHMENT_OUTPUT = "attachment-{}"
"""The outputs that are files inside the document, by their number from 1."""
PICTURE_OUTPUT = "picture-{}.jpg"
"""The outputs that hold pictures made small for a model, by their number from 1; they
are not stored."""
MAX_PICTURES = 20
"""Such outputs of one document; the setting `image_max_pages` goes no further."""
MARKDOWN_OUTPUT = "document.md"
"""The output that holds the document as Markdown."""

StrPath = str | os.PathLike[str]
"""A path for each document is text where it can be: to take a `Path` apart and put it
together takes a worker longer than what is done with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFile:
    """A file that a step made beside its result, for the worker to store."""

    name: str
    """Lower-case letters, digits, `.`, `-` and `_`: the end of the blob's key."""
    media_type: str
    size_bytes: int
    title: str | None = None
    """What it was called inside the document."""


def output_path(prefix: StrPath, name: str) -> Path:
    """Give where an output of that name lies until it is stored."""
    return Path(f"{os.fspath(prefix)}.{name}")
