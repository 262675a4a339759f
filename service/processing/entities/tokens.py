"""What may be a number given to a document: words that have a digit in them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

_TOKEN = re.compile(
    r"(?<![\w/.-])(?:[A-Za-z]{1,5}[ #]{1,2}(?=\d))?"
    r"[A-Za-z0-9](?:[\w/.-]{0,38}[A-Za-z0-9])?"
    r"(?: ?[/-] ?(?!\d{1,4}[./-]\d\d?[./-]\d)\d{1,10}){0,2}"
)
_MAX_CHARS = 40
_MAX_TOKENS = 20_000
"""Words of one page; a full page of small print has 1 500."""


@dataclass(frozen=True, slots=True)
class Token:
    """What may be a number given to a document, at a place of a page's text."""

    start: int
    end: int
    text: str


def tokens(text: str, is_free: Callable[[int, int], bool]) -> Iterator[Token]:
    """Give what may be a number in a page's text.

    Args:
        text: Of the page.
        is_free: Says whether a part of it is nothing else: no date, no money.
    """
    for match in islice(_TOKEN.finditer(text), _MAX_TOKENS):
        token = Token(match.start(), match.end(), match[0])
        if is_number(token, is_free):
            yield token


def is_number(token: Token, is_free: Callable[[int, int], bool]) -> bool:
    """Say whether a word may be a number: it has a digit, and is nothing else."""
    if not any(char.isdigit() for char in token.text) or len(token.text) > _MAX_CHARS:
        return False
    return is_free(token.start, token.end)
