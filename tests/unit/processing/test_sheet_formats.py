import math
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl.workbook.workbook import Workbook

from service.processing.formats.sheet_formats import (
    general,
    number_format,
)
from tests.unit.processing.packed import packed
from tests.unit.processing.readers import read
from tests.unit.processing.running import extract

EURO = "_-* #,##0.00\\ [$€-407]_-;\\-* #,##0.00\\ [$€-407]_-"


@pytest.mark.parametrize(
    ("code", "currency", "decimals"),
    [
        (EURO, "EUR", 2),
        ('#,##0.00 "€"', "EUR", 2),
        ("[$£-809]#,##0.00", "GBP", 2),
        ("[$CHF-807] #,##0.00", "CHF", 2),
        ('"USD" 0', "USD", 0),
        ("[$$-1009]#,##0.00", "CAD", 2),
        ("[$¥-411]#,##0", "JPY", 0),
        ("#,##0.00 [$kr-41D]", "SEK", 2),
        ("$#,##0.00_);[Red]($#,##0.00)", "$", 2),
        ("#,##0.00\\ €", "EUR", 2),
    ],
)
def test_a_format_says_its_currency(code: str, currency: str, decimals: int) -> None:
    found = number_format(code)

    assert found is not None
    assert (found.currency, found.decimals) == (currency, decimals)


@pytest.mark.parametrize(
    "code", ["General", "dd.mm.yyyy", "[h]:mm", "0.00E+00", "# ?/?", "@", "000-0000"]
)
def test_other_formats_are_none_of_numbers(code: str) -> None:
    assert number_format(code) is None


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        (EURO, 1234.5, "1234.50 EUR"),
        (EURO, -3, "-3.00 EUR"),
        (EURO, 1234.5678, "1234.5678 EUR"),
        (EURO, 0.1 + 0.2, "0.30 EUR"),
        (EURO, 1e21, "1E+21 EUR"),
        (EURO, math.inf, "inf EUR"),
        (EURO, math.nan, "nan EUR"),
        ("0.00", 84.6, "84.60"),
        ("#,##0.##", 84.6, "84.6"),
        ("0%", 0.07, "7%"),
        ("0.0%", 0.125, "12.5%"),
        ("0%", 0.125, "12.5%"),
        ("00000", 1067, "01067"),
        ('"RE-"0000', 42, "RE-0042"),
        ('0 "pcs"', 12, "12 pcs"),
        ('#,##0.00 "S";#,##0.00 "H"', -12, "-12.00"),
        ("0.00_);[Red](0.00)", -12, "-12.00"),
        ("[$-407]0.0", 1, "1.0"),
        ("0." + "0" * 30, 2.5, "2.5000000000"),
        ("0." + "0" * 30 + "%", 2**52, "450359962737049600.0000000000%"),
    ],
)
def test_numbers_are_shown_by_their_format(code: str, value: float, shown: str) -> None:
    found = number_format(code)

    assert found is not None
    assert found.shown(value) == shown


def test_formats_that_scale_leave_the_number() -> None:
    assert number_format('0,"k"') is None


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.1 + 0.2, "0.3"),
        (498.53999999999996, "498.54"),
        (1 / 3, "0.333333333333333"),
        (3.0, "3"),
        (-0.00001, "-0.00001"),
        (1234567890123456.0, "1234567890123456"),
        (1e21, "1E+21"),
        (5e-324, "4.94065645841247E-324"),
    ],
)
def test_numbers_without_format_have_15_digits(value: float, shown: str) -> None:
    assert general(value) == shown


def workbook(path: Path) -> Path:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.cell(3, 2, "Position")
    sheet.cell(3, 3, "Price")
    sheet.cell(4, 2, "Screws")
    sheet.cell(4, 3, 1234.5).number_format = EURO
    sheet.cell(5, 2, "Pieces")
    sheet.cell(5, 3, 12).number_format = "0"
    other = book.create_sheet("Other")
    other.cell(1, 1, 7).number_format = "[$CHF-807] 0.00"
    other.cell(1, 2, "text").number_format = EURO
    book.save(path)
    return path


def test_cells_show_their_currency(tmp_path: Path) -> None:
    first, other = read(workbook(tmp_path / "a.xlsx")).pages

    assert first.tables[0].rows == (
        ("Position", "Price"),
        ("Screws", "1234.50 EUR"),
        ("Pieces", "12"),
    )
    assert other.text == "7.00 CHF\ttext"


def test_amounts_of_a_workbook_have_the_currency_of_their_cells(tmp_path: Path) -> None:
    entities = extract(workbook(tmp_path / "a.xlsx")).data["entities"]

    assert [each["value"] for each in entities if each["type"] == "money"] == [
        {"amount": "1234.50", "currency": "EUR"},
        {"amount": "7.00", "currency": "CHF"},
    ]


def test_damaged_formats_leave_the_values(tmp_path: Path) -> None:
    with ZipFile(workbook(tmp_path / "a.xlsx")) as whole:
        whole_sheet = whole.read("xl/worksheets/sheet1.xml")
        parts: dict[str, str | bytes] = {n: whole.read(n) for n in whole.namelist()}
    sheet = whole_sheet.decode()
    broken = sheet.replace("<sheetData>", "<x y='&bogus;'/><sheetData>")
    parts["xl/worksheets/sheet1.xml"] = broken
    path = tmp_path / "b.xlsx"
    path.write_bytes(packed(parts))

    assert "Screws\t1234.5\n" in read(path).pages[0].text
