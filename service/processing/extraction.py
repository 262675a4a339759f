"""The steps of ``DATA_EXTRACTION``: sniff, extract, language, fields.

Imported only inside the sandbox: the readers load the libraries that open files.
"""

from collections.abc import Callable, Mapping

from service.errors import DocumentError
from service.processing import invoice_xml, language, media_types
from service.processing.context import StepContext
from service.processing.formats import images, mail, markup, office, pdf, plain, sheets
from service.processing.formats.content import Content, cleaned, refused
from service.processing.results import (
    Embedded,
    Fields,
    Page,
    ProcessingError,
    Text,
    TextSource,
)
from service.processing.sniff import sniff_file

PREVIEW_CHARS = 2_000
PAGE_SEPARATOR = "\n\n"

Reader = Callable[[StepContext], Content]

READERS: Mapping[str, Reader] = {
    "application/json": plain.read,
    "application/pdf": pdf.read,
    "application/vnd.ms-excel": sheets.read,
    "application/vnd.ms-outlook": mail.read_msg,
    "application/xml": markup.read_xml,
    "image/bmp": images.read,
    "image/gif": images.read,
    "image/jpeg": images.read,
    "image/png": images.read,
    "image/tiff": images.read,
    "image/webp": images.read,
    "message/rfc822": mail.read_eml,
    "text/csv": plain.read,
    "text/html": markup.read_html,
    "text/plain": plain.read,
    media_types.DOCX_TYPE: office.read_docx,
    media_types.ODS_TYPE: sheets.read,
    media_types.PPTX_TYPE: office.read_pptx,
    media_types.XLSX_TYPE: sheets.read,
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


def extract(context: StepContext) -> None:
    """Read text, pages, metadata and what is embedded."""
    content = READERS[context.media_type](context)
    texts = [cleaned(page.text).strip("\n") for page in content.pages]
    text, truncated = _joined(context, texts)
    _note_missing_text(context, content, texts)
    context.state["text"] = text
    context.state["invoice_xml"] = content.invoice_xml
    if len(text) > PREVIEW_CHARS:
        context.write_text(text)
    context.data |= {
        "text": Text(
            char_count=len(text),
            preview=text[:PREVIEW_CHARS],
            truncated=truncated,
            source=_source(text),
            encoding=content.encoding,
        ),
        "pages": tuple(
            Page(
                page=number,
                char_count=len(page_text),
                source=_source(page_text),
                name=page.name,
                width_px=page.width_px,
                height_px=page.height_px,
            )
            for number, (page, page_text) in enumerate(
                zip(content.pages, texts, strict=True), 1
            )
        ),
        "metadata": content.metadata,
        "embedded": tuple(
            Embedded(
                name=file.name,
                media_type=file.media_type,
                size_bytes=file.size_bytes,
                role=file.role,
            )
            for file in content.embedded
        ),
    }


def detect_language(context: StepContext) -> None:
    """Say which language the text is in."""
    context.use_engine("py3langid")
    context.data["language"] = language.detect(context.state["text"])


def read_fields(context: StepContext) -> None:
    """Read the invoice's fields from its machine-readable form, where it has one."""
    fields, content = Fields(), context.state["invoice_xml"]
    if content is not None:
        try:
            fields = invoice_xml.read_fields(content)
        except DocumentError as error:
            message = "The embedded invoice data could not be read."
            context.errors.append(
                ProcessingError(code=error.code, stage="fields", message=message)
            )
    context.data["fields"] = fields


def _joined(context: StepContext, texts: list[str]) -> tuple[str, bool]:
    text = PAGE_SEPARATOR.join(part for part in texts if part)
    limit = context.limits.max_text_chars
    if len(text) <= limit:
        return text, False
    context.hit_limit("text_chars", f"Only the first {limit} characters were kept.")
    return text[:limit], True


def _note_missing_text(
    context: StepContext, content: Content, texts: list[str]
) -> None:
    without = [
        number
        for number, (page, text) in enumerate(zip(content.pages, texts, strict=True), 1)
        if page.picture and not text.strip()
    ]
    if without and len(without) == len(texts):
        message = "The document is a picture: it has no text before OCR."
        context.add_issue("NO_TEXT_LAYER", "error", message)
        return
    for number in without:
        message = "The page is a picture: it has no text before OCR."
        context.add_issue("NO_TEXT_LAYER", "error", message, page=number)


def _source(text: str) -> TextSource | None:
    return "text_layer" if text.strip() else None
