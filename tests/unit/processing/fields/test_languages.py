"""Invoices in the languages of Northern, Central and Eastern Europe."""

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
FINNISH = """LASKU
Laskun numero\t10342
Laskun päivä\t5.3.2026
Eräpäivä\t19.3.2026
Ostaja: Asunto Oy Kaivokatu
Asiakasnumero\t3310

Veroton yhteensä\t660,00
Arvonlisävero 25,5 %\t168,30
Yhteensä EUR\t828,30
"""
HUNGARIAN = """Számla
Számla sorszáma: BF/2026/000418
Számla kelte: 2026. március 9.
Teljesítés kelte: 2026.03.08.
Fizetési határidő: 2026.04.08.
Vevő: Kis és Fia Kft.

Nettó összesen\t413 700 Ft
ÁFA összesen\t111 699 Ft
Fizetendő végösszeg\t525 399 Ft
"""
ROMANIAN = """FACTURĂ FISCALĂ nr. 00412
Data emiterii: 5 martie 2026
Data scadenței: 20.03.2026
Cumpărător: Casa Verde SRL

Total fără TVA\t2.900,00 lei
Total TVA\t551,00 lei
Total de plată\t3.451,00 lei
"""
TURKISH = """e-FATURA
Fatura No: AAM2026000000318
Fatura Tarihi: 05-03-2026
İrsaliye No: IRS2026000000912
Son ödeme tarihi: 20 Mart 2026
Alici: Marmara Kimya

Mal Hizmet Toplam Tutar\u0131\t14.500,00 TL
Hesaplanan KDV(%20)\t2.900,00 TL
Vergiler Dahil Toplam Tutar\t17.400,00 TL
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
        (FINNISH, ("invoice|10342|2026-03-05|2026-03-19|Asunto Oy Kaivokatu|660.00|"
                  "168.30|828.30|EUR")),
        (HUNGARIAN, ("invoice|BF/2026/000418|2026-03-09|2026-04-08|Kis és Fia Kft.|"
                    "413700|111699|525399|HUF")),
        (ROMANIAN, ("invoice|00412|2026-03-05|2026-03-20|Casa Verde SRL|2900.00|"
                   "551.00|3451.00|RON")),
        (TURKISH, ("invoice|AAM2026000000318|2026-03-05|2026-03-20|Marmara Kimya|"
                  "14500.00|2900.00|17400.00|TRY")),
    ],
    ids=["sv", "da", "no", "pl", "cs", "fi", "hu", "ro", "tr"],
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
