"""The files inside a PDF, and which of them is the invoice."""

from io import BytesIO

import pypdfium2
from lxml import etree

from service.errors import DocumentError
from service.processing import invoice_xml
from service.processing.context import StepContext
from service.processing.formats.archive import parse_xml
from service.processing.formats.attachments import Attachments
from service.processing.formats.content import EmbeddedFile, cleaned_name
from service.processing.sniff import sniff


def embedded_files(
    context: StepContext, document: pypdfium2.PdfDocument
) -> tuple[tuple[EmbeddedFile, ...], bytes | None]:
    """Give the embedded files, and the content of the one that is the invoice."""
    found = Attachments(context)
    invoice = None
    for index in range(document.count_attachments()):
        if found.full():
            break
        try:
            embedded = document.get_attachment(index)
            name, data = embedded.get_name(), bytes(embedded.get_data())
        except pypdfium2.PdfiumError:
            message = "An embedded file could not be read."
            context.add_issue("EMBEDDED_UNREADABLE", "warning", message)
            continue
        media_type = sniff(BytesIO(data))
        if invoice is None and _is_invoice(name, media_type, data):
            invoice = data
            found.add(name, data, media_type=media_type, role="factur-x")
        else:
            found.add(name, data, media_type=media_type)
    return found.files(), invoice


def _is_invoice(name: str, media_type: str, data: bytes) -> bool:
    if cleaned_name(name).lower() in invoice_xml.EMBEDDED_NAMES:
        return True
    if media_type != "application/xml":
        return False
    try:
        root: etree._Element = parse_xml(data)
    except DocumentError:
        return False
    return invoice_xml.is_invoice(root)
