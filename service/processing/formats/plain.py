"""Plain text, CSV and JSON."""

import re

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
_ESCAPE = re.compile(
    r"\\(?:(?:u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\)?u(?P<unit>[0-9a-fA-F]{4})"
    r"|(?P<char>[^u]))"
)
"""Of one character; one outside the first plane is two UTF-16 units."""
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": " ", "f": "\n"}
_CUT_NUMBER = "+-.eE"
"""What a number cannot end with."""


def read(context: StepContext) -> Content:
    """Read a text file."""
    decoded = _decoded(context)
    return _content(decoded, PageContent(text=cleaned(decoded.text)))


def read_json(context: StepContext) -> Content:
    """Read a JSON file: as text, since nothing in it is asked for by name.

    The characters of its strings stand for their escapes: what is found in them is what
    they say. Escapes of a file that is no JSON may mean anything, and stay.
    """
    decoded = _decoded(context)
    text = decoded.text
    cut = context.source.path.stat().st_size > _most_bytes(context)
    if cut or _note_damage(context, cleaned(text)):
        text = _ESCAPE.sub(_unescaped, text)
    text = cleaned(text)
    return _content(
        decoded, PageContent(text=text, blocks=(Block(kind="code", text=text),))
    )


def _note_damage(context: StepContext, text: str) -> bool:
    """Name what is wrong with it; False = it is no JSON but for its beginning."""
    try:
        damage = _damage(text.rstrip().rstrip(_CUT_NUMBER))
    except RecursionError:
        return True  # nested too deep to be looked at
    if damage is not None and "truncated" in damage:
        message = "The file's end is missing; what is there was read."
        context.add_issue("TRUNCATED", "error", message)
    elif damage is not None:
        message = "The JSON is not well-formed; it was read as mere text."
        context.add_issue("REPAIRED", "warning", message)
        return False
    return True


def _unescaped(match: re.Match[str]) -> str:
    """Give the character that an escape stands for (RFC 8259 §7)."""
    if match["char"] is not None:
        return _ESCAPED.get(match["char"], match["char"])
    units = bytes.fromhex((match["high"] or "") + (match["unit"] or ""))
    return units.decode("utf-16-be", "replace")


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
