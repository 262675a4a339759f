"""Cuts Rich Text Format into its tokens (RTF specification 1.9.1, "RTF Syntax")."""

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

_TOKEN = re.compile(
    rb"(?P<open>\{)|(?P<close>\})|\\(?P<word>[A-Za-z]{1,32})(?P<number>-?\d{1,10})? ?"
    rb"|\\'(?P<hex>[0-9A-Fa-f]{2})|\\(?P<symbol>[^A-Za-z'])|(?P<text>[^\\{}\r\n]+)"
    rb"|(?P<nothing>[\r\n]+|\\)"
)


class Kind(Enum):
    """What a token is."""

    OPEN = auto()
    CLOSE = auto()
    WORD = auto()
    SYMBOL = auto()
    TEXT = auto()


class Token(NamedTuple):
    """A token."""

    kind: Kind
    data: bytes = b""
    """The word, the symbol, or bytes of text in the present code page."""
    number: int | None = None


_OPEN, _CLOSE = Token(Kind.OPEN), Token(Kind.CLOSE)


def tokens(data: bytes) -> Iterator[Token]:
    """Give the tokens; what is binary is left out."""
    place = 0
    while match := _TOKEN.match(data, place):
        place = match.end()
        match match.lastgroup:
            case "open":
                yield _OPEN
            case "close":
                yield _CLOSE
            case "text":
                yield Token(Kind.TEXT, match[0])
            case "hex":
                yield Token(Kind.TEXT, bytes.fromhex(match["hex"].decode("ascii")))
            case "symbol":
                yield Token(Kind.SYMBOL, match["symbol"])
            case "word" | "number":
                number = None if match["number"] is None else int(match["number"])
                if match["word"] == b"bin":
                    place += max(number or 0, 0)
                else:
                    yield Token(Kind.WORD, match["word"], number)
            case _:
                pass  # line ends mean nothing
