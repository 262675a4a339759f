"""Finds the encoding of text."""

import codecs
import re
from dataclasses import dataclass

import charset_normalizer

from service.processing.context import StepContext
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
_C1_CONTROLS = re.compile("[\x80-\x84\x86-\x9f]")
"""No text has them, but for the line end U+0085: whoever sees them decoded wrongly."""
_NO_CHARSETS = frozenset(
    {
        "idna",
        "punycode",
        "raw-unicode-escape",
        "undefined",
        "unicode-escape",
        "utf-7",
    }
)
"""Python's codecs that are no charsets of documents, by its names for them."""
_SURE_FROM = 0.8
_WRONG = "\ufffd"

_WESTERN_CONFIDENCE = 0.9
"""For ISO-8859-1: all Western files of the test corpora were read right."""
_WINDOWS_CONFIDENCE = 0.85
_BROKEN_CONFIDENCE = 0.75
_BROKEN_SHARE = 0.25
"""Of the characters outside ASCII those that are wrong in UTF-8 that was damaged."""
_UNDEFINED_CONFIDENCE = 0.5
_GUESS_CONFIDENCE_MAX = 0.75
_NO_GUESS_CONFIDENCE = 0.1


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text made from bytes."""

    text: str
    encoding: str
    confidence: float
    """1 = a mark, valid UTF-8, or declared and fitting; 0-1."""

    @property
    def sure(self) -> bool:
        """Whether it need not be doubted; False when the encoding is a guess."""
        return self.confidence >= _SURE_FROM


def note_encoding(context: StepContext, decoded: Decoded) -> None:
    """Say so when a text's encoding was guessed."""
    if not decoded.sure:
        message = f"The encoding is not certain; read as {decoded.encoding}."
        if decoded.encoding == "utf-8":
            wrong = decoded.text.count(_WRONG)
            message = f"Bytes are wrong in UTF-8 ({wrong}); {_WRONG} stands for each."
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
        return Decoded(data.decode(marked, "replace").lstrip("\ufeff"), marked, 1.0)
    text = _strict(data, "utf-8")
    if text is not None:
        return Decoded(text, "utf-8", 1.0)
    fitting = _as_declared(data, declared)
    if fitting is not None:
        return fitting
    if _cut_utf8(data):
        return Decoded(data.decode("utf-8", "ignore"), "utf-8", 1.0)
    broken = _broken_utf8(data)
    if broken is not None:
        return Decoded(broken, "utf-8", _BROKEN_CONFIDENCE)
    high = len(data) - len(data.translate(None, bytes(range(128, 256))))
    if high <= _FEW_HIGH * len(data):
        return _western(data)
    return _guess(data)


def _as_declared(data: bytes, declared: str | None) -> Decoded | None:
    """Decode as declared, None when the declaration is wrong or useless.

    Single-byte sets fit everything: control characters show the wrong ones. UTF-16
    without a zero byte is not what its name says: even Chinese has line ends.
    """
    try:
        name = codecs.lookup(declared or "").name
    except (LookupError, ValueError):
        return None
    wide = name.startswith(("utf-16", "utf-32"))
    if name in _NO_CHARSETS or (wide and b"\0" not in data):
        return None
    text = _strict(data, name)
    if text is None or declared is None or _C1_CONTROLS.search(text):
        return None
    return Decoded(text, declared.lower(), 1.0)


def _western(data: bytes) -> Decoded:
    # Windows-1252 is ISO-8859-1 wherever that has printable characters.
    if _UNDEFINED_IN_1252.search(data):
        text = data.decode("iso-8859-15")
        return Decoded(text, "iso-8859-15", _UNDEFINED_CONFIDENCE)
    if any(0x80 <= byte <= 0x9F for byte in set(data)):
        text = data.decode("windows-1252")
        return Decoded(text, "windows-1252", _WINDOWS_CONFIDENCE)
    return Decoded(data.decode("iso-8859-1"), "iso-8859-1", _WESTERN_CONFIDENCE)


def _guess(data: bytes) -> Decoded:
    best = charset_normalizer.from_bytes(
        data[:_GUESS_BYTES], cp_isolation=_GUESSES
    ).best()
    if best is None:
        return Decoded(data.decode("cp1252", "replace"), "cp1252", _NO_GUESS_CONFIDENCE)
    confidence = min((1 - best.chaos) * (1 + best.coherence) / 2, _GUESS_CONFIDENCE_MAX)
    text = data.decode(best.encoding, "replace")
    return Decoded(text, best.encoding, round(confidence, 2))


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _broken_utf8(data: bytes) -> str | None:
    """Decode UTF-8 in which a few bytes are wrong; None when it is something else.

    What is outside ASCII in other encodings hardly ever makes characters of UTF-8.
    """
    text = data.decode("utf-8", "replace")
    foreign = len(text) - len(text.encode("ascii", "ignore"))
    return text if text.count(_WRONG) <= _BROKEN_SHARE * foreign else None


def _cut_utf8(data: bytes) -> bool:
    """Whether it is UTF-8 that was cut inside its last character."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        cut = error.start >= len(data) - 3 and error.reason == "unexpected end of data"
        return cut and error.start > 0
    return False
