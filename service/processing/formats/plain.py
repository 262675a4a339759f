"""Plain text, CSV and JSON."""

from service.processing.context import StepContext
from service.processing.formats import delimited
from service.processing.formats.content import (
    Block,
    Content,
    PageContent,
    cleaned,
    control_chars,
)
from service.processing.formats.encoding import (
    Decoded,
    declared_charset,
    decode,
    note_encoding,
)
from service.processing.results import Metadata


def read(context: StepContext) -> Content:
    """Read a text file."""
    decoded = _decoded(context)
    return _content(decoded, PageContent(text=cleaned(decoded.text)))


def read_json(context: StepContext) -> Content:
    """Read a JSON file: as text, since nothing in it is asked for by name."""
    decoded = _decoded(context)
    text = cleaned(decoded.text)
    return _content(
        decoded, PageContent(text=text, blocks=(Block(kind="code", text=text),))
    )


def read_csv(context: StepContext) -> Content:
    """Read a table in text; the text stays as it is written."""
    decoded = _decoded(context)
    return _content(decoded, delimited.page(context, cleaned(decoded.text)))


def _decoded(context: StepContext) -> Decoded:
    limits = context.limits
    with context.source.path.open("rb") as file:
        data = file.read(4 * limits.max_text_chars + 4)  # 4 bytes: UTF-8's longest
    decoded = decode(data, declared_charset(context.source.declared_media_type))
    note_encoding(context, decoded)
    return decoded


def _content(decoded: Decoded, page: PageContent) -> Content:
    return Content(
        pages=(page,),
        metadata=Metadata(),
        encoding=decoded.encoding,
        encoding_confidence=decoded.confidence,
        control_chars=control_chars(decoded.text),
    )
