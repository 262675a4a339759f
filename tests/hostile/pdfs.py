"""Hostile PDFs: bombs, lies about size, damage, passwords, things that act."""

import io
import random
import struct
import zlib
from collections.abc import Callable, Mapping

from pypdf import PdfReader, PdfWriter

from tests.unit.processing.running import SAMPLES

Maker = Callable[[str], bytes]


def _document(*objects: bytes, root: int = 1) -> bytes:
    """Write objects, numbered from 1, with a right table of contents."""
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    out.write(b"trailer\n<</Size %d/Root %d 0 R>>\n" % (size, root))
    out.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def _stream(data: bytes, extra: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (extra, len(data), data)


def _page(content: bytes, *more: bytes, box: bytes = b"0 0 595 842") -> bytes:
    """Write one page, its content being object 4 and `more` following it."""
    resources = b"/Resources<</Font<</F 5 0 R>>/XObject<</X0 6 0 R>>>>"
    return _document(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R%s>>" % (box, resources),
        content,
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *more,
    )


def _deflated(piece: bytes, times: int) -> bytes:
    """Compress a piece repeated so often; it is compressed once."""
    packer = zlib.compressobj(9)
    first = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    check = zlib.adler32(b"")
    for _time in range(times):
        check = zlib.adler32(piece, check)
    end = b"\x03\x00" + struct.pack("!I", check)  # an empty last block (RFC 1951)
    return first + again * (times - 1) + end


def _flate_of_operators(_: str) -> bytes:
    data = _deflated(b"0 0 m 1 1 l S\n" * 4_681, 4_096)  # 256 MB
    return _page(_stream(data, b"/Filter/FlateDecode"))


def _flate_of_spaces(_: str) -> bytes:
    data = _deflated(b" " * (1 << 20), 2_048)  # 2 GB
    return _page(_stream(data, b"/Filter/FlateDecode"))


def _flate_in_flate(_: str) -> bytes:
    data = zlib.compress(_deflated(b" " * (1 << 20), 2_048), 9)
    return _page(_stream(data, b"/Filter[/FlateDecode/FlateDecode]"))


def _exponential_forms(_: str) -> bytes:
    """Forms that each draw the next one ten times: 10 to the 12th."""
    forms = []
    for level in range(12):
        uses = b"/X%d Do " % (level + 1) * 10 if level < 11 else b"0 0 m 9 9 l S"
        resources = b"/Resources<</XObject<</X%d %d 0 R>>>>" % (level + 1, level + 7)
        extra = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]" + resources
        forms.append(_stream(uses, extra))
    return _page(_stream(b"/X0 Do"), *forms)


def _huge_page(_: str) -> bytes:
    text = _stream(b"BT /F 12 Tf 9 9 Td (small) Tj ET")
    return _page(text, box=b"0 0 2000000 2000000")


def _many_pages(_: str) -> bytes:
    number = 200_000
    kids = b" ".join(b"%d 0 R" % (each + 3) for each in range(number))
    return _document(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, number),
        *[b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"] * number,
    )


def _one_bit_picture(_: str) -> bytes:
    side = 30_000
    data = _deflated(bytes(side // 8), side)
    extra = (
        b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 1"
        b"/ColorSpace/DeviceGray/Filter/FlateDecode" % (side, side)
    )
    drawn = _stream(b"q 595 0 0 842 0 0 cm /X0 Do Q")
    return _page(drawn, _stream(data, extra))


def _nested_arrays(_: str) -> bytes:
    depth = 200_000
    return _page(_stream(b"BT (x) Tj ET"), b"[" * depth + b"]" * depth)


def _invisible_text(_: str) -> bytes:
    content = b"BT /F 12 Tf 50 800 Td (seen) Tj 3 Tr 0 -20 Td (unseen words) Tj ET"
    return _page(_stream(content))


def _acting(address: str) -> bytes:
    where = address.encode()
    return _document(
        b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"
        b"/AA<</WC<</S/URI/URI(%s/closed)>>>>>>" % where,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Annots[<</Type/Annot"
        b"/Subtype/Link/Rect[0 0 9 9]/A<</S/Launch/F(%s/launched)>>>>]>>" % where,
    )


def _cut(share: float) -> Maker:
    def cut(_: str) -> bytes:
        whole = (SAMPLES / "report-tables.pdf").read_bytes()
        return whole[: int(len(whole) * share)]

    return cut


def _changed(seed: int) -> Maker:
    def changed(_: str) -> bytes:
        content = bytearray((SAMPLES / "invoice-facturx.pdf").read_bytes())
        chance = random.Random(seed)
        for _place in range(200):
            content[chance.randrange(len(content))] = chance.randrange(256)
        return bytes(content)

    return changed


def _protected(algorithm: str) -> Maker:
    def protected(_: str) -> bytes:
        reader = PdfReader(SAMPLES / "invoice.pdf")
        writer = PdfWriter(clone_from=reader)
        writer.encrypt("secret", algorithm=algorithm)
        out = io.BytesIO()
        writer.write(out)
        return out.getvalue()

    return protected


def _junk_before(_: str) -> bytes:
    return b"junk\n" * 100 + (SAMPLES / "invoice.pdf").read_bytes()


PDFS: Mapping[str, Maker] = {
    "empty.pdf": lambda _: b"",
    "flate-of-operators.pdf": _flate_of_operators,
    "flate-of-spaces.pdf": _flate_of_spaces,
    "flate-in-flate.pdf": _flate_in_flate,
    "exponential-forms.pdf": _exponential_forms,
    "huge-page.pdf": _huge_page,
    "many-pages.pdf": _many_pages,
    "one-bit-picture.pdf": _one_bit_picture,
    "nested-arrays.pdf": _nested_arrays,
    "invisible-text.pdf": _invisible_text,
    "acting.pdf": _acting,
    "junk-before.pdf": _junk_before,
    **{f"cut-{share}.pdf": _cut(share / 100) for share in (10, 50, 90, 99)},
    **{f"changed-{seed}.pdf": _changed(seed) for seed in range(8)},
    **{
        f"password-{name}.pdf": _protected(name)
        for name in ("RC4-40", "RC4-128", "AES-128", "AES-256-R5", "AES-256")
    },
}
