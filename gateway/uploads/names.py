"""Which names files may have."""

import re
import unicodedata
from typing import Final

MAX_NAME_BYTES: Final = 255
"""What common file systems hold."""

_WHOLE_WINDOWS_PATH: Final = re.compile(r'filename="?(?:[A-Za-z]:\\|\\\\)')
_DIRECTION: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that make ``gpj.exe`` look like ``exe.jpg``."""
_LINES: Final = frozenset("\u2028\u2029")


def is_windows_path(disposition: str) -> bool:
    """Whether the file name in a Content-Disposition header is a path with a drive.

    Form parsers silently keep its last part only, for a browser of 2001.
    """
    return _WHOLE_WINDOWS_PATH.search(disposition) is not None


def decoded_name(raw: bytes) -> str | None:
    """Read a name as UTF-8 with the escapes of HTML forms; None if it is not UTF-8."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    for escape, character in (("%22", '"'), ("%0D", "\r"), ("%0A", "\n")):
        text = text.replace(escape, character)
    return text


def fault_of(name: str) -> str | None:
    """Say what is wrong with a file's name; None if nothing is."""
    if not name.strip():
        return "The file has no name."
    if "/" in name or "\\" in name or name in {".", ".."}:
        return "The name has path parts; send the bare name."
    for place, character in enumerate(name):
        if unicodedata.category(character) == "Cc" or character in _LINES:
            code = f"U+{ord(character):04X}"
            return f"The name has a control character ({code}) at position {place}."
        if character in _DIRECTION:
            code = f"U+{ord(character):04X}"
            return f"The name changes its reading direction ({code}) at {place}."
    if len(name.encode()) > MAX_NAME_BYTES:
        return f"The name is longer than {MAX_NAME_BYTES} bytes."
    return None
