"""PDF by PDFium, with pdfminer as second opinion on files that PDFium refuses.

PDFium is fast and reads most damaged files; it is not thread-safe and aborts when
memory runs out, which is why this runs in the sandbox only.
"""

import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import pypdfium2
import pypdfium2.raw

from service.errors import DocumentError
from service.processing.context import StepContext
from service.processing.formats import (
    layout,
    pdf_second_opinion,
    pdf_tables,
    pdf_xfa,
)
from service.processing.formats.code_areas import CodeAreas
from service.processing.formats.content import (
    Content,
    PageContent,
    Run,
    TableContent,
    parsing,
    refused,
    select_pages,
)
from service.processing.formats.pdf_annotations import fill_in_forms, page_as_shown
from service.processing.formats.pdf_embedded import EmbeddedFiles
from service.processing.formats.pdf_frame import frame_of
from service.processing.formats.pdf_metadata import metadata
from service.processing.formats.pdf_objects import Drawn, drawn_on
from service.processing.formats.pdf_runs import (
    HYPHENS,
    MAX_PLACED_CHARS,
    MAX_PLACED_OF_ALL,
    Letter,
    is_scattered,
    letters,
    runs,
    visible_text,
)
from service.processing.formats.pdf_safety import is_encrypted, note_damage, safety

_RAW: Any = pypdfium2.raw
_LOST_LETTER = re.compile(r"(?<=[^\W\d_])[\x01-\x08\x0e-\x1f\x7f]+(?=[^\W\d_])")
"""Codes inside a word for which a font names no letters; `cleaned` drops them."""


def read(context: StepContext) -> Content:
    """Read a PDF.

    Raises:
        DocumentError: ``encrypted`` when it needs a password, ``too_many_pages``,
            ``no_pages`` when it has none of the chosen ones, and ``corrupt`` when no
            reader opens it.
    """
    document = open_document(context)
    if document is None:
        return pdf_second_opinion.read(context)
    context.use_engine("pypdfium2")
    with closing(document):
        files = EmbeddedFiles(context)
        pages = _pages(context, document, files)
        if pages is None:
            return pdf_second_opinion.read(context)
        note_damage(context)
        with parsing():
            files.add_all_of(document)
            values = pdf_xfa.filled_in(context, document)
            pages[0] = replace(pages[0], comments=pages[0].comments + values)
            return Content(
                pages=tuple(layout.structured(pages)),
                metadata=metadata(document),
                embedded=files.files(),
                invoice_xml=files.invoice,
                encrypted=is_encrypted(document),
                safety=safety(document, context.source.path),
            )


def open_document(context: StepContext) -> pypdfium2.PdfDocument | None:
    """Open a PDF; None when PDFium cannot.

    Raises:
        DocumentError: ``encrypted``.
    """
    _forget_last_error()
    try:
        document = pypdfium2.PdfDocument(context.source.path)
    except pypdfium2.PdfiumError as error:
        if error.err_code == _RAW.FPDF_ERR_PASSWORD:
            raise refused("encrypted") from error
        return None
    fill_in_forms(document)
    return document


def _forget_last_error() -> None:
    """Keep an earlier document's error from being taken for this one's.

    PDFium refuses some broken files without setting its last error; in a process that
    met a password before, they would be called encrypted. Loading nothing sets it.
    """
    _RAW.FPDF_LoadMemDocument(b"", 0, None)


def _pages(
    context: StepContext, document: pypdfium2.PdfDocument, files: EmbeddedFiles
) -> list[PageContent] | None:
    """Give the chosen pages; None when not one of them can be loaded."""
    count = len(document)
    if count > context.limits.max_pages:
        raise refused("too_many_pages")
    pages: list[PageContent] = []
    unreadable, chars = [], 0
    chosen = select_pages(context, count)
    for place, number in enumerate(chosen, 1):
        context.report_page(place, len(chosen))
        placing = chars < MAX_PLACED_OF_ALL
        page = _page(context, document, number, files, placing=placing)
        if page is None:
            unreadable.append(number)
        pages.append(page or PageContent(text="", number=number))
        _note_lost_letters(context, pages[-1].text, number)
        chars += len(pages[-1].text) + sum(map(len, pages[-1].comments))
        if chars > context.limits.max_text_chars:
            break  # Whoever joins the pages cuts the text and names the limit.
    if len(unreadable) == len(pages):
        return None
    for number in unreadable:
        message = "The page could not be loaded."
        context.add_issue("PAGE_UNREADABLE", "error", message, page=number)
    return pages


def _note_lost_letters(context: StepContext, text: str, number: int) -> None:
    lost = len(_LOST_LETTER.findall(text))
    if lost:
        message = f"The font does not tell what letters are; they are missing ({lost})."
        context.add_issue("LETTERS_MISSING", "warning", message, page=number)


def _page(
    context: StepContext,
    document: pypdfium2.PdfDocument,
    number: int,
    files: EmbeddedFiles,
    *,
    placing: bool,
) -> PageContent | None:
    """Give a page, None when it cannot be loaded."""
    try:
        with (
            parsing(),
            page_as_shown(context, document, number, files) as (page, comments),
            closing(page.get_textpage()) as text_page,
        ):
            drawn = drawn_on(page, frame_of(page))
            content = _content(context, text_page, drawn, placing=placing)
            CodeAreas.of(context).note(number, drawn.code_areas())
            has_objects = _RAW.FPDFPage_CountObjects(page) > 0
            return replace(
                content,
                number=number,
                picture=bool(content.text.strip()) or has_objects,
                comments=_unsaid(comments, content.text),
            )
    except DocumentError:
        return None


def _unsaid(comments: Sequence[str], text: str) -> tuple[str, ...]:
    """Give the comments that do not merely repeat what they mark."""
    said = " ".join(text.split())
    return tuple(each for each in comments if " ".join(each.split()) not in said)


def _content(
    context: StepContext,
    text_page: pypdfium2.PdfTextPage,
    drawn: Drawn,
    *,
    placing: bool,
) -> PageContent:
    frame, unseen = drawn.frame, drawn.hidden()
    # "Bounded" is what lies on the page, "range" also what is cropped away.
    text = text_page.get_text_bounded().translate(HYPHENS)
    found = letters(text_page, frame, unseen) if placing else []
    placed = tuple(runs(text_page, frame, found, drawn.edges))
    whole: str = text_page.get_text_range()
    cut = text_page.count_chars() > MAX_PLACED_CHARS
    if not placing or cut:
        message = "Only part of the text was given places, and so found in tables."
        context.hit_limit("page_runs", message)
    # "Bounded" joins lines that run up or down.
    turned = any(run.quarter_turns != frame.quarter_turns for run in placed)
    if placing and (unseen or (not cut and (turned or is_scattered(whole, found)))):
        text = visible_text(found)
    largest = max(drawn.pictures, key=lambda each: each.area_pt2, default=None)
    return PageContent(
        text=text,
        width_pt=round(frame.width, 2),
        height_pt=round(frame.height, 2),
        rotation_deg=90 * frame.quarter_turns,
        runs=placed,
        tables=_tables(context, found, placed, drawn),
        hidden_chars=max(_ink(whole) - _ink(text), 0),
        effective_dpi=largest.dpi if largest else None,
        pictures=len(drawn.pictures),
        scan=drawn.scanned,
    )


def _tables(
    context: StepContext, found: Sequence[Letter], placed: Sequence[Run], drawn: Drawn
) -> tuple[TableContent, ...]:
    if not context.options.tables:
        return ()
    tables, complete = pdf_tables.tables(found, placed, drawn.edges)
    if not (complete and drawn.complete):
        message = "Pages with very much drawn on them were not searched for all tables."
        context.hit_limit("table_pages", message, severity="info")
    return tables


def _ink(text: str) -> int:
    return len("".join(text.split()))
