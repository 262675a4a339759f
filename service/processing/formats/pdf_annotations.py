"""What was put onto PDF pages after they were made: filled-in fields, notes, files.

PDFium keeps all of it apart from a page's content, and so out of its text.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import pypdfium2
import pypdfium2.raw

from service.processing.context import StepContext
from service.processing.formats.pdf_embedded import EmbeddedFiles

_RAW: Any = pypdfium2.raw
_WITHOUT_LOOKS = frozenset({_RAW.FPDF_ANNOT_LINK, _RAW.FPDF_ANNOT_POPUP})
"""Kinds that show nothing, which most pages have no others than."""
_MAX_ANNOTATIONS = 10_000
"""Looked at; pages of forms have some hundred."""
_WITHOUT_COMMENTS = _WITHOUT_LOOKS | {_RAW.FPDF_ANNOT_WIDGET}
_HIDDEN = 0x2  # ISO 32000-1, table 165
_MAX_COMMENT_CHARS = 100_000  # of a page
_NUL_BYTES = 2  # which end each UTF-16 text that PDFium gives


def fill_in_forms(document: pypdfium2.PdfDocument) -> None:
    """Have the fields of forms show their values, also where no look was stored.

    To be called before a page is loaded. Scripts of the form do not run.
    """
    with suppress(pypdfium2.PdfiumError):  # then only stored looks are shown
        document.init_forms()


@contextmanager
def page_as_shown(
    context: StepContext,
    document: pypdfium2.PdfDocument,
    number: int,
    files: EmbeddedFiles,
) -> Iterator[tuple[pypdfium2.PdfPage, tuple[str, ...]]]:
    """Open a page with all that a viewer shows on it as its content.

    Args:
        context: Of the document.
        document: Whose page.
        number: Of the page, from 1.
        files: Where those that are attached to the page go.

    Yields:
        It, and what notes and marks on it say, which opens beside it.
    """
    page = document[number - 1]
    comments = tuple(_comments(context, page, number))
    shows = _RAW.FPDFPage_GetAnnotCount(page) > _MAX_ANNOTATIONS
    for kind, annotation in _annotations(page):
        shows = shows or kind not in _WITHOUT_LOOKS
        if kind == _RAW.FPDF_ANNOT_FILEATTACHMENT:
            attached = _RAW.FPDFAnnot_GetFileAttachment(annotation)
            if attached:
                files.add(pypdfium2.PdfAttachment(attached, document))
    if shows:
        _RAW.FPDFPage_Flatten(page, _RAW.FLAT_NORMALDISPLAY)
        page.close()
        page = document[number - 1]  # its objects are listed when it is loaded
    with closing(page):
        yield page, comments


def _comments(
    context: StepContext, page: pypdfium2.PdfPage, number: int
) -> Iterator[str]:
    left = _MAX_COMMENT_CHARS
    for kind, annotation in _annotations(page):
        if kind in _WITHOUT_COMMENTS or _RAW.FPDFAnnot_GetFlags(annotation) & _HIDDEN:
            continue
        if kind == _RAW.FPDF_ANNOT_FREETEXT and _has_look(annotation):
            continue  # its words stand on the page
        comment = _contents(annotation)
        left -= len(comment)
        if left < 0:
            message = f"Only part of the comments on page {number} was read."
            context.hit_limit("page_comments", message)
            return
        if comment.strip():
            yield comment


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


def _has_look(annotation: Any) -> bool:
    normal = _RAW.FPDF_ANNOT_APPEARANCEMODE_NORMAL
    return int(_RAW.FPDFAnnot_GetAP(annotation, normal, None, 0)) > _NUL_BYTES


def _contents(annotation: Any) -> str:
    size = _RAW.FPDFAnnot_GetStringValue(annotation, b"Contents", None, 0)
    if size <= _NUL_BYTES:
        return ""
    buffer = (_RAW.FPDF_WCHAR * (size // _NUL_BYTES))()
    _RAW.FPDFAnnot_GetStringValue(annotation, b"Contents", buffer, size)
    return bytes(buffer)[:-_NUL_BYTES].decode("utf-16-le", "replace")
