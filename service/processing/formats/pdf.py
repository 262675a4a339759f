"""PDF by PDFium, with pdfminer as second opinion on files that PDFium refuses.

PDFium is fast and reads most damaged files; it is not thread-safe and aborts when
memory runs out, which is why this runs in the sandbox only.
"""

import ctypes
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw
from lxml import etree

from service.errors import DocumentError
from service.processing import invoice_xml
from service.processing.context import StepContext
from service.processing.formats import pdf_second_opinion
from service.processing.formats.archive import parse_xml
from service.processing.formats.content import (
    Content,
    EmbeddedFile,
    PageContent,
    attachment,
    parsing,
    refused,
    stated,
)
from service.processing.results import Metadata, Timestamp, timestamp

_HYPHENS = str.maketrans({"\x02": "-", "\ufffe": "-"})
"""What PDFium writes for a hyphen at the end of a line."""
_RAW: Any = pypdfium2.raw
_TAIL_BYTES = 16_384
"""Where the end mark is looked for: servers append junk after it."""
_DATE = re.compile(
    r"D?:?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?\s*(?:([+-])(\d\d)'?(\d\d)?|Z)?"
)


def read(context: StepContext) -> Content:
    """Read a PDF.

    Raises:
        DocumentError: ``encrypted`` when it needs a password, ``too_many_pages``, and
            ``corrupt`` when no reader opens it.
    """
    _forget_last_error()
    try:
        document = pypdfium2.PdfDocument(context.source.path)
    except pypdfium2.PdfiumError as error:
        if error.err_code == _RAW.FPDF_ERR_PASSWORD:
            raise refused("encrypted") from error
        return pdf_second_opinion.read(context)
    context.use_engine("pypdfium2")
    with closing(document):
        pages = _pages(context, document)
        if pages is None:
            return pdf_second_opinion.read(context)
        _note_damage(context)
        with parsing():
            metadata = _metadata(document)
            embedded = list(_attachments(context, document))
    return Content(
        pages=tuple(pages),
        metadata=metadata,
        embedded=tuple(file for file, _ in embedded),
        invoice_xml=next((data for _, data in embedded if data), None),
    )


def _forget_last_error() -> None:
    """Keep an earlier document's error from being taken for this one's.

    PDFium refuses some broken files without setting its last error; in a process that
    met a password before, they would be called encrypted. Loading nothing sets it.
    """
    _RAW.FPDF_LoadMemDocument(b"", 0, None)


def _pages(
    context: StepContext, document: pypdfium2.PdfDocument
) -> list[PageContent] | None:
    """Give the pages; None when not one of them can be loaded."""
    count = len(document)
    if count > context.limits.max_pages:
        raise refused("too_many_pages")
    pages: list[PageContent] = []
    unreadable, chars = [], 0
    for number in range(1, count + 1):
        context.report_page(number, count)
        page = _page(document, number - 1)
        if page is None:
            unreadable.append(number)
        pages.append(page or PageContent(text=""))
        chars += len(pages[-1].text)
        if chars > context.limits.max_text_chars:
            break  # Whoever joins the pages cuts the text and names the limit.
    if len(unreadable) == len(pages):
        return None
    for number in unreadable:
        message = "The page could not be loaded."
        context.add_issue("PAGE_UNREADABLE", "error", message, page=number)
    return pages


def _page(document: pypdfium2.PdfDocument, index: int) -> PageContent | None:
    """Give a page, None when it cannot be loaded."""
    try:
        with (
            parsing(),
            closing(document[index]) as page,
            closing(page.get_textpage()) as text_page,
        ):
            # "Bounded" is what lies on the page: cropped-away text is not extracted.
            text = text_page.get_text_bounded().translate(_HYPHENS)
            drawn = bool(text.strip()) or _RAW.FPDFPage_CountObjects(page) > 0
            return PageContent(text=text, picture=drawn)
    except DocumentError:
        return None


def _attachments(
    context: StepContext, document: pypdfium2.PdfDocument
) -> Iterator[tuple[EmbeddedFile, bytes | None]]:
    """Give each embedded file, and the content of the one that is the invoice."""
    count, limit = document.count_attachments(), context.limits.max_embedded
    if count > limit:
        message = f"Only the first {limit} embedded files are listed."
        context.hit_limit("embedded", message)
    invoice_found = False
    for index in range(min(count, limit)):
        try:
            embedded = document.get_attachment(index)
            name, data = embedded.get_name(), bytes(embedded.get_data())
        except pypdfium2.PdfiumError:
            message = "An embedded file could not be read."
            context.add_issue("EMBEDDED_UNREADABLE", "warning", message)
            continue
        file = attachment(name, data)
        if not invoice_found and _is_invoice(file, data):
            invoice_found = True
            yield _as_invoice(file), data
        else:
            yield file, None


def _is_invoice(file: EmbeddedFile, data: bytes) -> bool:
    if file.name.lower() in invoice_xml.EMBEDDED_NAMES:
        return True
    if file.media_type != "application/xml":
        return False
    try:
        root: etree._Element = parse_xml(data)
    except DocumentError:
        return False
    return invoice_xml.is_invoice(root)


def _as_invoice(file: EmbeddedFile) -> EmbeddedFile:
    return EmbeddedFile(
        name=file.name,
        media_type=file.media_type,
        size_bytes=file.size_bytes,
        role="factur-x",
    )


def _metadata(document: pypdfium2.PdfDocument) -> Metadata:
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


def _note_damage(context: StepContext) -> None:
    """Say what PDFium mended silently: a lost end, a wrong cross-reference table."""
    tail, offset_right = _end(context.source.path)
    if b"%%EOF" not in tail:
        message = "The file's end is missing; what is there was read."
        context.add_issue("TRUNCATED", "error", message)
    elif not offset_right:
        message = "The table of contents inside the file was wrong and was rebuilt."
        context.add_issue("REPAIRED", "warning", message)


def _end(path: Path) -> tuple[bytes, bool]:
    """Give the file's last bytes, and whether they point to a cross-reference."""
    with path.open("rb") as file:
        head = file.read(1_024)
        size = file.seek(0, 2)
        file.seek(max(size - _TAIL_BYTES, 0))
        tail = file.read()
        found = re.findall(rb"startxref\s+(\d{1,12})", tail)
        if not found:
            return tail, False
        # Offsets count from "%PDF-" for some writers, from the first byte for others.
        for start in {0, max(head.find(b"%PDF-"), 0)}:
            file.seek(int(found[-1]) + start)
            if re.match(rb"\s*(?:xref|\d+\s+\d+\s+obj)", file.read(64)):
                return tail, True
        return tail, False
