"""Plain text, CSV and JSON."""

import msgspec

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

_JSON = msgspec.json.Decoder(msgspec.Raw)  # checks the form and builds nothing
_CUT_NUMBER = "+-.eE"
"""What a number cannot end with."""


def read(context: StepContext) -> Content:
    """Read a text file."""
    decoded = _decoded(context)
    return _content(decoded, PageContent(text=cleaned(decoded.text)))


def read_json(context: StepContext) -> Content:
    """Read a JSON file: as text, since nothing in it is asked for by name."""
    decoded = _decoded(context)
    text = cleaned(decoded.text)
    if context.source.path.stat().st_size <= _most_bytes(context):
        _note_damage(context, text)
    return _content(
        decoded, PageContent(text=text, blocks=(Block(kind="code", text=text),))
    )


def _note_damage(context: StepContext, text: str) -> None:
    try:
        damage = _damage(text.rstrip().rstrip(_CUT_NUMBER))
    except RecursionError:
        return  # nested too deep to be looked at
    if damage is not None and "truncated" in damage:
        message = "The file's end is missing; what is there was read."
        context.add_issue("TRUNCATED", "error", message)
    elif damage is not None:
        message = "The JSON is not well-formed; it was read as mere text."
        context.add_issue("REPAIRED", "warning", message)


def _damage(text: str) -> str | None:
    """Say what is wrong with a JSON value, or with a file of one on each line."""
    damage = None
    for read in (_JSON.decode, _JSON.decode_lines):
        try:
            read(text)
        except msgspec.DecodeError as error:
            damage = str(error)
            if "trailing characters" not in damage:
                break
        else:
            return None
    return damage


def read_csv(context: StepContext) -> Content:
    """Read a table in text; the text stays as it is written."""
    decoded = _decoded(context)
    return _content(decoded, delimited.page(context, cleaned(decoded.text)))


def _most_bytes(context: StepContext) -> int:
    return 4 * context.limits.max_text_chars + 4  # 4 bytes: UTF-8's longest


def _decoded(context: StepContext) -> Decoded:
    with context.source.path.open("rb") as file:
        data = file.read(_most_bytes(context))
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
