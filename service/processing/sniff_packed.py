"""Tells apart what is packed into a zip or an OLE file, by their directories."""

import re
import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from service.processing.media_types import (
    DOCX_TYPE,
    ENCRYPTED_OFFICE_TYPE,
    OLE_TYPE,
    PPTX_TYPE,
    XLSX_TYPE,
    ZIP_TYPE,
)

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")

_OLE_STREAMS: tuple[tuple[str, str], ...] = (
    ("EncryptedPackage", ENCRYPTED_OFFICE_TYPE),
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("Book", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
    ("__properties_version1.0", "application/vnd.ms-outlook"),
)
_OLE_DIRECTORY_SECTORS = 256  # of 4 or 32 entries each; real files need a handful
_OLE_LAST_SECTOR = 0xFFFFFFFA  # from here on the numbers are marks ([MS-CFB] §2.1)
_OPEN_DOCUMENT = re.compile(rb"mimetype(application/vnd\.oasis\.opendocument\.[a-z-]+)")
_OFFICE_FOLDERS: tuple[tuple[bytes, str], ...] = (
    (b"word/", DOCX_TYPE),
    (b"xl/", XLSX_TYPE),
    (b"ppt/", PPTX_TYPE),
)
_CONTENT_TYPES = b"[Content_Types].xml"
_LOCAL_HEADER = re.compile(rb"PK\x03\x04.{26}([ -~]{1,100})", re.DOTALL)
_LOCAL_NAME_AT = 30
_TAIL_BYTES = 65_557  # end record plus the longest comment (APPNOTE §4.3.16)
_DIRECTORY_BYTES = 2_000_000  # of the directory are looked at: some 20 000 entries


def ole_type(file: BinaryIO, head: bytes) -> str:
    """Give the media type of an OLE file by the names of its streams."""
    try:
        names = set(_ole_names(file, head))
    except (struct.error, ValueError):
        return OLE_TYPE
    for stream, media_type in _OLE_STREAMS:
        if stream in names:
            return media_type
    return OLE_TYPE


def zip_type(file: BinaryIO, head: bytes) -> str:
    """Give the media type of a zip by the names of its parts.

    A zip that lost its directory is judged by the parts at its beginning.
    """
    match = _OPEN_DOCUMENT.match(head, _LOCAL_NAME_AT)
    if match is not None:
        # The next part's header follows without a gap: it begins with "PK".
        return match.group(1).decode("ascii")
    names = list(_directory_names(file)) or _LOCAL_HEADER.findall(head)
    return _office_type(names)


def _ole_names(file: BinaryIO, head: bytes) -> Iterator[str]:
    """Read the directory entries' names ([MS-CFB] §2.2, §2.3, §2.6)."""
    shift = struct.unpack_from("<H", head, 30)[0]
    if shift not in {9, 12}:
        raise ValueError(shift)
    size = 1 << shift
    fat_sectors = struct.unpack_from("<109I", head, 76)
    sector = struct.unpack_from("<I", head, 48)[0]
    for _ in range(_OLE_DIRECTORY_SECTORS):
        file.seek((sector + 1) * size)
        block = file.read(size)
        for start in range(0, len(block) - 127, 128):
            length = min(struct.unpack_from("<H", block, start + 64)[0], 64)
            raw = block[start : start + max(length - 2, 0)]
            yield raw.decode("utf-16-le", "replace")
        index, place = divmod(sector, size // 4)
        if index >= len(fat_sectors):
            return
        file.seek((fat_sectors[index] + 1) * size + 4 * place)
        sector = struct.unpack("<I", file.read(4))[0]
        if sector >= _OLE_LAST_SECTOR:
            return


def _directory_names(file: BinaryIO) -> Iterator[bytes]:
    """Read the names in a zip's central directory (APPNOTE §4.3.12, §4.3.16)."""
    size = file.seek(0, 2)
    file.seek(max(size - _TAIL_BYTES, 0))
    tail = file.read(_TAIL_BYTES)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + 20 > len(tail):
        return
    length = struct.unpack_from("<I", tail, at + 12)[0]
    start = size - len(tail) + at - length
    if start < 0:
        return
    file.seek(start)
    directory = file.read(min(length, _DIRECTORY_BYTES))
    place = 0
    while directory.startswith(b"PK\x01\x02", place) and place + 46 <= len(directory):
        name, extra, comment = struct.unpack_from("<3H", directory, place + 28)
        yield directory[place + 46 : place + 46 + name]
        place += 46 + name + extra + comment


def _office_type(names: Iterable[bytes]) -> str:
    present = list(names)
    if any(name.startswith(_CONTENT_TYPES) for name in present):
        for folder, media_type in _OFFICE_FOLDERS:
            if any(name.startswith(folder) for name in present):
                return media_type
    return ZIP_TYPE
