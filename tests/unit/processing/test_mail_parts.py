"""What is in mails beside their text, and mails inside mails."""

import struct
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

import pytest

from service.processing.formats.content import Content
from tests.unit.processing.ole import inner_message, message_msg, ole_file
from tests.unit.processing.readers import read, structure
from tests.unit.processing.running import SAMPLES, extract, issues, refusal

HEAD = "From: a@b.example\r\nTo: c@d.example\r\nSubject: Hi\r\n"


def mail_of(body: str = "Hello", subject: str = "Hi") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@b.example", "c@d.example", subject
    mail.set_content(body)
    return mail


def read_mail(tmp_path: Path, content: bytes, *, expand: bool = False) -> Content:
    path = tmp_path / "a.eml"
    path.write_bytes(content)
    return read(path, expand_attachments=expand)


def test_attachments_come_with_their_content_when_asked_for() -> None:
    path = SAMPLES / "mail-with-invoice.eml"

    assert read(path).embedded[0].data is None
    expanded = read(path, expand_attachments=True).embedded[0]
    assert expanded.data == (SAMPLES / "invoice.pdf").read_bytes()


def test_a_mail_within_a_mail_comes_as_it_was(tmp_path: Path) -> None:
    inner = mail_of("inner text", "Grüße")
    inner.add_attachment(b"deep", maintype="text", subtype="x", filename="deep.txt")
    outer = mail_of()
    outer.add_attachment(inner)

    (file,) = read_mail(tmp_path, outer.as_bytes(), expand=True).embedded

    assert (file.name, file.media_type) == ("message.eml", "message/rfc822")
    assert file.data is not None
    assert message_from_bytes(file.data)["To"] == "c@d.example"
    assert file.size_bytes == len(file.data)
    again = read_mail(tmp_path, file.data, expand=True)
    assert "inner text" in again.pages[0].text
    assert [each.data for each in again.embedded] == [b"deep"]


def test_mails_in_mails_end(tmp_path: Path) -> None:
    content = mail_of().as_bytes()
    for _ in range(20):
        outer = mail_of()
        outer.add_attachment(message_from_bytes(content, policy=outer.policy))
        content = outer.as_bytes()

    depth = 0
    while files := read_mail(tmp_path, content, expand=True).embedded:
        (file,) = files
        assert file.data is not None
        assert len(file.data) < len(content)
        content, depth = file.data, depth + 1

    assert depth == 20


def test_hundreds_of_nested_mails_end_with_a_name_or_a_result(tmp_path: Path) -> None:
    head = "From: a@b.example\r\nTo: b@c.example\r\nSubject: x\r\n"
    path = tmp_path / "a.eml"
    for depth in (50, 3_000):
        nested = f"{head}Content-Type: message/rfc822\r\n\r\n" * depth
        path.write_text(f"{nested}{head}\r\nend", newline="")
        if depth == 50:
            assert len(read(path).embedded) == 1
        else:
            assert refusal(path) == "corrupt"


def test_attachments_deep_in_a_mail_are_found_and_logos_are_not(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@b.example", "c@d.example", "x"
    mail.set_content("plain")
    mail.add_alternative("<p>html <img src='cid:logo'></p>", subtype="html")
    html = mail.get_body(preferencelist=("html",))
    assert html is not None
    html.add_related(b"\x89PNG", maintype="image", subtype="png", cid="<logo>")
    mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf")

    files = read_mail(tmp_path, mail.as_bytes()).embedded

    assert [file.media_type for file in files] == ["application/pdf"]


def test_the_html_speaks_when_the_plain_text_is_silent(tmp_path: Path) -> None:
    mail = mail_of("   ")
    mail.add_alternative(
        "<h1>Order</h1><table><tr><td>Pen</td><td>2.00</td></tr></table>",
        subtype="html",
    )

    page = read_mail(tmp_path, mail.as_bytes()).pages[0]

    assert structure(page)[1:] == ["h1 Order", "table"]
    assert page.text.endswith("\n\nOrder\nPen\t2.00")


def test_pictures_from_outside_are_named_whichever_text_is_read(tmp_path: Path) -> None:
    mail = mail_of("plain")
    mail.add_alternative("<img src='http://a.example/pixel.gif'>", subtype="html")

    safety = read_mail(tmp_path, mail.as_bytes()).safety

    assert safety.external_references == ("http://a.example/pixel.gif",)


def test_the_encoding_of_the_body_is_told(tmp_path: Path) -> None:
    body = "Content-Type: text/plain\r\n\r\nGrüße aus der Straße".encode("latin-1")

    content = read_mail(tmp_path, HEAD.encode() + body)

    assert content.encoding == "iso-8859-1"
    assert content.encoding_confidence == 0.9


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/encrypted; protocol=application/pgp-encrypted; boundary=b",
        "application/pkcs7-mime; smime-type=enveloped-data",
        "application/x-pkcs7-mime; smime-type=Enveloped-Data; name=smime.p7m",
    ],
)
def test_encrypted_mails_are_named(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.eml"
    path.write_text(f"{HEAD}Content-Type: {kind}\r\n\r\nMIAGCSqGSIb3", newline="")

    assert refusal(path) == "encrypted"


def test_a_signed_mail_is_read(tmp_path: Path) -> None:
    kind = "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m"
    content = f"{HEAD}Content-Type: {kind}\r\n\r\nMIAGCSqGSIb3"

    assert len(read_mail(tmp_path, content.encode()).embedded) == 1


def test_messages_inside_outlook_messages_become_mails(tmp_path: Path) -> None:
    path = tmp_path / "a.msg"
    path.write_bytes(
        message_msg(
            subject="outer",
            body="outer text",
            sender="a@b.example",
            attached=b"notes",
            inner=inner_message(subject="inner", body="inner text", attached=b"deep"),
        )
    )

    files = read(path, expand_attachments=True).embedded

    assert [file.name for file in files] == ["notes.txt", "inner.eml"]
    assert files[1].data is not None
    again = read_mail(tmp_path, files[1].data, expand=True)
    assert again.pages[0].text.endswith("inner text")
    assert again.metadata.title == "inner"
    assert [file.data for file in again.embedded] == [b"deep"]


def test_a_rich_body_that_cannot_be_unpacked_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.msg"
    path.write_bytes(
        message_msg(
            subject="s", body="", sender="a@b.example", attached=b"x", rich_text=b"{}"
        )
    )

    outcome = extract(path)

    assert issues(outcome) == ["PART_UNREADABLE"]
    assert outcome.status == "degraded"


@pytest.mark.parametrize("wrap", [b"", b"\\fromhtml1 "])
def test_rich_messages_inside_outlook_messages_become_mails(
    tmp_path: Path, wrap: bytes
) -> None:
    rich = b"{\\rtf1 " + wrap + b"inner text}"
    header = struct.pack("<IIII", 0, len(rich), 0x414C454D, 0)
    inner = inner_message(subject="i", body="", attached=b"x", rich_text=header + rich)
    path = tmp_path / "a.msg"
    path.write_bytes(
        message_msg(
            subject="s", body="b", sender="a@b.example", attached=b"y", inner=inner
        )
    )

    (_, file) = read(path, expand_attachments=True).embedded

    assert file.data is not None
    assert read_mail(tmp_path, file.data).pages[0].text.endswith("inner text")


def test_a_message_without_anything_in_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.msg"
    path.write_bytes(ole_file({"__properties_version1.0": b"x" * 40}))

    assert read(path).pages[0].text == ""
