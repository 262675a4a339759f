from pathlib import Path

import pytest

from service.processing.results import Code, Fields
from tests.unit.processing.fields.documents import Read, read
from tests.unit.processing.running import SAMPLES

QR = (
    "SPC\n0200\n1\nCH5800791123000889012\nS\nRobert Schneider AG\n\n\n\n\nCH\n\n\n\n\n"
    "\n\n\n{}\nCHF\nS\nPia Rutschmann\n\n\n\n\nCH\nNON\n\n\nEPD"
)


def swiss(amount: str) -> tuple[Code, ...]:
    return (Code(format="QR Code", text=QR.format(amount), kind="swiss_qr", page=1),)


def test_embedded_xml_comes_first_and_the_text_is_kept_beside_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "invoice.pdf"
    path.write_bytes((SAMPLES / "invoice-facturx.pdf").read_bytes())

    found = Read(path)

    total = found.fields.total
    assert total is not None
    assert (total.value, total.source, total.confidence) == ("1658.38", "xml", 1.0)
    assert [each.value for each in found.candidates["total"]] == ["1658.38"]
    assert found.candidates["total"][0].source == "text"


def test_a_field_says_where_it_was_found(tmp_path: Path) -> None:
    path = tmp_path / "invoice.pdf"
    path.write_bytes((SAMPLES / "invoice.pdf").read_bytes())

    total = Read(path).fields.total

    assert total is not None
    assert total.evidence is not None
    assert total.evidence.page == 1
    assert total.evidence.bbox_pt is not None
    assert total.evidence.text == "Total GBP 5,267.46"


def test_a_code_comes_before_the_text(tmp_path: Path) -> None:
    found = read(tmp_path, "Rechnung\nTotal CHF 3'950.00\n", swiss("3949.75"))

    assert found.values("total", "iban") == ["3949.75", "CH5800791123000889012"]
    assert [each.value for each in found.candidates["total"]] == ["3950.00"]


def test_a_code_asks_for_what_is_due_and_not_for_the_total(tmp_path: Path) -> None:
    text = "Rechnung\nTotal CHF 100.00\nAnzahlung CHF -40.00\nZahlbetrag CHF 60.00\n"

    found = read(tmp_path, text, swiss("60.00"))

    assert found.values("total", "amount_due") == ["100.00", "60.00"]


def test_total_and_amount_due_differ_by_what_was_paid(tmp_path: Path) -> None:
    text = (
        "Invoice\nSubtotal: 100.00\nVAT 20%: 20.00\nTotal: EUR 120.00\n"
        "Deposit paid: 50.00\nBalance due: EUR 70.00\n"
    )

    found = read(tmp_path, text)

    assert found.values("net_total", "tax_total", "total", "amount_due") == [
        "100.00", "20.00", "120.00", "70.00",
    ]  # fmt: skip


def test_taxes_of_several_rates_are_added(tmp_path: Path) -> None:
    text = (
        "Rechnung\nNettobetrag   150,00 EUR\nMwSt. 7 %   7,00 EUR\n"
        "MwSt. 19 %   9,50 EUR\nGesamtbetrag   166,50 EUR\n"
    )

    assert read(tmp_path, text).values("tax_total", "total") == ["16.50", "166.50"]


def test_sums_that_add_up_win_over_others(tmp_path: Path) -> None:
    text = (
        "Invoice\nTotal   12.00 EUR\nNet total   100.00 EUR\nVAT   20.00 EUR\n"
        "Total   120.00 EUR\n"
    )

    found = read(tmp_path, text)

    assert found.values("total") == ["120.00"]
    assert found.fields.total is not None
    assert found.fields.total.confidence > 0.85


def test_credit_notes_are_negative_as_printed(tmp_path: Path) -> None:
    text = "Gutschrift\nNettobetrag -10,00\nMwSt. -1,90\nGesamtbetrag -11,90 EUR\n"

    assert read(tmp_path, text).values("document_kind", "total") == [
        "credit_note", "-11.90",
    ]  # fmt: skip


def test_an_invalid_iban_is_no_field(tmp_path: Path) -> None:
    found = read(tmp_path, "Invoice\nIBAN DE89 3704 0044 0532 0130 01\n")

    assert found.values("iban") == [None]


def test_the_recipients_vat_number_is_not_the_issuers(tmp_path: Path) -> None:
    text = "Invoice\nYour VAT No. GB 980 7806 84\nVAT No. IE6433435F\n"

    assert read(tmp_path, text).values("vat_id") == ["IE6433435F"]


def test_ambiguous_dates_are_read_so_that_payment_follows_issue(
    tmp_path: Path,
) -> None:
    text = "Invoice\nInvoice date: 05/03/2026\nDue date: 04/04/2026\n"

    found = read(tmp_path, text)

    assert found.values("issue_date", "due_date") == ["2026-03-05", "2026-04-04"]


def test_a_date_that_cannot_be_settled_is_said_to_be_ambiguous(
    tmp_path: Path,
) -> None:
    issued = read(tmp_path, "Invoice\nInvoice date: 05/03/2026\n").fields.issue_date

    assert issued is not None
    assert issued.ambiguous
    assert issued.confidence < 0.6


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Invoice", "invoice"),
        ("Stornorechnung", "credit_note"),
        ("Zahlungserinnerung", "reminder"),
        ("Quittung", "receipt"),
        ("Devis", "quote"),
        ("Albarán", "delivery_note"),
        ("Inkooporder", "order"),
        ("Kontoauszug", "statement"),
        ("Minutes of a meeting", None),
    ],
)
def test_kinds_are_told_by_their_titles(
    tmp_path: Path, title: str, kind: str | None
) -> None:
    text = f"{title}\n\nThe first line of what it says\n"

    assert read(tmp_path, text).values("document_kind") == [kind]


def test_parties_are_found_behind_their_labels(tmp_path: Path) -> None:
    text = "Seller: Acme Ltd\nBill to: Jane Miller, 4 Oak Road\n\nInvoice 2026-17\n"

    found = read(tmp_path, text)

    assert found.values("issuer", "recipient", "invoice_number") == [
        "Acme Ltd", "Jane Miller", "2026-17",
    ]  # fmt: skip


def test_heads_of_columns_are_no_labels(tmp_path: Path) -> None:
    text = "Invoice\nItem\tQty\tPrice\tTotal\nDesk\t2\t10.00\t20.00\n"

    assert read(tmp_path, text).values("total") == [None]


def test_a_text_without_business_has_no_fields(tmp_path: Path) -> None:
    text = "The harbour ferry carried more passengers in every quarter of 2025.\n"

    assert read(tmp_path, text).fields == Fields()


def test_an_empty_document_has_no_fields(tmp_path: Path) -> None:
    assert read(tmp_path, " ").fields == Fields()


def test_a_letter_with_a_date_is_no_business_document(tmp_path: Path) -> None:
    text = "Acme Ltd\nDate: 14 September 2026\n\nDear Jane, thank you for coming.\n"

    assert read(tmp_path, text).fields == Fields()


def test_the_only_date_of_a_slip_is_its_own(tmp_path: Path) -> None:
    text = "SUPERMARKT\nBrot   2,49\n\nSumme EUR   2,49\nBon 12.03.2026 14:22\n"

    assert read(tmp_path, text).values("issue_date", "total") == [
        "2026-03-12", "2.49",
    ]  # fmt: skip


def test_a_column_of_dates_has_none_that_is_the_documents(tmp_path: Path) -> None:
    text = (
        "Date\tWhat\tAmount (GBP)\n2026-09-02\tTrain\t84.60\n"
        "2026-09-03\tLunch\t46.75\n\tTotal\t131.35\n"
    )

    assert read(tmp_path, text).values("issue_date", "total") == [None, "131.35"]


def test_the_date_below_its_label_is_the_documents(tmp_path: Path) -> None:
    text = "Invoice\nNumber\tDate\n2026-17\t14 September 2026\nTotal EUR\t5.00\n"

    assert read(tmp_path, text).values("issue_date") == ["2026-09-14"]


def test_balances_of_an_account_are_not_due(tmp_path: Path) -> None:
    text = (
        "Account statement\nDate\tDetails\tPaid out\tBalance\n"
        "01/09/2026\tOpening balance\t\t1,200.00\n"
        "03/09/2026\tCard payment\t45.20\t1,154.80\n"
        "30/09/2026\tClosing balance\t\t1,154.80\n"
    )

    assert read(tmp_path, text).values("amount_due") == [None]


def test_days_of_delivery_and_birth_are_no_dates_of_issue(tmp_path: Path) -> None:
    order = "Purchase Order\nTotal: $125.00\nDelivery by 12 October 2026\n"
    person = "Invoice\nJane, born 4 May 1990\nTotal: $125.00\n"

    assert read(tmp_path, order).values("issue_date") == [None]
    assert read(tmp_path, person).values("issue_date") == [None]


def test_a_reference_alone_is_no_number_of_an_invoice(tmp_path: Path) -> None:
    text = "Jane Miller\nEngineer at Acme since 2019\nReference 2024/115-7\n"

    assert read(tmp_path, text).fields == Fields()


@pytest.mark.parametrize(
    "text",
    [
        '{\n  "invoice.pdf": {\n    "status": "ok"\n  },\n  "invoice-2": 1\n}',
        '["invoice",\n "receipt"]',
        "# Samples\n\n| invoice-facturx.pdf | MIT | with XML |\n| --- | --- | --- |\n",
        "# Invoice samples\n\nWhat is here:\n\n- invoice\n- receipt\n",
        "invoice.pdf\ninvoices/invoice_2.docx\n",
        "invoice_number\ninvoice_date\n",
        "`invoice` is a kind\n",
    ],
)
def test_what_only_names_invoices_is_none(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text).values("document_kind") == [None]


@pytest.mark.parametrize(
    "text",
    [
        "Invoice\n\nThank you.",
        "# Invoice\n\nThank you.",
        "- RECHNUNG -\n\nVielen Dank.",
        "Invoice for work done\n\nTotal EUR 119.00",
        "Invoice no. 4711 of May",
    ],
)
def test_what_calls_itself_an_invoice_is_one(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text).values("document_kind") == ["invoice"]
