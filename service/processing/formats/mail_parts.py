"""The parts of an e-mail: what their bytes say, and which of them are its text."""

import base64
import re
from email.errors import (
    InvalidBase64CharactersDefect,
    InvalidBase64LengthDefect,
    InvalidBase64PaddingDefect,
)
from email.message import EmailMessage, Message
from itertools import pairwise
from typing import Any, cast

from lxml import etree

from service.processing.context import StepContext
from service.processing.formats.content import parsing
from service.processing.formats.encoding import Decoded, decode

_NO_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_QUOTES = re.compile(">*")
_SEEN_WORDS = etree.XPath(
    "//text()[not(ancestor::head or ancestor::script or ancestor::style)]"
)
_FULLER = 2
"""A web page with more than so many times the words says more than the plain text."""
_TEXTS = frozenset({"text/plain", "text/html"})


def content_of(context: StepContext, part: Message) -> bytes:
    """Give a part's content; an encoding that breaks off is named."""
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    kinds = tuple(type(defect) for defect in part.defects)
    if InvalidBase64LengthDefect in kinds:
        data = _whole_groups(data)
    if {InvalidBase64LengthDefect, InvalidBase64PaddingDefect} & set(kinds):
        if any(issue.code == "TRUNCATED" for issue in context.issues):
            return data  # the message itself breaks off there
        message = "The encoding of a part breaks off; what is there was read."
        context.add_issue("TRUNCATED", "error", message)
    elif InvalidBase64CharactersDefect in kinds:
        message = "The encoding of a part is damaged; what could be read was."
        context.add_issue("REPAIRED", "warning", message)
    return data


def decoded(context: StepContext, part: Message) -> Decoded:
    """Give a part's text, its lines put together where they were only wrapped."""
    found = decode(content_of(context, part), part.get_content_charset())
    if str(part.get_param("format") or "").lower() != "flowed":
        return found
    spaced = str(part.get_param("delsp") or "").lower() != "yes"
    text = _unwrapped(found.text, spaced=spaced)
    return Decoded(text, found.encoding, found.confidence)


def bodies(mail: EmailMessage) -> tuple[Message | None, Message | None]:
    """Give the plain text of a message and the web page that says the same."""
    plain = mail.get_body(preferencelist=("plain",))
    html = mail.get_body(preferencelist=("html",))
    # Side by side they are two texts, one below the other.
    return plain, html if plain is None or _has_alternatives(mail) else None


def is_text(part: Message) -> bool:
    """Whether a part beside the body is shown below it, as some programs write."""
    return (
        part.get_content_type() in _TEXTS
        and part.get_filename() is None
        and part.get_content_disposition() != "attachment"
    )


def is_fuller(root: etree._Element, plain: str) -> bool:
    """Whether a web page says so much more that the plain text only stands for it."""
    with parsing():
        texts = cast("list[Any]", _SEEN_WORDS(root))
        words = sum(len(str(each).split()) for each in texts)
    return words > _FULLER * len(plain.split())


def _has_alternatives(part: Message) -> bool:
    """Whether a message has two forms of one text; others inside it do not count."""
    inside = part.get_payload()
    if part.get_content_maintype() != "multipart" or not isinstance(inside, list):
        return False
    return part.get_content_subtype() == "alternative" or any(
        _has_alternatives(each) for each in inside if isinstance(each, Message)
    )


def _whole_groups(data: bytes) -> bytes:
    """Decode Base64 that ends within four characters, which the library does not."""
    kept = _NO_BASE64.sub(b"", data)
    return base64.b64decode(kept[: len(kept) - len(kept) % 4])


def _unwrapped(text: str, *, spaced: bool) -> str:
    """Put lines together that end in a blank (RFC 3676 §4), quoted equally deep."""
    lines = text.splitlines()
    pieces = lines[:1]
    for line, following in pairwise(lines):
        depth = len(_match(following))
        if not line.endswith(" ") or line == "-- " or depth != len(_match(line)):
            pieces.append(f"\n{following}")
            continue
        if not spaced:
            pieces[-1] = pieces[-1][:-1]
        pieces.append(following[depth:].removeprefix(" ") if depth else following)
    return "".join(pieces)


def _match(line: str) -> str:
    found = _QUOTES.match(line)
    return found[0] if found else ""
