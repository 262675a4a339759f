import io
import re
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen import canvas

from service.processing.context import Limits
from service.processing.formats.pdf_metadata import pdf_time
from service.processing.pipeline import StepReport
from tests.unit.processing.running import (
    SAMPLES,
    corpus,
    extract,
    issues,
    refusal,
    text,
)


def pdf(*pages: str, encrypt: StandardEncryption | None = None) -> bytes:
    target = io.BytesIO()
    document = canvas.Canvas(target, invariant=1, encrypt=encrypt)
    for page in pages:
        if page:
            document.drawString(72, 700, page)
        document.showPage()
    document.save()
    return target.getvalue()


def saved(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    return path


def test_pages_come_in_order_with_their_lengths(tmp_path: Path) -> None:
    outcome = extract(saved(tmp_path, pdf("First page", "Second")))

    assert text(outcome) == "First page\n\nSecond"
    assert [page["charCount"] for page in outcome.data["pages"]] == [10, 6]
    assert outcome.data["metadata"]["pageCount"] == 2
    assert outcome.status == "ok"


def test_metadata_is_what_the_file_says(tmp_path: Path) -> None:
    metadata = extract(SAMPLES / "invoice.pdf").data["metadata"]

    assert metadata["title"] == "Invoice HF-2026-04711"
    assert metadata["author"] == "Hartwell & Finch"
    assert metadata["createdAt"] == "2000-01-01T00:00:00.000Z"


def test_the_language_of_the_catalog_is_read(tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("Bonjour"))))
    writer.root_object[NameObject("/Lang")] = TextStringObject("fr-CH")
    target = io.BytesIO()
    writer.write(target)

    outcome = extract(saved(tmp_path, target.getvalue()))

    assert outcome.data["metadata"]["language"] == "fr-CH"


def test_fields_come_from_the_embedded_invoice() -> None:
    outcome = extract(SAMPLES / "invoice-facturx.pdf")

    fields = outcome.data["fields"]
    assert fields["total"] == {
        "value": "1658.38",
        "confidence": 1.0,
        "source": "xml",
        "evidence": {"page": None, "bboxPt": None, "text": "1658.38"},
        "ambiguous": False,
    }
    assert fields["issueDate"]["value"] == "2026-10-02"
    assert outcome.data["embedded"] == (
        {
            "name": "factur-x.xml",
            "mediaType": "application/xml",
            "sizeBytes": outcome.data["embedded"][0]["sizeBytes"],
            "role": "factur-x",
            "documentId": None,
        },
    )


def test_a_real_zugferd_invoice_gives_its_fields() -> None:
    fields = extract(corpus("EN16931_Einfach.pdf")).data["fields"]

    assert fields["invoiceNumber"]["value"] == "471102"
    assert fields["taxTotal"]["value"] == "56.87"
    assert fields["amountDue"]["value"] == "529.87"
    assert fields["vatId"]["value"] == "DE123456789"
    assert fields["dueDate"]["source"] == "text"


def test_an_attachment_that_is_no_invoice_is_only_listed() -> None:
    outcome = extract(corpus("fileAttachment.pdf"))

    assert [file["role"] for file in outcome.data["embedded"]] == ["attachment"]
    assert not any(outcome.data["fields"].values())


def test_broken_invoice_data_costs_the_fields_only(tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("Invoice 7"))))
    writer.add_attachment("factur-x.xml", b"<?xml version='1.0'?><broken")
    target = io.BytesIO()
    writer.write(target)

    outcome = extract(saved(tmp_path, target.getvalue()))

    assert text(outcome) == "Invoice 7"
    assert outcome.status == "degraded"
    assert [(error["code"], error["stage"]) for error in outcome.data["errors"]] == [
        ("corrupt", "fields")
    ]


@pytest.mark.parametrize("strength", [40, 128])
def test_a_password_is_named(tmp_path: Path, strength: int) -> None:
    lock = StandardEncryption("secret", ownerPassword="o", strength=strength)

    assert refusal(saved(tmp_path, pdf("Hidden", encrypt=lock))) == "encrypted"


def test_aes_encryption_is_named(tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("Hidden"))))
    writer.encrypt("secret", algorithm="AES-256")
    target = io.BytesIO()
    writer.write(target)

    assert refusal(saved(tmp_path, target.getvalue())) == "encrypted"


def test_a_real_protected_file_is_named() -> None:
    assert refusal(corpus("encryption_openpassword.pdf")) == "encrypted"


def test_owner_restrictions_do_not_hinder(tmp_path: Path) -> None:
    lock = StandardEncryption("", ownerPassword="owner", canCopy=0, canPrint=0)

    outcome = extract(saved(tmp_path, pdf("Readable by all", encrypt=lock)))

    assert text(outcome) == "Readable by all"
    assert outcome.status == "ok"


def test_an_unloadable_page_does_not_lose_the_document() -> None:
    outcome = extract(corpus("T02-02_007_page-tree-wrong-count.pdf"))

    assert outcome.status == "degraded"
    assert text(outcome)
    assert "PAGE_UNREADABLE" in issues(outcome)
    assert outcome.data["issues"][0]["page"] == 2


def test_a_damaged_file_that_opens_completes_saying_so(tmp_path: Path) -> None:
    whole = pdf("Still here")
    at = whole.rindex(b"startxref")

    shifted = whole[:at] + b"startxref\n7\n%%EOF\n"
    assert issues(extract(saved(tmp_path, shifted))) == ["REPAIRED"]
    cut = extract(saved(tmp_path, whole[:at]))
    assert issues(cut) == ["TRUNCATED"]
    assert text(cut) == "Still here"


def test_a_real_damaged_file_completes_saying_so() -> None:
    outcome = extract(corpus("corruptionOneByteMissing.pdf"))

    assert issues(outcome) == ["REPAIRED"]
    assert outcome.data["text"]["charCount"] > 200


def test_healthy_files_are_not_called_damaged() -> None:
    for name in ("text_only_fontsEmbeddedSubset.pdf", "fileAttachment.pdf"):
        assert issues(extract(corpus(name))) == []


def test_junk_around_a_pdf_does_no_harm(tmp_path: Path) -> None:
    content = b"HTTP/1.1 200 OK\r\n\r\n" + pdf("Inside") + b"\n<!-- served -->\n" * 20

    outcome = extract(saved(tmp_path, content))

    assert text(outcome) == "Inside"
    assert "TRUNCATED" not in issues(outcome)


def test_pdfminer_reads_what_pdfium_refuses(tmp_path: Path) -> None:
    lost_pages = re.sub(rb"/Pages \d+", b"/Pages 99", pdf("First", "Second"))

    outcome = extract(saved(tmp_path, lost_pages))

    assert text(outcome) == "First\n\nSecond"
    assert issues(outcome) == ["REPAIRED"]
    assert outcome.status == "degraded"
    assert outcome.data["engines"][0]["name"] == "pdfminer.six"


def test_an_earlier_password_is_not_blamed_on_a_broken_file(tmp_path: Path) -> None:
    lost_pages = re.sub(rb"/Pages \d+", b"/Pages 99", pdf("First"))
    refusal(SAMPLES / "payslip-protected.pdf")

    assert text(extract(saved(tmp_path, lost_pages))) == "First"


def test_the_second_opinion_has_a_page_budget(tmp_path: Path) -> None:
    many = pdf(*["page"] * 202)
    lost_pages = re.sub(rb"/Pages \d+ ", b"/Pages 9999 ", many)

    outcome = extract(saved(tmp_path, lost_pages))

    assert len(outcome.data["pages"]) == 200
    assert outcome.data["limitsHit"] == ("damaged_pages",)


def test_an_unknown_way_of_encryption_is_named(tmp_path: Path) -> None:
    lock = StandardEncryption("secret", ownerPassword="o", strength=128)
    content = pdf("Hidden", encrypt=lock).replace(
        b"/Filter /Standard", b"/Filter /Anothers"
    )

    assert refusal(saved(tmp_path, content)) == "encrypted"


def test_what_both_readers_refuse_is_corrupt(tmp_path: Path) -> None:
    assert (
        refusal(saved(tmp_path, b"%PDF-1.4\n" + b"no objects here\n" * 50)) == "corrupt"
    )
    assert refusal(SAMPLES / "report-cut.pdf") == "corrupt"


def test_too_many_pages_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, pdf(*["page"] * 6))

    assert refusal(path, limits=Limits(max_pages=5)) == "too_many_pages"


def test_a_claim_of_very_many_pages_is_refused_at_once(tmp_path: Path) -> None:
    content = pdf("page").replace(b"/Count 1", b"/Count 200000")

    assert refusal(saved(tmp_path, content)) == "too_many_pages"


def test_a_page_that_claims_to_be_huge_does_no_harm(tmp_path: Path) -> None:
    box = rb"/MediaBox \[[^\]]*\]"
    content, changed = re.subn(box, b"/MediaBox [0 0 2000000 2000000]", pdf("Poster"))
    assert changed == 1

    assert text(extract(saved(tmp_path, content))) == "Poster"


def test_a_blank_page_is_no_picture(tmp_path: Path) -> None:
    outcome = extract(saved(tmp_path, pdf("Text", "")))

    assert issues(outcome) == []


def test_a_scanned_page_among_text_is_named(tmp_path: Path) -> None:
    target = io.BytesIO()
    document = canvas.Canvas(target)
    document.drawString(72, 700, "A page with text")
    document.showPage()
    document.drawImage(str(SAMPLES / "receipt.png"), 0, 0)
    document.showPage()
    document.save()

    outcome = extract(saved(tmp_path, target.getvalue()))

    assert issues(outcome) == ["NO_TEXT_LAYER"]
    assert outcome.data["issues"][0]["page"] == 2
    assert outcome.status == "degraded"
    assert text(outcome) == "A page with text"


def test_the_pages_of_a_long_file_are_reported(tmp_path: Path) -> None:
    reports: list[StepReport] = []
    extract(saved(tmp_path, pdf(*["page"] * 30)), report=reports.append)

    pages = [report for report in reports if report.page is not None]
    assert pages[0].page == 1
    assert pages[0].pages == 30
    assert [report.step for report in reports if report.page is None] == [
        "sniff",
        "extract",
        "language",
        "codes",
        "entities",
        "fields",
        "previews",
    ]


def test_text_over_the_limit_stops_the_reading(tmp_path: Path) -> None:
    path = saved(tmp_path, pdf(*["a line of text"] * 9))

    outcome = extract(path, limits=Limits(max_text_chars=50))

    assert len(text(outcome)) == 50
    assert len(outcome.data["pages"]) < 9
    assert outcome.data["limitsHit"] == ("text_chars",)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("D:20220218171344+01'00'", "2022-02-18T16:13:44.000Z"),
        ("D:20220218171344-0530", "2022-02-18T22:43:44.000Z"),
        ("D:20220218171344Z", "2022-02-18T17:13:44.000Z"),
        ("20220218", "2022-02-18T00:00:00.000Z"),
        ("D:2022", "2022-01-01T00:00:00.000Z"),
        ("D:20221399", None),
        ("D:00010101000000+23'59'", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_pdf_dates_are_read(value: str | None, expected: str | None) -> None:
    assert pdf_time(value) == expected


def test_letters_that_a_font_does_not_name_are_said_to_be_missing(
    tmp_path: Path,
) -> None:
    whole = PdfWriter(clone_from=io.BytesIO(pdf("zw*lf Boxk*mpfer, 3* 4")))
    page = whole.pages[0]
    for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
        font.get_object()[NameObject("/Encoding")] = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Encoding"),
                NameObject("/Differences"): ArrayObject(
                    [NumberObject(1), NameObject("/g123")]
                ),
            }
        )
    content = page.get_contents()
    assert content is not None
    content.set_data(content.get_data().replace(b"*", b"\\001"))
    page[NameObject("/Contents")] = whole._add_object(content)  # noqa: SLF001
    target = io.BytesIO()
    whole.write(target)

    outcome = extract(saved(tmp_path, target.getvalue()))

    assert text(outcome) == "zwlf Boxkmpfer, 3 4"
    [issue] = outcome.data["issues"]
    assert (issue["code"], issue["page"]) == ("LETTERS_MISSING", 1)
    assert "(2)" in issue["message"]
