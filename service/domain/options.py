"""What is done to each document, as its submitter chose."""

from typing import Literal

import msgspec

Choice = Literal["auto", "off", "required"]
"""If it is there; never; or the document fails without it."""


class ProcessingOptions(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True
):
    """What is done to each document; travels with every one of them."""

    ocr: Choice = "auto"
    ocr_languages: tuple[str, ...] = ("en",)
    """ISO 639-1."""
    pages: str | None = None
    """Ranges of pages like ``1-3,7``; None = all."""
    tables: bool = True
    expand_attachments: bool = False
    """Whether files inside a document become documents of the job."""
    expand_bytes: int | None = None
    """How large those of one document may be together, where that is less than it
    otherwise is; not the submitter's to say, see `attachments.MAX_INSIDE_BYTES`."""
    model: Choice = "auto"
