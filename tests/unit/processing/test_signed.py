"""Files and mails inside their signatures (CMS)."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.processing.readers import read
from tests.unit.processing.running import SAMPLES, extract, issues, refusal, text

OID = bytes.fromhex("2a864886f70d0107")
INVOICE = b"""<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:c="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <c:ID>RE-7</c:ID><c:IssueDate>2026-03-05</c:IssueDate></Invoice>"""

Encode = Callable[..., bytes]


def der(tag: int, *content: bytes) -> bytes:
    whole = b"".join(content)
    size = len(whole)
    if size < 128:
        return bytes([tag, size]) + whole
    length = size.to_bytes(3, "big")
    return bytes([tag, 0x80 + len(length)]) + length + whole


def ber(tag: int, *content: bytes) -> bytes:
    """Write it as programs do that do not know the size beforehand."""
    if tag == 0x04:
        pieces = [der(0x04, content[0][at : at + 100]) for at in range(0, 300, 100)]
        return bytes([0x24, 0x80]) + b"".join(pieces) + b"\0\0"
    if not tag & 0x20:
        return der(tag, *content)
    return bytes([tag, 0x80]) + b"".join(content) + b"\0\0"


def pieces_of_pieces(tag: int, *content: bytes) -> bytes:
    """Write a string that many times over comes in pieces, of which there is one."""
    if tag == 0x04:
        return b"\x24\x80" * 50 + der(tag, *content) + b"\0\0" * 50
    return der(tag, *content)


def signed(content: bytes | None, write: Encode = der, *, kind: int = 2) -> bytes:
    octets = [] if content is None else [write(0xA0, write(0x04, content))]
    enclosed = write(0x30, write(0x06, OID + b"\x01"), *octets)
    inside = (write(0x02, b"\x01"), write(0x31), enclosed, write(0x31))
    return write(
        0x30,
        write(0x06, OID + bytes([kind])),
        write(0xA0, write(0x30, *inside)),
    )


def saved(tmp_path: Path, content: bytes, name: str = "IT1_7.xml.p7m") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("write", [der, ber])
def test_a_signed_invoice_has_its_fields(tmp_path: Path, write: Encode) -> None:
    outcome = extract(saved(tmp_path, signed(INVOICE, write)))

    assert (outcome.media_type, issues(outcome)) == ("application/pkcs7-mime", [])
    assert text(outcome) == "RE-7\n2026-03-05"
    assert outcome.data["fields"]["invoiceNumber"]["value"] == "RE-7"
    assert outcome.data["fields"]["invoiceNumber"]["source"] == "xml"


def in_lines(content: bytes) -> bytes:
    return base64.encodebytes(content)


def in_pem(content: bytes) -> bytes:
    return b"-----BEGIN PKCS7-----\r\n%b-----END PKCS7-----\r\n" % in_lines(content)


@pytest.mark.parametrize("write", [der, ber])
@pytest.mark.parametrize("armour", [base64.b64encode, in_lines, in_pem])
def test_a_signed_invoice_may_come_as_text(
    tmp_path: Path, armour: Callable[[bytes], bytes], write: Encode
) -> None:
    outcome = extract(saved(tmp_path, armour(signed(INVOICE, write))))

    assert outcome.media_type == "application/pkcs7-mime"
    assert outcome.data["fields"]["invoiceNumber"]["value"] == "RE-7"


def test_a_signed_text_that_breaks_off_is_corrupt(tmp_path: Path) -> None:
    whole = base64.b64encode(signed(INVOICE))

    for length in (150, 151, 152, 153):
        assert refusal(saved(tmp_path, whole[:length])) == "corrupt"


def test_what_else_was_signed_is_listed_and_can_be_a_document(tmp_path: Path) -> None:
    pdf = (SAMPLES / "invoice.pdf").read_bytes()
    path = saved(tmp_path, signed(pdf), "offer.pdf.P7M")

    outcome = extract(path)

    [listed] = outcome.data["embedded"]
    assert (listed["name"], listed["mediaType"]) == ("offer.pdf", "application/pdf")
    assert listed["sizeBytes"] == len(pdf)
    assert text(outcome) == "offer.pdf"
    [kept] = read(path, expand_attachments=True).embedded
    assert kept.data == pdf


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    whole = signed(INVOICE)

    assert refusal(saved(tmp_path, signed(None))) == "unsupported_type"
    assert refusal(saved(tmp_path, whole[:-9])) == "corrupt"
    assert refusal(saved(tmp_path, whole[:20])) == "corrupt"
    assert refusal(saved(tmp_path, signed(INVOICE, kind=3))) == "encrypted"
    assert refusal(saved(tmp_path, signed(INVOICE, pieces_of_pieces))) == "corrupt"
    deep = b"\x30\x80" + der(0x06, OID + b"\x02") + b"\xa0\x80" * 9_000
    assert refusal(saved(tmp_path, deep)) == "corrupt"


def test_a_mail_inside_its_signature_is_read(tmp_path: Path) -> None:
    body = b"Content-Type: text/plain; charset=utf-8\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n"
    head = (
        b"From: a@b.example\nTo: c@d.example\nSubject: Signed\n"
        b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m"
        b"\nContent-Transfer-Encoding: base64\n\n"
    )
    inside = base64.encodebytes(signed(body))
    broken = base64.encodebytes(signed(body)[:-9])

    outcome = extract(saved(tmp_path, head + inside, "a.eml"))

    assert text(outcome).endswith("Subject: Signed\n\nGrüße")
    assert outcome.data["embedded"] == ()
    outcome = extract(saved(tmp_path, head + broken, "a.eml"))
    assert [each["name"] for each in outcome.data["embedded"]] == ["smime.p7m"]
