"""Strategies that write files by the grammars of their formats, and past them."""

import json
from typing import Any

from hypothesis import strategies as st

from tests.hostile.mutations import samples

_CHARSETS = ["utf-8", "utf-16", "iso-8859-1", "us-ascii", "no-such", "utf-7", ""]
_CODECS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be", "cp1252"]
_TRANSFERS = ["7bit", "base64", "quoted-printable", "x-uuencode", "no-such"]
_LEAVES = [
    *("text/plain", "text/html", "application/pdf", "application/octet-stream", "x"),
    *("message/rfc822", "message/delivery-status", "application/pkcs7-mime"),
]
_CONTAINERS = ["mixed", "alternative", "related", "signed", "encrypted", "digest"]
_TAGS = [
    *("p", "div", "table", "tr", "td", "th", "ul", "ol", "li", "h1", "pre", "a", "br"),
    *("script", "style", "title", "meta", "svg", "select", "option", "body", "iframe"),
]
_ATTRIBUTES = [
    *('colspan="9999999"', 'rowspan="-1"', 'style="display:none"', 'id="&#0;"'),
    *('href="javascript:x"', "src=//x", 'start="99999999999"', 'type="x"', "onload=x"),
    "hidden",
]

_RICH_WORDS = [
    *("par", "pard", "cell", "row", "intbl", "trowd", "u", "uc", "'e4", "'", "bin"),
    *("f", "fcharset", "ansicpg", "fonttbl", "info", "title", "creatim", "yr", "mac"),
    *("*", "object", "objdata", "fromhtml", "htmltag", "htmlrtf", "header", "pict"),
    *("tab", "plain", "outlinelevel", "v", "{", "}"),
]

words = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            *("1.234,56 EUR", "-1'000.00 CHF", "31.02.2026", "02/03/04", "=1+1", "@x"),
            *("DE89370400440532013000", "Total", "IBAN:", "tel +49 89 1", "a@b.x"),
            *("https://x.example/", "\ud7ff\ue000\ufffd", "\u202e\u200f"),
            "\x0c\x1a\x85",
        ]
    ),
)
"""What text may hold, words that mean something to us among them."""


def _encoded(text: str, codec: str) -> bytes:
    return text.encode(codec, "replace")


texts = st.builds(
    _encoded, st.lists(words, max_size=40).map(" ".join), st.sampled_from(_CODECS)
)


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    """Give delimited text: any separators, quotes open and shut, ragged rows."""
    separator = draw(st.sampled_from([",", ";", "\t", "|"]))
    cell = st.one_of(words, words.map(lambda word: f'"{word}"'), st.just('"'))
    rows = draw(st.lists(st.lists(cell, max_size=6), max_size=30))
    text = draw(st.sampled_from(["\n", "\r\n", "\r"])).join(
        separator.join(row) for row in rows
    )
    return _encoded(text, draw(st.sampled_from(_CODECS)))


def _json(value: Any, cut: int) -> bytes:
    written = json.dumps(value)
    return written[: len(written) - cut].encode()


documents = st.builds(
    _json,
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | words,
        lambda inner: st.lists(inner) | st.dictionaries(words, inner),
        max_leaves=30,
    ),
    st.sampled_from([0, 0, 1, 5]),
)
"""JSON, some of it cut off."""


def _element(tag: str, attributes: list[str], inner: list[str], closed: bool) -> str:
    inside = "".join(inner)
    return f"<{' '.join([tag, *attributes])}>{inside}" + f"</{tag}>" * closed


_elements = st.recursive(
    words | st.sampled_from(["<!--", "-->", "<![CDATA[", "&bogus;", "&#x110000;", "<"]),
    lambda inner: st.builds(
        _element,
        st.sampled_from(_TAGS),
        st.lists(st.sampled_from(_ATTRIBUTES), max_size=3),
        st.lists(inner, max_size=5),
        st.booleans(),
    ),
    max_leaves=40,
)
pages = st.builds(
    _encoded,
    st.lists(_elements, max_size=8).map(lambda parts: f"<html>{''.join(parts)}"),
    st.sampled_from(_CODECS),
)
"""HTML, closed or not, nested as it must not be."""


def _headers(*lines: str) -> bytes:
    return "\n".join(lines).encode("utf-8", "replace") + b"\n\n"


def _leaf(kind: str, charset: str, transfer: str, name: str, content: bytes) -> bytes:
    return (
        _headers(
            f"Content-Type: {kind}; charset={charset}",
            f"Content-Transfer-Encoding: {transfer}",
            f'Content-Disposition: attachment; filename="{" ".join(name.split())}"',
        )
        + content
    )


def _container(kind: str, boundary: str, parts: list[bytes], closed: bool) -> bytes:
    mark = f"--{boundary}".encode()
    inside = b"".join(mark + b"\n" + part + b"\n" for part in parts)
    head = _headers(f'Content-Type: multipart/{kind}; boundary="{boundary}"')
    return head + inside + (mark + b"--\n") * closed


def _message(headers: list[tuple[str, str]], body: bytes) -> bytes:
    names = "".join(f"{name}: {' '.join(value.split())}\n" for name, value in headers)
    return ("From: a@example.com\nMIME-Version: 1.0\n" + names).encode(
        "utf-8", "replace"
    ) + body


_rich = st.recursive(
    words.map(lambda word: " " + word)
    | st.builds(
        "\\{}{} ".format,
        st.sampled_from(_RICH_WORDS),
        st.sampled_from(["", "0", "1", "-1", "65001", "9999999999"]),
    ),
    lambda inner: st.lists(inner, max_size=6).map(
        lambda parts: f"{{{''.join(parts)}}}"
    ),
    max_leaves=60,
)
rich_texts = st.builds(
    _encoded,
    st.lists(_rich, max_size=8).map(lambda parts: f"{{\\rtf1 {''.join(parts)}}}"),
    st.sampled_from(["cp1252", "utf-8"]),
)
"""Rich text: known words in any order, groups nested and left open."""


_parts = st.recursive(
    st.builds(
        _leaf,
        st.sampled_from(_LEAVES),
        st.sampled_from(_CHARSETS),
        st.sampled_from(_TRANSFERS),
        words,
        st.one_of(st.binary(max_size=200), texts, pages, samples),
    ),
    lambda inner: st.builds(
        _container,
        st.sampled_from(_CONTAINERS),
        st.sampled_from(["a", "b", "", "--", "a b"]),
        st.lists(inner, max_size=4),
        st.booleans(),
    ),
    max_leaves=6,
)
messages = st.builds(
    _message,
    st.lists(
        st.tuples(st.sampled_from(["To", "Subject", "Date", "Content-ID"]), words),
        max_size=4,
    ),
    _parts,
)
"""E-mails whose parts are nested, and lie about what they are."""
