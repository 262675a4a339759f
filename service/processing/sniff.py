"""Says what a file is by its content; its name and declared type are not asked.

Own code, because every library measured misjudged at least one of the few formats that
matter here. Bounded: reads the head, a zip's directory or an OLE file's directory.
"""

import re
from pathlib import Path
from typing import BinaryIO

from service.processing import sniff_packed, sniff_text
from service.processing.armour import unarmoured
from service.processing.media_types import (
    EMPTY_TYPE,
    ENCRYPTED_OFFICE_TYPE,
    RTF_TYPE,
    SIGNED_TYPE,
)

HEAD_BYTES = 65_536

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),
    (b"MM\0+", "image/tiff"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"{\\rtf", RTF_TYPE),
)
_BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    **dict.fromkeys(
        (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"), "image/heic"
    ),
}
"""Pictures among the files of ISO/IEC 14496-12, by their first brand; no reader is
there for them."""
_CMS = re.compile(rb"\x30.{1,5}\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07(.)", re.DOTALL)
"""How a message of RFC 5652 begins: a sequence, and what it is (§4 and on)."""
_CMS_TYPES = {b"\x02": SIGNED_TYPE, b"\x03": ENCRYPTED_OFFICE_TYPE}
_CMS_WITHIN = 256
_PDF = re.compile(rb"%PDF-\d")
_PDF_WITHIN = 1_024  # PDF readers accept junk before "%PDF-" up to here


def sniff_file(path: Path) -> str:
    """Give the media type of the file at `path` by its content.

    Never raises for what is in the file: ``application/octet-stream`` is what nothing
    fits, ``application/x-empty`` a file without a byte.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        return sniff(file)


def sniff(file: BinaryIO) -> str:
    """Give the media type of an open, seekable file; see `sniff_file`."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if not head:
        return EMPTY_TYPE
    known = _by_magic(head)
    if known is not None:
        return known
    if head.startswith(sniff_packed.OLE_MAGIC):
        return sniff_packed.ole_type(file, head)
    if head.startswith(sniff_packed.ZIP_MAGICS):
        return sniff_packed.zip_type(file, head)
    if _PDF.search(head[:_PDF_WITHIN]):
        return "application/pdf"  # after archives, which may begin with a PDF inside
    return sniff_text.text_type(head)


def _by_magic(head: bytes) -> str | None:
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if cms := _CMS.match(unarmoured(head[:_CMS_WITHIN])):
        return _CMS_TYPES.get(cms[1])
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12])
    if head.startswith(b"BM") and head[6:10] == b"\0\0\0\0" and len(head) > 26:
        return "image/bmp"
    return None
