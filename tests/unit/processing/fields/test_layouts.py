"""Layouts that rules of place get wrong easily, each reduced to what makes it so."""

from pathlib import Path

import pytest

from tests.unit.processing.drawing import drawn, words
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
