"""Tells apart what is text: mail, markup, JSON, CSV, or nothing but text."""

import re

from service.processing.media_types import UNKNOWN_TYPE
from service.processing.sniff_table import separator_of

_BOMS: tuple[tuple[bytes, str], ...] = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_ENCODING_BYTES = 2_048
_UTF16_HIGH_BYTES = 8
"""Different high bytes of UTF-16 in one alphabet; Chinese has some eighty."""
_SHOWN_SHARE = 0.99
_ZERO_SHARE = 0.6  # of the high bytes of UTF-16 in Western text
_SAMPLE_CHARS = 8_192
_CONTROL_SHARE = 0.02  # control characters above this share are no text
_HARMLESS_CONTROLS = frozenset("\t\n\r\f\x1b")
_COMMENT = re.compile(r"\s*<!--.*?(?:-->|\Z)\s*", re.DOTALL)
_HTML = re.compile(
    r"<!doctype\s+html|<(?:html|head|body|title|meta|base|link|script|style|table|div"
    r"|span|p|a|b|i|h[1-6]|br|hr|ul|ol|center|font|form|img|section|main)[\s/>]",
    re.IGNORECASE,
)
_XML = re.compile(r"<(?:!DOCTYPE\s|[A-Za-z_][\w.:-]*[\s/>])")
_MAIL_HEADER = re.compile(r"[!-9;-~]{1,76}:")  # RFC 5322 §2.2: field name, colon
_MAIL_NAMES = frozenset(
    {
        "received", "return-path", "delivered-to", "from", "to", "cc", "subject",
        "date", "message-id", "reply-to", "mime-version", "content-type", "sender",
        "dkim-signature", "x-mailer",
    }
)  # fmt: skip
_MAIL_NEEDED = 3  # known header lines before any other text
_JSON = re.compile(
    r'\{\s*(?:"[^"\n]{0,200}"\s*:|\})|\[\s*(?:\]|[\[{]|"[^"\n]{0,500}"\s*[,\]]'
    r"|-?[\d.eE+-]{1,40}\s*,)"
)


def text_encoding(head: bytes) -> str | None:
    """Give the Unicode encoding that a file's first bytes show, if they do.

    By byte-order mark, else by the zero bytes that UTF-16 puts into Western text, and
    at least into the blanks and line ends of other alphabets.
    """
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    even, odd = head[0:_ENCODING_BYTES:2], head[1:_ENCODING_BYTES:2]
    if not odd:
        return None
    if odd.count(0) > _ZERO_SHARE * len(odd) and even.count(0) == 0:
        return "utf-16-le"
    if even.count(0) > _ZERO_SHARE * len(even) and odd.count(0) == 0:
        return "utf-16-be"
    for encoding, low, high in (("utf-16-le", even, odd), ("utf-16-be", odd, even)):
        if 0 in high and 0 not in low and len(set(high)) <= _UTF16_HIGH_BYTES:
            text = head[: _ENCODING_BYTES - 2].decode(encoding, "replace")
            shown = sum(char.isprintable() or char.isspace() for char in text)
            if shown >= _SHOWN_SHARE * len(text) and "\ufffd" not in text:
                return encoding
    return None


def text_type(head: bytes) -> str:
    """Give the media type of a file that is text, by its first bytes."""
    text = _as_text(head)
    if text is None:
        return UNKNOWN_TYPE
    start = text.lstrip("\ufeff \t\r\n\f")
    if start.startswith("<"):
        return _markup_type(start)
    if _is_mail(start):
        return "message/rfc822"
    if _JSON.match(start):
        return "application/json"
    return "text/csv" if separator_of(text) else "text/plain"


def _as_text(head: bytes) -> str | None:
    text = head.decode(text_encoding(head) or "latin-1", "ignore")
    sample = text[:_SAMPLE_CHARS]
    controls = sum(char < " " and char not in _HARMLESS_CONTROLS for char in sample)
    if not sample or controls > _CONTROL_SHARE * len(sample):
        return None
    return text


def _markup_type(start: str) -> str:
    if start.startswith("<?xml"):
        html = "<html" in start[:_SAMPLE_CHARS].lower()
        return "text/html" if html else "application/xml"
    first = start[:_SAMPLE_CHARS]
    while comment := _COMMENT.match(first):
        first = first[comment.end() :]
    if _HTML.match(first):
        return "text/html"
    return "application/xml" if _XML.match(first) else "text/plain"


def _is_mail(start: str) -> bool:
    known = 0
    for number, line in enumerate(start.splitlines()):
        if not line:
            break
        if line[0] in " \t" or (number == 0 and line.startswith("From ")):
            continue  # a folded header; the separator line of an mbox file
        match = _MAIL_HEADER.match(line)
        if match is None:
            return False
        known += match.group()[:-1].lower() in _MAIL_NAMES
    return known >= _MAIL_NEEDED
