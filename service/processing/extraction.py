"""The steps of ``DATA_EXTRACTION``: sniff, extract, language.

Imported only inside the sandbox: the readers load the libraries that open files.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from service.processing import attached, extraction_parts, language, media_types
from service.processing.context import StepContext
from service.processing.formats import (
    images,
    mail,
    markup,
    office,
    outlook,
    packed,
    pdf,
    plain,
    rtf,
    sheets,
    signed,
)
from service.processing.formats.content import (
    EXTERNAL_REFERENCES_MAX,
    Content,
    Safety,
    refused,
)
from service.processing.ocr.handing_on import with_ocr
from service.processing.page_text import join_pages
from service.processing.sniff import sniff_file

LANGUAGE_CONFIDENCE = "language.confidence"
"""In the context's state: how sure the language is, 0-1; None = not told."""

Reader = Callable[[StepContext], Content]

READERS: Mapping[str, Reader] = {
    "application/json": plain.read_json,
    "application/pdf": pdf.read,
    "application/vnd.ms-excel": sheets.read,
    "application/vnd.ms-outlook": outlook.read_msg,
    "application/xml": markup.read_xml,
    "image/bmp": images.read,
    "image/gif": images.read,
    "image/jpeg": images.read,
    "image/png": images.read,
    "image/tiff": images.read,
    "image/webp": images.read,
    "message/rfc822": mail.read_eml,
    "text/csv": plain.read_csv,
    "text/html": markup.read_html,
    "text/plain": plain.read,
    media_types.DOCX_TYPE: office.read_docx,
    media_types.ODS_TYPE: sheets.read,
    media_types.RTF_TYPE: rtf.read_rtf,
    media_types.PPTX_TYPE: office.read_pptx,
    media_types.SIGNED_TYPE: signed.read_signed,
    media_types.XLSX_TYPE: sheets.read,
    media_types.ZIP_TYPE: packed.read_zip,
}
"""Who reads what; the one place to add a format."""

_REFUSED: Mapping[str, str] = {
    media_types.EMPTY_TYPE: "empty",
    media_types.ENCRYPTED_OFFICE_TYPE: "encrypted",
}


def sniff(context: StepContext) -> None:
    """Find out what the document is.

    Raises:
        DocumentError: ``empty``, ``encrypted`` or ``unsupported_type``.
    """
    source = context.source
    context.media_type = sniff_file(source.path)
    context.extension_matches = media_types.extension_matches(
        source.name, context.media_type
    )
    if context.media_type not in READERS:
        raise refused(_REFUSED.get(context.media_type, "unsupported_type"))
    if context.extension_matches is False:
        message = f"The content is {context.media_type}, which the name does not say."
        context.add_issue("TYPE_MISMATCH", "warning", message)


def read(context: StepContext) -> None:
    """Read the document: fills the context's content, text and page starts.

    Files inside it are handed over on the way, if they are to become documents.
    """
    content = with_ocr(context, READERS[context.media_type](context))
    content = replace(content, safety=_bounded(context, content.safety))
    context.content = attached.handed_over(context, content)
    context.text, context.page_starts = join_pages(context, context.content)


def _bounded(context: StepContext, found: Safety) -> Safety:
    """Keep the first addresses of what a document would fetch, and say what is not."""
    if not found.complete:
        message = "Scripts and addresses were looked for in part of the file only."
        context.hit_limit("safety_bytes", message, severity="info")
    most = EXTERNAL_REFERENCES_MAX
    if len(found.external_references) > most:
        message = f"Only the first {most} external references are counted."
        context.hit_limit("external_references", message, severity="info")
    return replace(found, external_references=found.external_references[:most])


def extract(context: StepContext) -> None:
    """Read the document and put together what the result says of its content."""
    read(context)
    extraction_parts.fill(context)


def detect_language(context: StepContext) -> None:
    """Say which language the text is in."""
    context.use_engine("py3langid")
    found, confidence = language.detect(context.text)
    context.extraction["language"] = found
    context.state[LANGUAGE_CONFIDENCE] = confidence
