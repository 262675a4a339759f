"""What was put onto PDF pages after they were made: filled-in fields, notes, files.

PDFium keeps all of it apart from a page's content, and so out of its text.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pypdfium2
import pypdfium2.raw

from service.processing.formats.pdf_embedded import EmbeddedFiles

_RAW: Any = pypdfium2.raw
_WITHOUT_LOOKS = frozenset({_RAW.FPDF_ANNOT_LINK, _RAW.FPDF_ANNOT_POPUP})
"""Kinds that show nothing, which most pages have no others than."""
_MAX_ANNOTATIONS = 10_000
"""Looked at; pages of forms have some hundred."""


def fill_in_forms(document: pypdfium2.PdfDocument) -> None:
    """Have the fields of forms show their values, also where no look was stored.

    To be called before a page is loaded. Scripts of the form do not run.
    """
    with suppress(pypdfium2.PdfiumError):  # then only stored looks are shown
        document.init_forms()


def page_as_shown(
    document: pypdfium2.PdfDocument, number: int, files: EmbeddedFiles
) -> pypdfium2.PdfPage:
    """Load a page with all that a viewer shows on it as its content.

    Args:
        document: Whose page.
        number: Of the page, from 1.
        files: Where those that are attached to the page go.
    """
    page: pypdfium2.PdfPage = document[number - 1]
    shows = _RAW.FPDFPage_GetAnnotCount(page) > _MAX_ANNOTATIONS
    for kind, annotation in _annotations(page):
        shows = shows or kind not in _WITHOUT_LOOKS
        if kind == _RAW.FPDF_ANNOT_FILEATTACHMENT:
            attached = _RAW.FPDFAnnot_GetFileAttachment(annotation)
            if attached:
                files.add(pypdfium2.PdfAttachment(attached, document))
    if not shows:
        return page
    _RAW.FPDFPage_Flatten(page, _RAW.FLAT_NORMALDISPLAY)
    page.close()
    reloaded: pypdfium2.PdfPage = document[number - 1]
    return reloaded  # a page's objects are listed when it is loaded


def _annotations(page: pypdfium2.PdfPage) -> Iterator[tuple[int, Any]]:
    """Give the kinds and handles of a page's annotations; each is closed again."""
    count = min(_RAW.FPDFPage_GetAnnotCount(page), _MAX_ANNOTATIONS)
    for index in range(count):
        annotation = _RAW.FPDFPage_GetAnnot(page, index)
        if annotation:
            try:
                yield _RAW.FPDFAnnot_GetSubtype(annotation), annotation
            finally:
                _RAW.FPDFPage_CloseAnnot(annotation)
