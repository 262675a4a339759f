"""What a PDF says about itself."""

import ctypes
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pypdfium2
import pypdfium2.raw

from service.processing.formats.content import stated
from service.processing.results import Metadata, Timestamp, timestamp

_RAW: Any = pypdfium2.raw
_DATE = re.compile(
    r"D?:?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?\s*(?:([+-])(\d\d)'?(\d\d)?|Z)?"
)


def metadata(document: pypdfium2.PdfDocument) -> Metadata:
    """Give the entries of the information dictionary and the catalog's language."""
    stated_by: dict[str, str] = document.get_metadata_dict()
    return Metadata(
        title=stated(stated_by.get("Title")),
        author=stated(stated_by.get("Author")),
        producer=stated(stated_by.get("Producer")),
        created_at=pdf_time(stated_by.get("CreationDate")),
        modified_at=pdf_time(stated_by.get("ModDate")),
        page_count=len(document),
        language=_language(document),
    )


def _language(document: pypdfium2.PdfDocument) -> str | None:
    size = _RAW.FPDFCatalog_GetLanguage(document, None, 0)
    if not 2 < size < 256:
        return None
    buffer = ctypes.create_string_buffer(size)
    _RAW.FPDFCatalog_GetLanguage(
        document, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size
    )
    return stated(buffer.raw[: size - 2].decode("utf-16-le", "replace"))


def pdf_time(value: str | None) -> Timestamp | None:
    """Read a PDF date (ISO 32000-1 §7.9.4), None when it is none."""
    match = _DATE.match((value or "").strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    try:
        moment = datetime(
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            tzinfo=timezone(-offset if sign == "-" else offset) if sign else UTC,
        )
        return timestamp(moment)
    except (ValueError, OverflowError):
        return None
