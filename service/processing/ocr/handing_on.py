"""Whether a document needs OCR, and who does that."""

import importlib
from typing import assert_never

from service.errors import OcrElsewhereError
from service.processing import OCR_READER
from service.processing.context import OcrPlace, StepContext
from service.processing.formats.content import Content, PageContent, refused
from service.processing.quality.thresholds import LOW_TEXT_DENSITY


def with_ocr(context: StepContext, content: Content) -> Content:
    """Give the content with text recognised on pages that are pictures without any.

    Raises:
        DocumentError: ``ocr_unavailable``: it insists on OCR, and there is none.
        OcrElsewhereError: It is to be handed on to where OCR is.
    """
    chosen = context.options.ocr
    if chosen == "off" or not any(map(needs_ocr, content.pages)):
        return content
    match context.ocr:
        case OcrPlace.NOWHERE:
            if chosen == "required":
                raise refused("ocr_unavailable")
            return content
        case OcrPlace.ELSEWHERE:
            message = "The document needs OCR."
            raise OcrElsewhereError(message)
        case OcrPlace.HERE:
            recognised: Content = importlib.import_module(OCR_READER).recognise(
                context, content
            )
            return recognised
        case place:
            assert_never(place)


def needs_ocr(page: PageContent) -> bool:
    """Say whether something is drawn on a page that has no text, or only a stamp."""
    return page.picture and (not page.text.strip() or hardly_has_text(page))


def hardly_has_text(page: PageContent) -> bool:
    """Say whether it is a scan with a few words over it, as apps put on theirs."""
    few = LOW_TEXT_DENSITY.broken_by(len(page.text.strip()))
    return page.scan and few and page.text_source == "text_layer"
