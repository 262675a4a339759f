"""Hostile pictures: bombs of pixels and of frames, cut files, what cameras leave."""

import io
import struct
import zlib
from collections.abc import Callable, Mapping

from PIL import Image

from tests.unit.processing.running import SAMPLES

Maker = Callable[[str], bytes]

FRAMES = 100_000


def _png(side: int) -> Maker:
    """Write a one-bit PNG of that many pixels each way."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack("!I", zlib.crc32(kind + data))
        return struct.pack("!I", len(data)) + kind + data + check

    def png(_: str) -> bytes:
        packer = zlib.compressobj(9)
        row = bytes(1 + -(-side // 8))
        data = b"".join(packer.compress(row) for _row in range(side)) + packer.flush()
        head = struct.pack("!IIBBBBB", side, side, 1, 0, 0, 0, 0)
        return (
            b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", head)
            + chunk(b"IDAT", data)
            + chunk(b"IEND", b"")
        )

    return png


def _cut(name: str) -> Maker:
    def cut(_: str) -> bytes:
        whole = (SAMPLES / name).read_bytes()
        return whole[: len(whole) // 2]

    return cut


def _gif_frames(_: str) -> bytes:
    """Write an animation of a hundred thousand frames of one pixel."""
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6)
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return head + frame * FRAMES + b"\x3b"


def _tiff_frames(_: str) -> bytes:
    """Write a hundred thousand directories that share one pixel."""
    entries = [
        *((256, 4, 1, 1), (257, 4, 1, 1), (258, 3, 1, 8), (259, 3, 1, 1)),
        *((262, 3, 1, 1), (273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, 1)),
        (279, 4, 1, 1),
    ]
    out = io.BytesIO()
    out.write(b"II*\x00" + struct.pack("<I", 10) + b"\x00\x00")
    size = 2 + 12 * len(entries) + 4
    for frame in range(FRAMES):
        out.write(struct.pack("<H", len(entries)))
        out.writelines(struct.pack("<HHII", *entry) for entry in entries)
        after = 10 + (frame + 1) * size if frame < FRAMES - 1 else 0
        out.write(struct.pack("<I", after))
    return out.getvalue()


def _endless_tiff(_: str) -> bytes:
    """Write a TIFF whose only directory says it comes after itself."""
    return b"II*\x00" + struct.pack("<IHHHIII", 8, 1, 256, 4, 1, 1, 8)


def _turned_with_place(_: str) -> bytes:
    with Image.open(SAMPLES / "invoice-photo.jpg") as picture:
        facts = picture.getexif()
        facts[0x0112] = 6
        facts.get_ifd(0x8825)[1] = "N"
        out = io.BytesIO()
        picture.save(out, "JPEG", exif=facts)
    return out.getvalue()


PICTURES: Mapping[str, Maker] = {
    "empty.png": lambda _: b"",
    "20000-square.png": _png(20_000),
    "60000-square.png": _png(60_000),
    "cut.jpg": _cut("invoice-photo.jpg"),
    "cut.tiff": _cut("fax.tiff"),
    "frames.gif": _gif_frames,
    "frames.tiff": _tiff_frames,
    "endless.tiff": _endless_tiff,
    "turned.jpg": _turned_with_place,
}
