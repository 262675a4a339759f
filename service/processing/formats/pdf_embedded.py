"""The files inside a PDF, and which of them is the invoice."""

import hashlib
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


class EmbeddedFiles:
    """The files that a PDF and its pages hold, each once.

    Attributes:
        invoice: Content of the one that is the invoice.
    """

    def __init__(self, context: StepContext) -> None:
        self.invoice: bytes | None = None
        self._context = context
        self._found = Attachments(context)
        self._seen: set[tuple[str, bytes]] = set()

    def add_all_of(self, document: pypdfium2.PdfDocument) -> None:
        """Add the files that are listed for the document as a whole."""
        for index in range(document.count_attachments()):
            if self._found.full():
                break
            try:
                attached = document.get_attachment(index)
            except pypdfium2.PdfiumError:
                self._unreadable()
            else:
                self.add(attached)

    def add(self, attached: pypdfium2.PdfAttachment) -> None:
        """Add a file, unless it is there already: pages repeat what is listed."""
        try:
            name, data = attached.get_name(), bytes(attached.get_data())
        except pypdfium2.PdfiumError:
            self._unreadable()
            return
        key = (name, hashlib.sha256(data).digest())
        if key in self._seen or self._found.full():
            return
        self._seen.add(key)
        media_type = sniff(BytesIO(data))
        if self.invoice is None and _is_invoice(name, media_type, data):
            self.invoice = data
            self._found.add(name, data, media_type=media_type, role="factur-x")
        else:
            self._found.add(name, data, media_type=media_type)

    def files(self) -> tuple[EmbeddedFile, ...]:
        """Give what was found."""
        return self._found.files()

    def _unreadable(self) -> None:
        message = "An embedded file could not be read."
        self._context.add_issue("EMBEDDED_UNREADABLE", "warning", message)


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
