"""Plain text, CSV and JSON: finding the encoding is all there is to do."""

import re
from dataclasses import dataclass

import charset_normalizer

from service.processing.context import StepContext
from service.processing.formats.content import Content, PageContent
from service.processing.results import Metadata
from service.processing.sniff_text import text_encoding

_GUESS_BYTES = 65_536
_FEW_HIGH = 0.25
"""Share of bytes over 127 up to which a text is Western: German has about 0.02."""
_GUESSES = [
    "cp1251", "koi8_r", "cp1253", "iso8859_7", "cp1255", "cp1256", "shift_jis",
    "euc_jp", "gb18030", "big5", "euc_kr", "cp874",
]  # fmt: skip
_UNDEFINED_IN_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text made from bytes."""

    text: str
    encoding: str
    sure: bool
    """False when the encoding is a guess."""


def read(context: StepContext) -> Content:
    """Read a text file."""
    limits = context.limits
    with context.source.path.open("rb") as file:
        data = file.read(4 * limits.max_text_chars + 4)  # 4 bytes: UTF-8's longest
    decoded = decode(data, declared_charset(context.source.declared_media_type))
    note_encoding(context, decoded)
    page = PageContent(text=decoded.text)
    return Content(pages=(page,), metadata=Metadata(), encoding=decoded.encoding)


def note_encoding(context: StepContext, decoded: Decoded) -> None:
    """Say so when a text's encoding was guessed."""
    if not decoded.sure:
        message = f"The encoding is not certain; read as {decoded.encoding}."
        context.add_issue("ENCODING_UNSURE", "warning", message)


def declared_charset(media_type: str | None) -> str | None:
    """Give the charset parameter of a media type."""
    match = _CHARSET.search(media_type or "")
    return match.group(1) if match else None


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """Decode by what is certain first: marks, strict UTF-8, then what is declared.

    Only then come Western single-byte sets, when few bytes are high, and last a guess:
    guessing alone calls valid UTF-8 that was encoded twice Russian.
    """
    marked = text_encoding(data)
    if marked is not None:
        return Decoded(data.decode(marked, "replace").lstrip("\ufeff"), marked, True)
    for encoding in ("utf-8", declared):
        text = _strict(data, encoding)
        if encoding and text is not None:
            return Decoded(text, encoding.lower(), True)
    if _cut_utf8(data):
        return Decoded(data.decode("utf-8", "ignore"), "utf-8", True)
    high = len(data) - len(data.translate(None, bytes(range(128, 256))))
    if high <= _FEW_HIGH * len(data):
        return _western(data)
    return _guess(data)


def _western(data: bytes) -> Decoded:
    # Windows-1252 is ISO-8859-1 wherever that has printable characters.
    if _UNDEFINED_IN_1252.search(data):
        return Decoded(data.decode("iso-8859-15"), "iso-8859-15", False)
    has_1252_only = any(0x80 <= byte <= 0x9F for byte in data)
    encoding = "windows-1252" if has_1252_only else "iso-8859-1"
    return Decoded(data.decode(encoding), encoding, True)


def _guess(data: bytes) -> Decoded:
    best = charset_normalizer.from_bytes(
        data[:_GUESS_BYTES], cp_isolation=_GUESSES
    ).best()
    encoding = best.encoding if best is not None else "cp1252"
    return Decoded(data.decode(encoding, "replace"), encoding, False)


def _strict(data: bytes, encoding: str | None) -> str | None:
    if encoding is None:
        return None
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _cut_utf8(data: bytes) -> bool:
    """Whether it is UTF-8 that was cut inside its last character."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        cut = error.start >= len(data) - 3 and error.reason == "unexpected end of data"
        return cut and error.start > 0
    return False
