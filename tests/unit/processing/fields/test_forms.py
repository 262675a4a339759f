"""Invoices of programs that print forms, and of people who write them by hand."""

from pathlib import Path

import pytest

from tests.unit.processing.drawing import drawn, together, words
from tests.unit.processing.fields.documents import Read, read


def test_a_value_stands_anywhere_below_the_caption_of_its_box(tmp_path: Path) -> None:
    captions = words(
        (42, 176, "Documento"), (162, 176, "Numero"), (262, 176, "Data"),
        (42, 706, "Imponibile"), (162, 706, "% IVA"), (262, 706, "Imposta"),
        (382, 706, "Totale fattura"), (382, 735, "Netto a pagare EUR"), size=5.5,
    )  # fmt: skip
    values = words(
        (85, 190, "FATTURA"), (212, 190, "2026/00771"), (320, 190, "31/03/2026"),
        (110, 722, "2.250,00"), (240, 722, "22"), (335, 722, "495,00"),
        (505, 722, "2.745,00"), (505, 750, "2.745,00"), size=9,
    )  # fmt: skip

    found = Read(drawn(tmp_path, together(captions, values)))

    assert found.values(
        "invoice_number", "issue_date", "net_total", "tax_total", "total"
    ) == ["2026/00771", "2026-03-31", "2250.00", "495.00", "2745.00"]


def test_a_label_may_be_set_in_two_lines(tmp_path: Path) -> None:
    page = words(
        (50, 150, "Order"), (130, 150, "Invoice"), (210, 150, "Payment"),
        (50, 161, "date"), (130, 161, "date"), (210, 161, "due date"),
        (50, 176, "2 May 2026"), (130, 176, "19 May 2026"), (210, 176, "18 June 2026"),
        (290, 150, "Customer"), (370, 150, "Invoice"),
        (290, 161, "number"), (370, 161, "number"),
        (290, 176, "KS4471"), (370, 176, "KS10288"),
        (50, 300, "Total £120.00"),
    )  # fmt: skip

    found = Read(drawn(tmp_path, page))

    assert found.values("invoice_number", "issue_date", "due_date") == [
        "KS10288", "2026-05-19", "2026-06-18",
    ]  # fmt: skip


def test_a_number_may_stand_below_a_bare_title(tmp_path: Path) -> None:
    title = words((50, 60, "Invoice"), size=22)
    page = words(
        (50, 76, "No. 88"), (50, 90, "Mar 3rd, 2026"), (50, 200, "Total $5.00")
    )

    found = Read(drawn(tmp_path, together(title, page)))

    assert found.values("invoice_number", "issue_date") == ["88", "2026-03-03"]


def test_a_column_of_numbers_below_a_title_is_of_other_documents(
    tmp_path: Path,
) -> None:
    page = words(
        (50, 60, "STATEMENT"),
        (50, 100, "Invoice"), (150, 100, "Amount"),
        (50, 112, "61882"), (150, 112, "285.90"),
        (50, 124, "61920"), (150, 124, "112.40"),
        (50, 160, "Total due 398.30"),
    )  # fmt: skip

    found = Read(drawn(tmp_path, page))

    assert found.values("document_kind", "invoice_number") == ["statement", None]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("RECHNUNG 730 218", "730 218"),
        ("Rechnungsnummer\t26 0310 448819", "26 0310 448819"),
        ("Facture du 12/03/2026 n° 10 188 204 377", "10 188 204 377"),
        ("Dauerrechnung 2026 Nr. DR-118/8", "DR-118/8"),
    ],
)
def test_a_number_may_have_blanks_or_a_year_before_it(
    tmp_path: Path, text: str, number: str
) -> None:
    found = read(tmp_path, f"{text}\n\nGesamtbetrag\t5,00 EUR\n")

    assert found.values("invoice_number") == [number]


def test_a_credit_note_has_its_own_date(tmp_path: Path) -> None:
    text = "CREDIT NOTE\nInvoice date\t22 May 2026\nDate\t11 Jun 2026\nTotal\t£5.00\n"

    assert read(tmp_path, text).values("document_kind", "issue_date") == [
        "credit_note", "2026-06-11",
    ]  # fmt: skip


def test_a_number_and_its_date_may_share_a_label(tmp_path: Path) -> None:
    text = "Rechnung\nBelegnummer/Datum\n90036211 / 12.03.2026\nEndbetrag\t5,00 EUR\n"

    assert read(tmp_path, text).values("invoice_number", "issue_date") == [
        "90036211", "2026-03-12",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("terms", "due"),
    [
        ("Terms: Net 30", "2026-04-02"),
        ("Zahlbar innerhalb 14 Tagen netto ohne Abzug.", "2026-03-17"),
        ("Règlement à 45 jours par virement", "2026-04-17"),
        ("Betalingsbetingelser: Netto 14 dage", "2026-03-17"),
        ("Please pay within 4 weeks.", "2026-03-31"),
        ("Goods can be returned within 14 days.", None),
        ("Bei Zahlung innerhalb von 10 Tagen 2 % Skonto", None),
        ("Pagamento 30 gg fine mese", None),
        ("Pay within 14 days, or at the latest pay within 30 days", None),
    ],
)
def test_terms_of_payment_date_it_less_surely(
    tmp_path: Path, terms: str, due: str | None
) -> None:
    text = f"Invoice no. 2026-17\nDate: 2026-03-03\nTotal\t€5.00\n{terms}\n"

    found = read(tmp_path, text)

    assert found.values("due_date") == [due]
    if found.fields.due_date is not None and found.fields.issue_date is not None:
        assert found.fields.due_date.confidence < 0.65
        assert found.fields.due_date.confidence < found.fields.issue_date.confidence


def test_terms_of_a_letter_that_is_no_invoice_date_nothing(tmp_path: Path) -> None:
    text = "Bonn, 3. März 2026\nDie Kaution zahlen wir in 30 Tagen zurück: 5,00 EUR\n"

    assert read(tmp_path, text).values("due_date") == [None]


def test_the_end_of_a_column_is_the_total_of_an_invoice_without_one(
    tmp_path: Path,
) -> None:
    rows = words(
        (50, 60, "Invoice no. 88"),
        (50, 160, "Bar counter"), (460, 160, "$2,800.00"),
        (50, 175, "Shelving"), (467.8, 175, "$640.00"),
        (460, 195, "$3,440.00"),
    )  # fmt: skip

    total = Read(drawn(tmp_path, rows)).fields.total

    assert total is not None
    assert total.value == "3440.00"
    assert total.confidence < 0.8


@pytest.mark.parametrize(
    "sums",
    [
        "Summe\t1.620,00\n19 % MwSt.\t307,80\nzu zahlen\t1.927,80 €\n",
        "Total\t1.620,00\t307,80\nTotal de plată\t\t1.927,80 lei\n",
        "Razem\t1 620,00\t307,80\t1 927,80\n",
    ],
)
def test_a_total_before_tax_is_the_net_total(tmp_path: Path, sums: str) -> None:
    found = read(tmp_path, f"Faktura nr 7\n{sums}")

    assert found.values("net_total", "tax_total", "total") == [
        "1620.00", "307.80", "1927.80",
    ]  # fmt: skip


def test_what_was_due_before_is_not_the_invoice_s_total(tmp_path: Path) -> None:
    text = (
        "Invoice No. 774102\nTOTAL FOR THIS INVOICE\t$2,754.25\n"
        "Prior Balance\t$1,000.00\nTOTAL BALANCE DUE\t$3,754.25\n"
    )

    assert read(tmp_path, text).values("total", "amount_due") == ["2754.25", "3754.25"]
