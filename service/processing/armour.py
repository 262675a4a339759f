"""Binary files that travel as text: Base64, with or without lines around it."""

import re
from base64 import b64decode

_ARMOUR = re.compile(
    rb"\s*(?:-----BEGIN [A-Z0-9 #]{1,40}-----\s+)?(MI[A-Za-z0-9+/\s]{62,})"
)
"""RFC 7468, of a sequence (X.690) longer than 127 bytes, as all files of CMS are."""


def unarmoured(data: bytes) -> bytes:
    """Give the bytes that a text stands for, the text itself when it is no such one.

    Where the text breaks off, so do the bytes.
    """
    found = _ARMOUR.match(data)
    if found is None:
        return data
    encoded = b"".join(found[1].split())
    encoded = encoded[: len(encoded) - (len(encoded) % 4 == 1)]  # half a byte
    return b64decode(encoded + b"=" * (-len(encoded) % 4))
