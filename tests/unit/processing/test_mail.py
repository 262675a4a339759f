from email.message import EmailMessage
from pathlib import Path

import pytest

from service.processing.context import Limits
from tests.unit.processing.ole import message_msg
from tests.unit.processing.readers import read
from tests.unit.processing.running import (
    SAMPLES,
    corpus,
    extract,
    refusal,
    text,
)

HEAD = "From: a@b.example\r\nTo: c@d.example\r\nSubject: Hi\r\n"


def saved(tmp_path: Path, content: bytes | str, name: str = "a.eml") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_mail_gives_headers_body_and_attachment() -> None:
    outcome = extract(SAMPLES / "mail-with-invoice.eml")

    assert "Subject: Your invoice HF-2026-04711" in text(outcome)
    assert "the table follows on\nThursday" in text(outcome)
    assert outcome.data["metadata"]["title"] == "Your invoice HF-2026-04711"
    assert outcome.data["metadata"]["createdAt"] == "2026-09-14T15:20:00.000Z"
    attached = outcome.data["embedded"][0]
    assert attached["name"] == "invoice-HF-2026-04711.pdf"
    assert attached["mediaType"] == "application/pdf"
    assert attached["sizeBytes"] == (SAMPLES / "invoice.pdf").stat().st_size


def test_a_real_mail_is_read() -> None:
    outcome = extract(corpus("mailgun_pdf_attachment.eml"))

    assert "body content" in text(outcome)
    assert [file["name"] for file in outcome.data["embedded"]] == ["test.pdf"]


def test_a_mail_in_html_is_read_as_text(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@b.example", "c@d.example", "Größe"
    mail.set_content("<p>Hello <b>Ann</b></p><p>Bye</p>", subtype="html")

    outcome = extract(saved(tmp_path, mail.as_bytes()))

    assert text(outcome).endswith("Subject: Größe\n\nHello Ann\nBye")


def test_a_mail_stored_as_utf16_is_read(tmp_path: Path) -> None:
    content = f"{HEAD}Content-Type: text/plain\r\n\r\nGrüße".encode("utf-16")

    outcome = extract(saved(tmp_path, content))

    assert outcome.media_type == "message/rfc822"
    assert text(outcome).endswith("Grüße")


@pytest.mark.parametrize(
    "charset", ["utf-8", "x-unknown", "utf-16", "iso-8859-1", "zlib"]
)
def test_a_wrong_charset_loses_no_mail(tmp_path: Path, charset: str) -> None:
    content = f'{HEAD}Content-Type: text/plain; charset="{charset}"\r\n\r\n'.encode()

    outcome = extract(saved(tmp_path, content + "Grüße aus Köln".encode("latin-1")))

    assert outcome.status == "ok"


@pytest.mark.parametrize(
    "header",
    [
        "Date: never",
        "Date: Mon, 99 Foo 2026 99:99:99 +9999",
        "Subject: =?utf-8?b?broken",
        "From: <<>>",
        "Content-Type: multipart/mixed",
        "Content-Type: text/plain; charset*=x''y%",
        "Content-Transfer-Encoding: uuencode",
        "Content-Disposition: attachment; filename*0*=utf-8''%",
    ],
)
def test_broken_headers_lose_no_mail(tmp_path: Path, header: str) -> None:
    outcome = extract(saved(tmp_path, f"{HEAD}{header}\r\n\r\nBody"))

    assert outcome.data["metadata"]["title"] is not None


def test_attachment_names_lose_folders_and_control_characters(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@b.example", "c@d.example", "x"
    mail.set_content("see attachment")
    names = ("../../etc/passwd", "a\u202etxt.exe", "b" * 400)
    for name in names:
        mail.add_attachment(b"x", maintype="text", subtype="x", filename=name)

    outcome = extract(saved(tmp_path, mail.as_bytes()))

    assert [file["name"] for file in outcome.data["embedded"]] == [
        "passwd",
        "atxt.exe",
        "b" * 255,
    ]


def test_a_mail_within_a_mail_is_listed(tmp_path: Path) -> None:
    inner = EmailMessage()
    inner["Subject"] = "inner"
    inner.set_content("secret of the inner mail")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@b.example", "c@d.example", "outer"
    mail.set_content("outer text")
    mail.add_attachment(inner)

    outcome = extract(saved(tmp_path, mail.as_bytes()))

    assert [file["mediaType"] for file in outcome.data["embedded"]] == [
        "message/rfc822"
    ]
    assert "outer text" in text(outcome)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_mailbox_is_its_first_message_and_lists_the_others(
    tmp_path: Path, end: str
) -> None:
    header = "Message-ID: <{0}>\nFrom: a@b.org\nSubject: Number {0}\n\nText {0}\n"
    separator = "From a@b.org Mon Mar  2 10:00:00 2026\n"
    messages = [separator + header.format(number) for number in range(3)]
    messages[0] += "\nFrom here on\nnothing new: in Rome.\n"
    messages[0] += "\nFrom A. Miller\nSent: on Monday\n"

    outcome = extract(saved(tmp_path, "\n".join(messages).replace("\n", end), "a.mbox"))

    assert outcome.data["metadata"]["title"] == "Number 0"
    assert "nothing new" in text(outcome)
    assert "Sent: on Monday" in text(outcome)
    assert "Text 1" not in text(outcome)
    assert [each["mediaType"] for each in outcome.data["embedded"]] == [
        "message/rfc822",
        "message/rfc822",
    ]


REPORT = b"""From: a@b.org
Subject: Not delivered
Content-Type: multipart/signed; boundary=s

--s
Content-Type: multipart/report; report-type=delivery-status; boundary=r

--r
Content-Type: text/plain

Sorry.
--r
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; c@d.example
Status: 5.1.1
--r--
--s
Content-Type: application/pkcs7-signature; name=smime.p7s
Content-Transfer-Encoding: base64

MIAGCSqGSIb3DQEHAqCAMIACAQEAAAAAAAA=
--s--
"""


def test_a_report_is_a_file_and_a_signature_no_document(tmp_path: Path) -> None:
    report, signature = read(saved(tmp_path, REPORT), expand_attachments=True).embedded

    assert report.name == "report.txt"
    assert report.data is not None
    assert (
        report.data.split()
        == (
            b"Reporting-MTA: dns; mx.example Final-Recipient: rfc822; c@d.example "
            b"Status: 5.1.1"
        ).split()
    )
    assert (signature.name, signature.data) == ("smime.p7s", None)


def test_attachments_over_the_limit_are_named(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@b.example", "c@d.example", "x"
    mail.set_content("many")
    for number in range(5):
        mail.add_attachment(b"x", maintype="text", subtype="x", filename=f"{number}")

    outcome = extract(saved(tmp_path, mail.as_bytes()), limits=Limits(max_embedded=3))

    assert len(outcome.data["embedded"]) == 3
    assert outcome.data["limitsHit"] == ("embedded",)


def test_thousands_of_nested_parts_are_refused(tmp_path: Path) -> None:
    parts = "".join(
        f'Content-Type: multipart/mixed; boundary="{n}"\r\n\r\n--{n}\r\n'
        for n in range(3_000)
    )

    assert refusal(saved(tmp_path, HEAD + parts)) == "corrupt"


def test_an_outlook_message_is_read(tmp_path: Path) -> None:
    content = message_msg(
        subject="Angebot", body="Guten Tag", sender="a@b.example", attached=b"notes"
    )

    outcome = extract(saved(tmp_path, content, "a.msg"))

    assert text(outcome) == "From: <a@b.example>\nSubject: Angebot\n\nGuten Tag"
    assert outcome.data["metadata"]["title"] == "Angebot"
    assert outcome.data["embedded"][0]["name"] == "notes.txt"


def test_half_an_outlook_message_is_refused(tmp_path: Path) -> None:
    content = message_msg(subject="s", body="b", sender="a@b.example", attached=b"x")

    for size in (512, 1_500, 2_500):
        code = refusal(saved(tmp_path, content[:size], "a.msg"))
        assert code in {"corrupt", "unsupported_type"}
