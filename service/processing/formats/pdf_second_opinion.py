"""What pdfminer can still read of PDFs that PDFium refuses."""

from collections.abc import Iterator
from io import StringIO

from pdfminer.converter import TextConverter
from pdfminer.layout import LAParams
from pdfminer.pdfdocument import (
    PDFDocument,
    PDFEncryptionError,
    PDFPasswordIncorrect,
)
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser

from service.processing.context import StepContext
from service.processing.formats.content import (
    Content,
    PageContent,
    parsing,
    refused,
)
from service.processing.results import Metadata

_MAX_PAGES = 200
"""pdfminer is 50 times slower than PDFium: it gets a page budget of its own."""


def read(context: StepContext) -> Content:
    """Read the text of a broken PDF.

    Raises:
        DocumentError: ``encrypted``; ``corrupt`` when pdfminer finds no page either.
    """
    context.use_engine("pdfminer.six")
    with context.source.path.open("rb") as file, parsing():
        try:
            document = PDFDocument(PDFParser(file))
        except (PDFPasswordIncorrect, PDFEncryptionError) as error:
            raise refused("encrypted") from error
        pages = list(_pages(context, document))
    if not pages:
        raise refused("corrupt")
    message = "The file is damaged; what could be read was."
    context.add_issue("REPAIRED", "error", message)
    return Content(pages=tuple(pages), metadata=Metadata(page_count=len(pages)))


def _pages(context: StepContext, document: PDFDocument) -> Iterator[PageContent]:
    budget = min(_MAX_PAGES, context.limits.max_pages)
    resources = PDFResourceManager()
    for number, page in enumerate(PDFPage.create_pages(document), 1):
        if number > budget:
            message = f"Only the first {budget} pages of the damaged file were read."
            context.hit_limit("damaged_pages", message)
            return
        with StringIO() as text:
            device = TextConverter(resources, text, laparams=LAParams())
            PDFPageInterpreter(resources, device).process_page(page)
            yield PageContent(text=text.getvalue().strip("\f\n"), picture=True)
