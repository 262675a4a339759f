import math
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl.workbook.workbook import Workbook

from service.processing.formats.sheet_currencies import MoneyFormat, money_format
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
    assert money_format(code) == MoneyFormat(currency, decimals)


@pytest.mark.parametrize(
    "code", ["General", "0.00", '0 "pcs"', "[$-407]dd.mm.yyyy", "[Red]0", "", '0"x']
)
def test_other_formats_say_none(code: str) -> None:
    assert money_format(code) is None


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1234.5, "1234.50 EUR"),
        (-3, "-3.00 EUR"),
        (0.1 + 0.2, "0.30000000000000004 EUR"),
        (1e21, "1E+21 EUR"),
        (math.inf, "Infinity EUR"),
        (math.nan, "NaN EUR"),
    ],
)
def test_no_digit_is_lost(value: float, shown: str) -> None:
    assert MoneyFormat("EUR", 2).shown(value) == shown


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
