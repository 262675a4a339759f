"""Strategies that damage real files the way their formats are built.

Each gives bytes. Where a sample is altered as a whole, what was altered is part of the
example, so that Hypothesis can make a failing one small.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Sequence

from hypothesis import strategies as st

from tests.unit.processing.running import SAMPLES

NAMES = sorted(path.name for path in SAMPLES.iterdir() if path.suffix != ".json")
PACKED_NAMES = [name for name in NAMES if name.endswith(("docx", "xlsx", "pptx"))]
PDF_NAMES = [name for name in NAMES if name.endswith(".pdf")]

_WORDS = [
    *(b"\x00", b"\xff", b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff"),
    *(b"\x80\x00\x00\x00", b"\x01\x00\x00\x00", b"%PDF-", b"PK\x03\x04", b"<", b"\r\n"),
]
"""What parsers take for lengths, counts and beginnings."""
_NUMBERS = [b"-1", b"0", b"1", b"65536", b"2147483648", b"99999999999999999999", b"1e9"]
_PDF_OBJECT = re.compile(rb"\d+ \d+ obj\b.*?endobj", re.DOTALL)
_PDF_STREAM = re.compile(rb"stream\r?\n.*?endstream", re.DOTALL)
_PDF_NUMBER = re.compile(rb"(?<![\w.])\d{1,9}(?![\w.])")
_PDF_REFERENCE = re.compile(rb"\b\d{1,6} 0 R\b")
_XML_TAG = re.compile(rb"<[^<>]{1,300}>")
_XML_VALUE = re.compile(rb'="[^"]{0,200}"')

Change = Callable[[bytes], bytes]


def _content(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


samples = st.sampled_from(NAMES).map(_content)
shares = st.floats(0, 1, exclude_max=True)
"""Places in a file whose length is not known yet."""


def _at(content: bytes, share: float) -> int:
    return int(len(content) * share)


def _put(share: float, piece: bytes, *, over: bool) -> Change:
    def change(content: bytes) -> bytes:
        at = _at(content, share)
        return content[:at] + piece + content[at + len(piece) * over :]

    return change


def _range(first: float, length: int, times: int) -> Change:
    """Give a change that has a stretch so many times: 0 removes it."""

    def change(content: bytes) -> bytes:
        at = _at(content, first)
        return content[:at] + content[at : at + length] * times + content[at + length :]

    return change


def _cut(share: float) -> Change:
    return lambda content: content[: _at(content, share)]


def _splice(share: float, other: bytes, from_share: float, length: int) -> Change:
    start = _at(other, from_share)
    return _put(share, other[start : start + length], over=True)


byte_changes: st.SearchStrategy[Change] = st.one_of(
    st.builds(_put, shares, st.binary(min_size=1, max_size=8), over=st.booleans()),
    st.builds(_put, shares, st.sampled_from(_WORDS), over=st.booleans()),
    st.builds(_cut, shares),
    st.builds(_range, shares, st.integers(1, 4_000), st.sampled_from([0, 2, 3, 50])),
    st.builds(_splice, shares, samples, shares, st.integers(1, 20_000)),
)
"""Flipped bytes, extreme numbers, cuts, repeats, chunks of other files."""


def _applied(content: bytes, changes: Sequence[Change]) -> bytes:
    for change in changes:
        content = change(content)
    return content


def _some(changes: st.SearchStrategy[Change]) -> st.SearchStrategy[list[Change]]:
    return st.lists(changes, min_size=1, max_size=6)


damaged = st.builds(_applied, samples, _some(byte_changes))
"""Any sample with damage anywhere."""


@st.composite
def _of_pattern(
    draw: st.DrawFn,
    content: bytes,
    pattern: re.Pattern[bytes],
    others: Sequence[bytes],
) -> bytes:
    """Replace, drop or repeat one of what a pattern finds, or swap it for another."""
    found = list(pattern.finditer(content))
    if not found:
        return content
    one = draw(st.sampled_from(found))
    other = draw(st.sampled_from([match[0] for match in found]))
    new = draw(st.sampled_from([b"", one[0] * 2, other, *others]))
    return content[: one.start()] + new + content[one.end() :]


@st.composite
def pdfs(draw: st.DrawFn) -> bytes:
    """Give a PDF whose objects, numbers, references and streams are altered."""
    content = _content(draw(st.sampled_from(PDF_NAMES)))
    for _ in range(draw(st.integers(1, 5))):
        pattern, others = draw(
            st.sampled_from(
                [
                    (_PDF_OBJECT, (b"1 0 obj\nnull\nendobj", b"1 0 obj\n<<")),
                    (_PDF_NUMBER, tuple(_NUMBERS)),
                    (_PDF_REFERENCE, (b"1 0 R", b"999 0 R", b"null")),
                    (_PDF_STREAM, (b"stream\nendstream", b"stream\n\xff\nendstream")),
                ]
            )
        )
        content = draw(_of_pattern(content, pattern, others))
    return content


@st.composite
def _xml(draw: st.DrawFn, content: bytes) -> bytes:
    for _ in range(draw(st.integers(1, 4))):
        pattern, others = draw(
            st.sampled_from(
                [
                    (_XML_TAG, (b"<a>", b"</a>", b"<a b='&x;'/>", b"<![CDATA[")),
                    (_XML_VALUE, tuple(b'="%s"' % number for number in _NUMBERS)),
                ]
            )
        )
        content = draw(_of_pattern(content, pattern, others))
    return content


@st.composite
def packed(draw: st.DrawFn) -> bytes:
    """Give an Office file with members altered, dropped, doubled, renamed, swapped."""
    with zipfile.ZipFile(SAMPLES / draw(st.sampled_from(PACKED_NAMES))) as archive:
        members = [(each, archive.read(each)) for each in archive.namelist()]
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(members) - 1))
        name, content = members[place]
        match draw(st.sampled_from("xxxbdrsn")):
            case "x":
                members[place] = (name, draw(_xml(content)))
            case "b":
                members[place] = (name, draw(byte_changes)(content))
            case "d":
                members.append((name, content[: len(content) // 2]))
            case "r":
                members.pop(place)
            case "s":
                members[place] = (name, draw(st.sampled_from(members))[1])
            case _:
                other = draw(st.text(min_size=1, max_size=20))
                members[place] = (other, content)
        if not members:
            break
    out = io.BytesIO()
    with (
        warnings.catch_warnings(action="ignore"),  # names that are there twice
        zipfile.ZipFile(out, "w") as archive,
    ):
        for name, content in members:
            info = zipfile.ZipInfo(name.replace("\0", "") or "x")
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    changes = draw(st.lists(byte_changes, max_size=1))
    return _applied(out.getvalue(), changes)
