"""Signed files (CMS, RFC 5652), such as Italian invoices that end with ``.xml.p7m``.

The signature is not checked: what was signed is read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from service.processing.armour import unarmoured
from service.processing.context import StepContext
from service.processing.formats.attachments import Attachments
from service.processing.formats.content import (
    Content,
    PageContent,
    cleaned_name,
    parsing,
    refused,
)
from service.processing.formats.markup import xml_content
from service.processing.results import Metadata
from service.processing.sniff import sniff

_CONSTRUCTED = 0x20
_LONG_TAG = 0x1F
_INDEFINITE = 0x80
_END = b"\0\0"
_NESTING_MAX = 5
"""Of pieces in pieces of a string; each level is read once more."""
_SUFFIX = re.compile(r"\.p7m$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Node:
    """An element of BER (X.690) in a file."""

    tag: int
    start: int
    end: int


def read_signed(context: StepContext) -> Content:
    """Read what was signed if it is XML; else list it as the file inside.

    Raises:
        DocumentError: ``unsupported_type`` when it is a signature alone, ``too_large``,
            ``corrupt``.
    """
    if context.source.path.stat().st_size > context.limits.max_part_bytes:
        raise refused("too_large")
    inner = signed_content(unarmoured(context.source.path.read_bytes()))
    if inner is None:
        raise refused("unsupported_type")
    if sniff(BytesIO(inner)) == "application/xml":
        return xml_content(context, inner)
    name = _SUFFIX.sub("", cleaned_name(context.source.name))
    found = Attachments(context)
    found.add(name, inner)
    return Content(
        pages=(PageContent(text=name),), metadata=Metadata(), embedded=found.files()
    )


def signed_content(data: bytes) -> bytes | None:
    """Give what was signed; None when it is elsewhere (a detached signature).

    Raises:
        DocumentError: ``corrupt``.
    """
    with parsing():
        outer, _ = _node(data, 0)
        _, explicit = _children(data, outer)
        [signed] = _children(data, explicit)
        _, _, enclosed, *_ = _children(data, signed)
        _, *content = _children(data, enclosed)
        if not content:
            return None
        [octets] = _children(data, content[0])
        return b"".join(_octets(data, octets))


def _node(data: bytes, at: int) -> tuple[_Node, int]:
    """Give the element that begins at an offset, and where the next one does."""
    tag, length, start = data[at], data[at + 1], at + 2
    if tag & _LONG_TAG == _LONG_TAG:
        raise ValueError("no tag of CMS")
    if length == _INDEFINITE:
        end = start
        while data[end : end + 2] != _END:
            _, end = _node(data, end)
        return _Node(tag, start, end), end + 2
    if length > _INDEFINITE:
        size = length - _INDEFINITE
        length = int.from_bytes(data[start : start + size], "big")
        start += size
    if start + length > len(data):
        raise ValueError("it breaks off")
    return _Node(tag, start, start + length), start + length


def _children(data: bytes, node: _Node) -> Iterator[_Node]:
    at = node.start
    while at < node.end:
        child, at = _node(data, at)
        yield child


def _octets(data: bytes, node: _Node, depth: int = 0) -> Iterator[bytes]:
    """Give the bytes of a string that may come in pieces (X.690 §8.7.3)."""
    if not node.tag & _CONSTRUCTED:
        yield data[node.start : node.end]
        return
    if depth == _NESTING_MAX:
        raise ValueError("nested too deep")
    for piece in _children(data, node):
        yield from _octets(data, piece, depth + 1)
