"""Tells whether a web page was cut off: its parser closes what is open silently."""

import re
from collections import Counter

_APART = re.compile(
    r"<!--.*?(?:-->|(\Z))"
    r"|<(script|style|textarea|title)\b[^<>]*>.*?(?:</\2\s*>|(\Z))",
    re.IGNORECASE | re.DOTALL,
)
"""What holds no elements; a group at the text's end says that it has none itself."""
_END = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_PAGE = re.compile(r"<(?:html|body)[\s>]", re.IGNORECASE)
_TAG_START = re.compile(r"<[/!a-z][^>]*\Z", re.IGNORECASE)
_TAG = re.compile(
    r"<(/?)(a|article|aside|blockquote|div|footer|form|h[1-6]|header|main|nav|ol|pre"
    r"|section|span|table|ul)[\s>]",
    re.IGNORECASE,
)
"""Of elements that HTML does not let end by themselves."""


def is_missing(text: str) -> bool:
    """Say whether the end of a web page, or of a part of one, is not there.

    A tag, comment or script without its end tells it, and of a whole page also an
    element; nobody knows where a part was to end.
    """
    bare = _APART.sub(_without, text)
    if _END.search(bare):
        return False
    if _TAG_START.match(bare, max(bare.rfind("<"), 0)):
        return True
    return _PAGE.search(bare) is not None and _has_open_element(bare)


def _without(match: re.Match[str]) -> str:
    return " " if match[1] is None and match[3] is None else "<!"


def _has_open_element(bare: str) -> bool:
    begun: Counter[str] = Counter()
    for tag in _TAG.finditer(bare):
        begun[tag[2].lower()] += -1 if tag[1] else 1
    return any(number > 0 for number in begun.values())
