"""Forms whose pages a program in the PDF draws (XFA 3.3), which nothing here runs."""

import ctypes
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pypdfium2
import pypdfium2.raw

from service.errors import DocumentError
from service.processing.context import StepContext
from service.processing.formats.archive import local_name, parse_xml

_RAW: Any = pypdfium2.raw
_MAX_PACKETS = 100
_MAX_CHARS = 100_000
_DATA = ".//{http://www.xfa.org/schema/xfa-data/1.0/}data"


def filled_in(context: StepContext, document: pypdfium2.PdfDocument) -> tuple[str, ...]:
    """Give what was filled into such a form, by the names of its fields.

    What is around it is lost, which is named: its pages only ask for another program.
    Forms of which the pages are there too (static ones) are read as any other.
    """
    if _RAW.FPDF_GetFormType(document) != _RAW.FORMTYPE_XFA_FULL:
        return ()
    message = (
        "Only Adobe's programs draw the pages of this form (XFA): of it there are the "
        "values that were filled in."
    )
    context.add_issue("PART_UNREADABLE", "error", message)
    text = "\n".join(_values(context, document))
    if len(text) > _MAX_CHARS:
        message = f"Only the first {_MAX_CHARS} characters of the form were read."
        context.hit_limit("page_comments", message)
    return (text[:_MAX_CHARS],) if text else ()


def _values(context: StepContext, document: pypdfium2.PdfDocument) -> Iterator[str]:
    for index in range(min(_RAW.FPDF_GetXFAPacketCount(document), _MAX_PACKETS)):
        with suppress(DocumentError):  # a packet that breaks off has no values
            content = _packet(context, document, index)
            data = None
            if b"datasets" in content:
                data = parse_xml(content).find(_DATA)
            for field in () if data is None else data.iter("*"):
                value = " ".join((field.text or "").split())
                if value:
                    yield f"{local_name(field)}: {value}"


def _packet(context: StepContext, document: pypdfium2.PdfDocument, index: int) -> bytes:
    size = ctypes.c_ulong()
    _RAW.FPDF_GetXFAPacketContent(document, index, None, 0, ctypes.byref(size))
    if size.value > context.limits.max_part_bytes:
        message = "Only part of the form was read: it holds too much."
        context.hit_limit("page_comments", message)
        return b""
    buffer = ctypes.create_string_buffer(size.value)
    _RAW.FPDF_GetXFAPacketContent(
        document, index, buffer, size.value, ctypes.byref(size)
    )
    return buffer.raw
