"""Invoices in the languages of Northern and Central Europe."""

from pathlib import Path

import pytest

from tests.unit.processing.fields.documents import read

SWEDISH = """Faktura
Fakturanr\t20418
Fakturadatum\t2 mars 2026
Förfallodatum\t1 april 2026
Org.nr\t556813-4424
Köpare: Brf Solrosen

Summa exkl. moms\t32 820,00
Moms 25 %\t8 205,00
Att betala SEK\t41 025,00
"""
DANISH = """Faktura
Fakturanr.: 1187
Fakturadato: 4. februar 2026
Betalingsfrist: 18. februar 2026
Kundenr.: 4711
Kunde: Egeskov Efterskole

I alt ekskl. moms\t11.780,00
25 % moms\t2.945,00
I alt inkl. moms DKK\t14.725,00
"""
NORWEGIAN = """Faktura
Fakturanr\t20551
Fakturadato\t11.05.2026
Forfallsdato\t25.05.2026
Kunde: Nordnes Skole

Sum eks. mva\t4 000,00
MVA 25 %\t1 000,00
Å betale NOK\t5 000,00
"""
POLISH = """Faktura VAT nr FV/12/04/2026
Data wystawienia: 3 kwietnia 2026
Data sprzedaży: 02.04.2026
Termin płatności: 17.04.2026
Nabywca: Hurtownia Łąka S.A.

Razem netto\t3 200,00
Kwota VAT 23%\t736,00
Do zapłaty: 3 936,00 PLN
"""
CZECH = """Faktura č. 260107
Datum vystavení: 5. března 2026
Datum splatnosti: 19.03.2026
IČO: 27082440
Odběratel: Pivovar Zubr a.s.

Základ daně\t10 000,00 Kč
DPH 21 %\t2 100,00 Kč
Celkem k úhradě\t12 100,00 Kč
"""
NAMES = (
    "document_kind", "invoice_number", "issue_date", "due_date", "recipient",
    "net_total", "tax_total", "total", "currency",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (SWEDISH, ("invoice|20418|2026-03-02|2026-04-01|Brf Solrosen|32820.00|8205.00|"
                  "41025.00|SEK")),
        (DANISH, ("invoice|1187|2026-02-04|2026-02-18|Egeskov Efterskole|11780.00|"
                 "2945.00|14725.00|DKK")),
        (NORWEGIAN, ("invoice|20551|2026-05-11|2026-05-25|Nordnes Skole|4000.00|"
                    "1000.00|5000.00|NOK")),
        (POLISH, ("invoice|FV/12/04/2026|2026-04-03|2026-04-17|Hurtownia Łąka S.A.|"
                 "3200.00|736.00|3936.00|PLN")),
        (CZECH, ("invoice|260107|2026-03-05|2026-03-19|Pivovar Zubr a.s.|10000.00|"
                "2100.00|12100.00|CZK")),
    ],
    ids=["sv", "da", "no", "pl", "cs"],
)  # fmt: skip
def test_labels_are_read_in_these_languages(
    tmp_path: Path, text: str, values: str
) -> None:
    assert read(tmp_path, text).values(*NAMES) == values.split("|")


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("KREDITFAKTURA", "credit_note"),
        ("Faktura korygująca", "credit_note"),
        ("RYKKER", "reminder"),
        ("Følgeseddel", "delivery_note"),
        ("Zamówienie", "order"),
    ],
)
def test_kinds_are_told_in_these_languages(
    tmp_path: Path, title: str, kind: str
) -> None:
    text = f"{title}\n\nSumma SEK\t5,00\n"

    assert read(tmp_path, text).values("document_kind") == [kind]
