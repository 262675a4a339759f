"""Net, tax and total where more than their labels is needed to tell them."""

from pathlib import Path

import pytest

from tests.unit.processing.fields.documents import read

SUMS = ("net_total", "tax_total", "total")


@pytest.mark.parametrize(
    "line",
    [
        "19,00 % MwSt. auf 188,40\t35,80",
        "zzgl. 19 % USt. von EUR 188,40\tEUR 35,80",
        "MwSt. 19 % (aus 188,40 €)\t35,80 €",
        "IVA 19% su 188,40\t35,80",
        "19 % moms af 188,40\t35,80",
    ],
)
def test_what_a_rate_is_of_is_not_the_tax(tmp_path: Path, line: str) -> None:
    text = f"Rechnung 7\nNetto\t188,40\n{line}\nGesamtbetrag\t224,20\n"

    assert read(tmp_path, text).values(*SUMS) == ["188.40", "35.80", "224.20"]


def test_a_label_may_name_the_tax_it_includes(tmp_path: Path) -> None:
    text = "Rechnung 7\nGesamtsumme inkl. USt.\tEUR 2.136,36\n"

    assert read(tmp_path, text).values(*SUMS) == [None, None, "2136.36"]


@pytest.mark.parametrize(
    "rows",
    [
        (
            "\tNetto\tUSt.\tBrutto\n10 %\t1.326,55\t132,65\t1.459,20\n"
            "20 %\t564,30\t112,86\t677,16\n"
        ),
        "10 %\t132,65\t1.326,55\n20 %\t112,86\t564,30\n",
        "1.326,55\t10,00\t132,65\n564,30\t20,00\t112,86\n",
    ],
    ids=["gross", "tax first", "bare rates"],
)
def test_the_rows_of_a_table_of_rates_are_added(tmp_path: Path, rows: str) -> None:
    text = f"Rechnung 7\nGesamtbetrag\tEUR 2.136,36\n{rows}"

    found = read(tmp_path, text)

    assert found.values(*SUMS) == ["1890.85", "245.51", "2136.36"]
    assert found.fields.total is not None
    assert found.fields.total.confidence > 0.9


@pytest.mark.parametrize("summed", [True, False])
def test_the_columns_of_a_table_of_rates_are_added(
    tmp_path: Path, *, summed: bool
) -> None:
    rows = [
        ("\t7 %\t19 %", "\tSumme"),
        ("Netto\t100,00\t200,00", "\t300,00"),
        ("MwSt\t7,00\t38,00", "\t45,00"),
        ("Brutto\t107,00\t238,00", "\t345,00"),
    ]
    table = "\n".join(row + last * summed for row, last in rows)
    text = f"Rechnung 7\n{table}\nGesamtbetrag\t345,00 €\n"

    assert read(tmp_path, text).values(*SUMS) == ["300.00", "45.00", "345.00"]


def test_what_is_labelled_for_each_rate_is_added(tmp_path: Path) -> None:
    text = (
        "Fattura n. 7\nImponibile IVA 10%\t960,00\nImponibile IVA 22%\t80,00\n"
        "IVA 10%\t96,00\nIVA 22%\t17,60\nTotale fattura\t€ 1.153,60\n"
    )

    assert read(tmp_path, text).values(*SUMS) == ["1040.00", "113.60", "1153.60"]


def test_rows_that_do_not_make_the_total_say_nothing(tmp_path: Path) -> None:
    rows = "10 %\t1.326,55\t132,65\n20 %\t564,30\t112,86\n"
    text = f"Rechnung 7\nGesamtbetrag\tEUR 2.000,00\n{rows}"

    assert read(tmp_path, text).values(*SUMS) == [None, None, "2000.00"]


def test_what_is_due_broken_down_comes_before_the_parts_of_a_rate(
    tmp_path: Path,
) -> None:
    text = (
        "Faktura nr 7\nW tym\tNetto\tVAT\tBrutto\n"
        "23%\t1 950,00\t448,50\t2 398,50\n8%\t1 200,00\t96,00\t1 296,00\n"
        "Razem\t3 150,00\t544,50\t3 694,50\nDo zapłaty: 3 694,50 PLN\n"
    )

    assert read(tmp_path, text).values(*SUMS) == ["3150.00", "544.50", "3694.50"]


def test_a_tax_with_a_name_of_its_own_is_told_by_its_rate(tmp_path: Path) -> None:
    text = (
        "Invoice 7\nSub Total\t1,245.00\nStandard Rate (20%)\t249.00\n"
        "Total\t£1,494.00\n"
    )
    other = text.replace("Standard Rate (20%)", "Express courier")

    assert read(tmp_path, text).values(*SUMS) == ["1245.00", "249.00", "1494.00"]
    assert read(tmp_path, other).values("tax_total") == [None]


def test_a_row_of_totals_is_read_with_what_is_due(tmp_path: Path) -> None:
    text = (
        "Faktura nr 7\nLp\tNazwa\tNetto\tVAT\tBrutto\n"
        "1\tUsługa\t3 200,00\t736,00\t3 936,00\n"
        "Razem\t3 200,00\t736,00\t3 936,00\nDo zapłaty: 3 936,00 PLN\n"
    )

    assert read(tmp_path, text).values(*SUMS, "amount_due") == [
        "3200.00", "736.00", "3936.00", "3936.00",
    ]  # fmt: skip


def test_withheld_tax_lessens_what_is_due_and_is_no_vat(tmp_path: Path) -> None:
    italian = (
        "Fattura n. 7\nTotale imponibile\t2.600,00\nIVA 22%\t572,00\n"
        "Totale fattura\t3.172,00\nRitenuta d'acconto 20%\t-500,00\n"
        "Netto a pagare €\t2.672,00\n"
    )
    spanish = (
        "Factura nº 7\nBase imponible\t1.250,00 €\nIVA (21 %)\t262,50 €\n"
        "IRPF (-15 %)\t-187,50 €\nTotal a pagar\t1.325,00 €\n"
    )

    assert read(tmp_path, italian).values(*SUMS, "amount_due") == [
        "2600.00", "572.00", "3172.00", "2672.00",
    ]  # fmt: skip
    # The total before what is withheld is not printed.
    assert read(tmp_path, spanish).values(*SUMS, "amount_due") == [
        "1250.00", "262.50", None, "1325.00",
    ]  # fmt: skip


def test_federal_and_provincial_taxes_are_added(tmp_path: Path) -> None:
    text = (
        "Facture 7\nSous-total\t830,00 $\nTPS 5 %\t41,50 $\nTVQ 9,975 %\t82,79 $\n"
        "Total CAD\t954,29 $\n"
    )

    assert read(tmp_path, text).values(*SUMS) == ["830.00", "124.29", "954.29"]


def test_a_formula_is_no_label(tmp_path: Path) -> None:
    text = "Invoice 7\nSUM(A1:A9)\t99.00\nTotal EUR\t120.00\n"

    assert read(tmp_path, text).values(*SUMS) == [None, None, "120.00"]


def test_sums_that_do_not_add_up_are_less_sure(tmp_path: Path) -> None:
    text = "Invoice 7\nNet\t100.00\nVAT 20 %\t20.00\nGrand total\t{}\n"

    right = read(tmp_path, text.format("120.00")).fields.total
    wrong = read(tmp_path, text.format("130.00")).fields.total

    assert right is not None
    assert wrong is not None
    assert wrong.value == "130.00"
    assert wrong.confidence < 0.65 < 0.9 < right.confidence


def test_what_remains_after_a_payment_is_due(tmp_path: Path) -> None:
    text = (
        "Faktura VAT nr 7\nRazem brutto\t200,00 zł\nDo zapłaty\t200,00 zł\n"
        "Zapłacono\t50,00 zł\nPozostaje do zapłaty\t150,00 zł\n"
    )

    assert read(tmp_path, text).values("total", "amount_due") == ["200.00", "150.00"]
