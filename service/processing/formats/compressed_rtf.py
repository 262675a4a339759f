"""Unpacks the rich text of Outlook messages ([MS-OXRTFCP])."""

import struct

_HEADER = struct.Struct("<IIII")
_COMPRESSED = 0x75465A4C  # "LZFu", §2.1.3.1.1
_PLAIN = 0x414C454D  # "MELA"
_WINDOW = 4_096
_BEGINNING = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss "
    b"\\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier"
    b"{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab"
    b"\\tx"
)
"""What the window holds before the first byte (§2.1.3.1.2)."""


def unpacked(data: bytes) -> bytes:
    """Give the rich text; as far as it goes when it is cut off.

    It is at most nine times as long as what it is packed into.

    Raises:
        ValueError: It is packed in no way that is known.
    """
    if len(data) < _HEADER.size:
        message = "there is no header"
        raise ValueError(message)
    _, size, kind, _ = _HEADER.unpack_from(data)
    if kind == _PLAIN:
        return data[_HEADER.size : _HEADER.size + size]
    if kind != _COMPRESSED:
        message = "it is packed in no known way"
        raise ValueError(message)
    return _inflated(data)[:size]


def _inflated(data: bytes) -> bytes:
    """Follow the runs of eight literals and references (§2.2.3.2)."""
    out = bytearray(_BEGINNING)
    place, end = _HEADER.size, len(data)
    while place < end:
        control = data[place]
        place += 1
        for bit in range(8):
            reference = control >> bit & 1
            if place + reference >= end:
                return bytes(out[len(_BEGINNING) :])
            if not reference:
                out.append(data[place])
                place += 1
                continue
            pair = int.from_bytes(data[place : place + 2], "big")
            place += 2
            back = (len(out) - (pair >> 4)) % _WINDOW
            if back == 0:  # it points to itself: the end
                return bytes(out[len(_BEGINNING) :])
            for _ in range((pair & 15) + 2):
                # What the window never held are blanks of a writer that went wrong.
                out.append(out[-back] if back <= len(out) else 0)
    return bytes(out[len(_BEGINNING) :])
