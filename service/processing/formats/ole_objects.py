"""Takes files out of the OLE objects in which office documents keep them."""

import struct
from io import BytesIO

import olefile

from service.processing.sniff_packed import OLE_MAGIC

_NATIVE = "\x01Ole10Native"
_WHOLE = ("Package", "CONTENTS")
"""Streams that are the embedded file as it was: of Office, and of Acrobat."""


def unwrapped(data: bytes) -> tuple[str | None, bytes]:
    """Give the file inside an OLE object with its name, where the object knows one.

    What is no such object, or holds none, is given as it is.
    """
    if not data.startswith(OLE_MAGIC):
        return None, data
    try:
        with olefile.OleFileIO(BytesIO(data)) as ole:
            if ole.exists(_NATIVE):
                return _native(ole.openstream(_NATIVE).read())
            for name in _WHOLE:
                if ole.exists(name):
                    return None, ole.openstream(name).read()
    except (OSError, struct.error, ValueError, IndexError, TypeError, AttributeError):
        # olefile raises any of these over damaged objects.
        return None, data
    return None, data


def _native(stream: bytes) -> tuple[str | None, bytes]:
    """Read a packaged file ([MS-OLEDS] §2.3.6; its inner layout is Packager's)."""
    label_end = stream.index(b"\0", 6)
    path_end = stream.index(b"\0", label_end + 1)
    (length,) = struct.unpack_from("<I", stream, path_end + 5)
    at = path_end + 9 + length
    (size,) = struct.unpack_from("<I", stream, at)
    name = stream[6:label_end] or stream[label_end + 1 : path_end]
    return name.decode("cp1252", "replace"), stream[at + 4 : at + 4 + size]
