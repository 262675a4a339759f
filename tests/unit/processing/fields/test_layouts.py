"""Layouts that rules of place get wrong easily, each reduced to what makes it so."""

from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from tests.unit.processing.drawing import drawn, turned, words
from tests.unit.processing.fields.documents import Read, read


def test_values_are_found_at_the_other_margin_of_the_page(tmp_path: Path) -> None:
    page = words(
        (40, 60, "Invoice no. 2026-17"),
        (30, 100, "Net"), (540, 100, "100.00"),
        (30, 115, "VAT 20 %"), (545, 115, "20.00"),
        (30, 130, "Total"), (540, 130, "120.00"),
    )  # fmt: skip

    found = Read(drawn(tmp_path, page))

    assert found.values("net_total", "tax_total", "total") == [
        "100.00", "20.00", "120.00",
    ]  # fmt: skip


def test_each_cell_of_a_narrow_table_has_its_own_label(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        words(
            (50, 60, "FACTURE N° 17"),
            (50, 100, "TOTAL HT"), (108, 100, "TVA 20 %"), (162, 100, "TOTAL TTC"),
            (60, 116, "1 291,50"), (118, 116, "258,30"), (170, 116, "1 549,80"),
        )(canvas)  # fmt: skip
        canvas.grid((47, 104, 159, 222), (680, 696, 712))

    found = Read(drawn(tmp_path, page))

    assert found.values("net_total", "tax_total", "total") == [
        "1291.50", "258.30", "1549.80",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "head",
    [
        "Wien, 3. März 2026",
        "Saint-Malo, le 3 mars 2026",
        "Kraków, dnia 03.03.2026",
        "Reggio nell'Emilia, 3 marzo 2026",
    ],
)
def test_a_letter_is_dated_behind_its_town(tmp_path: Path, head: str) -> None:
    text = f"Acme KG\n{head}\n\nRechnung Nr. 7\nTermin am 11.02.2026\nSumme\t5,00 €\n"

    assert read(tmp_path, text).values("issue_date") == ["2026-03-03"]


@pytest.mark.parametrize(
    ("terms", "due"),
    [
        ("Bei Zahlung bis 06.05.2026 2 % Skonto, bis 22.05.2026 netto.", "2026-05-22"),
        (
            "Zahlung bis 06.05.2026 mit 2 % Skonto. Fällig am 22.05.2026.",
            "2026-05-22",
        ),
        ("Der Betrag wird am 22.05.2026 fällig.", "2026-05-22"),
        ("Règlement par virement avant le 22/05/2026.", "2026-05-22"),
        ("2 % discount if you pay by 6 May 2026.", None),
        ("Zahlbar bis 22.05.2026 ohne Skonto.", "2026-05-22"),
        ("À régler au plus tard le 22 mai 2026, sans escompte.", "2026-05-22"),
    ],
)
def test_the_date_of_a_discount_is_not_the_date_of_payment(
    tmp_path: Path, terms: str, due: str | None
) -> None:
    text = f"Rechnung Nr. 7\nRechnungsdatum 22.04.2026\nGesamtbetrag 5,00 €\n{terms}\n"

    assert read(tmp_path, text).values("due_date") == [due]


@pytest.mark.parametrize(
    ("head", "number"),
    [
        ("Facture / Invoice\tF-88213", "F-88213"),
        ("RECHNUNG\t2026-0042", "2026-0042"),
        ("Fatura FT 2026A/341", "FT 2026A/341"),
        ("Faktura VAT nr FV/12/04/2026", "FV/12/04/2026"),
        ("Faktura numer 12/03/2026\tData: 16.03.2026", "12/03/2026"),
        ("INVOICE\n# INV-001932", "INV-001932"),
        ("Invoice no.\tInvoice date\n4711\t2026-03-04", "4711"),
        ("Betreft factuur 2026-0311", None),
        ("Rechnung\t14.02.2026", None),
        ("Invoice\t120.00", None),
        ("Rechnung vom 14", None),
    ],
)
def test_the_number_may_stand_with_the_title(
    tmp_path: Path, head: str, number: str | None
) -> None:
    text = f"Acme\n{head}\n\nTotal EUR\t5.00\n"

    assert read(tmp_path, text).values("invoice_number") == [number]


def test_a_vat_number_without_its_country_is_no_number_of_an_invoice(
    tmp_path: Path,
) -> None:
    text = "Quinta Lda.\nContribuinte n.º 501964843\nFatura\nTotal (EUR)\t5,00\n"

    assert read(tmp_path, text).values("vat_id", "invoice_number") == [
        "PT501964843", None,
    ]  # fmt: skip


def letter(tmp_path: Path, *lines: tuple[float, float, str]) -> Read:
    """Read a page with an invoice below its head."""
    page = words(*lines, (40, 400, "Rechnung Nr. 7"), (40, 420, "Gesamtbetrag 5,00 €"))
    return Read(drawn(tmp_path, page))


def test_an_address_window_is_read_beside_another_column(tmp_path: Path) -> None:
    found = letter(
        tmp_path,
        (60, 45, "Kontor Papier e.K., Hafenstr. 9, 28195 Bremen"),
        (60, 70, "Stadtwerke Verden GmbH"), (370, 71, "Beleg-Nr."), (470, 71, "12"),
        (60, 83, "Weserstraße 26"), (370, 90, "Kunden-Nr."), (470, 90, "10457"),
        (60, 96, "27283 Verden"), (370, 109, "Seite"), (470, 109, "1 von 1"),
    )  # fmt: skip

    assert found.values("issuer", "recipient") == [
        "Kontor Papier e.K.", "Stadtwerke Verden GmbH",
    ]  # fmt: skip


def test_a_salutation_heads_the_address(tmp_path: Path) -> None:
    found = letter(
        tmp_path,
        (60, 40, "Gasthof Zur Linde KG"),
        (60, 55, "Hauptplatz 3, 4810 Gmunden"),
        (60, 120, "Firma"),
        (60, 132, "Traunsee Tischlerei GmbH"),
        (60, 144, "Seestraße 19"),
        (60, 156, "4810 Gmunden"),
    )

    assert found.values("issuer", "recipient") == [
        "Gasthof Zur Linde KG", "Traunsee Tischlerei GmbH",
    ]  # fmt: skip


def test_a_customer_number_is_no_customer(tmp_path: Path) -> None:
    found = letter(
        tmp_path,
        (60, 40, "Weller Elektro KG"),
        (60, 55, "Industriestraße 5, 70565 Stuttgart"),
        (60, 120, "Elektro Bauer e.K."), (370, 120, "Kunde"), (470, 120, "D-20177"),
        (60, 132, "Talweg 3"), (370, 132, "Blatt"), (470, 132, "1 / 3"),
        (60, 144, "72762 Reutlingen"),
    )  # fmt: skip

    assert found.values("recipient") == ["Elektro Bauer e.K."]


def test_a_label_may_be_said_in_two_languages(tmp_path: Path) -> None:
    text = "Facture 7\nVendu à / Sold to\tLibrairie Olivier ltée\nTotal CAD\t5,00 $\n"

    assert read(tmp_path, text).values("recipient") == ["Librairie Olivier ltée"]


def test_heads_of_columns_name_no_customer(tmp_path: Path) -> None:
    found = letter(
        tmp_path,
        (40, 180, "FACTURA"), (230, 180, "CLIENTE"), (320, 180, "FORMA DE PAGO"),
        (40, 194, "V26/00417"), (230, 194, "430.0219"), (320, 194, "Transferencia"),
    )  # fmt: skip

    assert found.values("recipient") == [None]


def test_a_senders_line_is_no_part_of_the_address(tmp_path: Path) -> None:
    found = letter(
        tmp_path,
        (60, 40, "Physiotherapie Rosental, Dr. med. Kai Brenner"),
        (60, 55, "Rosentalstr. 9, 80331 München"),
        (60, 111, "Physiotherapie, Rosentalstr. 9, 80331 München"),
        (60, 122, "Frau"), (60, 133, "Ingrid Sommer"), (60, 144, "Lindwurmstr. 44"),
        (60, 155, "80337 München"),
    )  # fmt: skip

    assert found.values("recipient") == ["Ingrid Sommer"]


def test_a_dutch_postal_code_is_no_company(tmp_path: Path) -> None:
    found = letter(tmp_path, (60, 40, "Oude Haven 12, 7411 AB Deventer"))

    assert found.values("issuer") == [None]


def test_a_company_may_be_called_company(tmp_path: Path) -> None:
    text = "Faktura 17\nNabywca:\nFirma Budowlana Mur-Bet Jan Kowal\nSuma 5,00 PLN\n"

    assert read(tmp_path, text).values("recipient") == [
        "Firma Budowlana Mur-Bet Jan Kowal"
    ]


def test_the_name_above_a_vat_number_issues(tmp_path: Path) -> None:
    found = letter(
        tmp_path,
        (40, 40, "Lucía Ferrer"),
        (40, 52, "C/ Provença 311"),
        (40, 64, "08037 Barcelona"),
        (40, 76, "NIF 12345678Z"),
        (40, 140, "Cliente: Bufete Salas, S.L."),
    )

    assert found.values("issuer", "recipient") == ["Lucía Ferrer", "Bufete Salas, S.L."]


def test_who_states_its_vat_number_at_the_foot_issues(tmp_path: Path) -> None:
    found = letter(
        tmp_path,
        (60, 90, "Brightwater Consulting Ltd"),
        (60, 780, "Cathedral Hotels plc. VAT Reg No GB 980 7806 84"),
    )

    assert found.values("issuer", "vat_id") == ["Cathedral Hotels plc", "GB980780684"]


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_text_that_is_turned_is_read_and_shown_where_it_stands(
    tmp_path: Path, degrees: int
) -> None:
    page = words(
        (40, 100, "Invoice no. 2026-17"), (40, 130, "Date"), (400, 130, "3 March 2026"),
        (40, 200, "Total"), (540, 200, "£120.00"),
    )  # fmt: skip
    corners = {90: (600, 540), 180: (60, 600), 270: (200, 60)}

    found = Read(turned(drawn(tmp_path, page), degrees))

    assert found.values("invoice_number", "issue_date", "total") == [
        "2026-17", "2026-03-03", "120.00",
    ]  # fmt: skip
    total = found.fields.total
    assert total is not None
    assert total.evidence is not None
    box = total.evidence.bbox_pt
    assert box is not None
    x, y = corners[degrees]
    assert min(abs(box[0] - x), abs(box[2] - x)) < 12
    assert min(abs(box[1] - y), abs(box[3] - y)) < 12


def test_a_date_has_one_meaning_the_one_its_stronger_label_gives(
    tmp_path: Path,
) -> None:
    text = "Fatura FT 7/12\nData Vencimento\n13-03-2026\nTotal (EUR)\t5,00\n"

    assert read(tmp_path, text).values("issue_date", "due_date") == [None, "2026-03-13"]


def test_a_short_cell_beside_a_label_of_a_name_is_no_label(tmp_path: Path) -> None:
    text = "Rechnung Nr. 4711\nKunde:\n1\tName: Max Meier\nGesamtbetrag\t5,00 EUR\n"

    assert read(tmp_path, text).values("invoice_number", "total") == ["4711", "5.00"]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Traiteur Beaurivage SAS au capital de 40 000 €", "Traiteur Beaurivage SAS"),
        (
            "Sabores \u2013 Produtos Regionais, Lda.",
            "Sabores \u2013 Produtos Regionais, Lda.",
        ),
        ("Muster GmbH \u2013 Hauptstraße 1 \u2013 1010 Wien", "Muster GmbH"),
        ("3211 Silver Ave SE", None),
    ],
)
def test_a_name_ends_behind_its_legal_form(
    tmp_path: Path, line: str, name: str | None
) -> None:
    found = letter(tmp_path, (60, 60, line), (60, 300, "Date: 3 March 2026"))

    assert found.values("issuer") == [name]


def test_a_brand_at_the_head_is_the_company_called_in_full_below(
    tmp_path: Path,
) -> None:
    def page(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 24)
        canvas.drawString(60, 740, "Thornbury & Lisle")
        words(
            (60, 160, "Bill to: Osier Court Ltd"),
            (60, 300, "Total"), (300, 300, "£120.00"),
            (60, 500, "Thornbury & Lisle Limited"),
            (60, 512, "Customer: Osier Court Ltd"),
        )(canvas)  # fmt: skip

    found = Read(drawn(tmp_path, page))

    assert found.values("issuer", "recipient") == [
        "Thornbury & Lisle Limited", "Osier Court Ltd",
    ]  # fmt: skip


def test_a_short_letter_ends_amid_the_page(tmp_path: Path) -> None:
    found = letter(
        tmp_path,
        (60, 120, "Total"), (300, 120, "€5.00"),
        (60, 480, "Liffey Repairs Ltd, VAT Reg No IE 6388047V"),
    )  # fmt: skip

    assert found.values("issuer") == ["Liffey Repairs Ltd"]


def test_a_transport_document_does_not_date_the_invoice(tmp_path: Path) -> None:
    text = "Fattura n. 7\nRif. DDT n. 1204 del 12/03/2026\nDATA\t31/03/2026\n"

    assert read(tmp_path, text).values("issue_date") == ["2026-03-31"]


def test_an_irish_address_is_read(tmp_path: Path) -> None:
    found = letter(
        tmp_path,
        (60, 40, "Liffey Repairs Ltd"), (60, 52, "Dublin, D02 AF30"),
        (60, 140, "Corrib Foods"), (60, 152, "Galway"), (60, 164, "H91 K5YD"),
    )  # fmt: skip

    assert found.values("recipient") == ["Corrib Foods"]
