"""Tables in text files."""

from pathlib import Path

import pytest

from service.processing.context import Limits
from service.processing.formats.content import PageContent
from service.processing.formats.table_head import has_header
from service.processing.sniff_table import separator_of
from tests.unit.processing.readers import context_of, read, read_in, structure
from tests.unit.processing.running import SAMPLES

BANK = (
    '"Account:";"DE00 1234";\n"Balance";"12,00 EUR";\n\n'
    '"Date";"Text";"Amount";"Currency"\n' + '"01.02.2026";"Rent";"-900,00";"EUR"\n' * 9
)


def page_of(tmp_path: Path, content: str | bytes) -> PageContent:
    path = tmp_path / "a.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(path).pages[0]


def test_a_table_has_its_cells_and_header() -> None:
    page = read(SAMPLES / "stock.csv").pages[0]

    table = page.tables[0]
    assert table.has_header
    assert table.rows[3] == (
        "22-007",
        'Pipe clamp 1/2"',
        "Bristol",
        "310",
        "400",
        "1.85",
    )
    assert structure(page) == ["table"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_any_unicode_encoding_will_do(tmp_path: Path, encoding: str) -> None:
    content = "Name;Größe\nBolzen;12\nMutter;13\n".encode(encoding)

    assert page_of(tmp_path, content).tables[0].rows[1] == ("Bolzen", "12")


def test_cells_may_hold_line_ends_and_quotes(tmp_path: Path) -> None:
    rows = page_of(tmp_path, 'a,b\n"x\ny","say ""hi"""\n1,2\n3,4\n').tables[0].rows

    assert rows[1] == ("x\ny", 'say "hi"')


def test_formula_like_cells_stay_as_they_are(tmp_path: Path) -> None:
    content = "name,cmd\nx,=1+1\ny,@SUM(A1)\nz,-2\n"

    rows = page_of(tmp_path, content).tables[0].rows

    assert [row[1] for row in rows[1:]] == ["=1+1", "@SUM(A1)", "-2"]


def test_ragged_rows_stay_ragged(tmp_path: Path) -> None:
    content = "a,b,c\n" + "1,2,3\n" * 15 + "1,2\n"

    assert [len(row) for row in page_of(tmp_path, content).tables[0].rows][-2:] == [
        3,
        2,
    ]


def test_a_statement_of_a_bank_with_lines_above_is_a_table(tmp_path: Path) -> None:
    rows = page_of(tmp_path, BANK).tables[0].rows

    assert rows[-1] == ("01.02.2026", "Rent", "-900,00", "EUR")


def test_a_quote_without_end_is_a_mere_character(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'a,b\n1,2\n3,"x\n' + b"5,6\n" * 400_000)
    context = context_of(path)

    table = read_in(context).pages[0].tables[0]

    assert next(issue.code for issue in context.issues) == "REPAIRED"
    assert table.rows[2:4] == (("3", '"x'), ("5", "6"))
    assert table.row_count == 400_003
    assert context.limits_hit == ["table_cells"]


def test_one_endless_cell_leaves_the_text(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n" * 30 + b"x" * 2_000_000 + b",2\n")

    page = read(path).pages[0]

    assert page.tables == ()
    assert len(page.text) > 2_000_000


def test_cells_over_the_limit_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" * 100)
    context = context_of(path, limits=Limits(max_cells=50))

    assert len(read_in(context).pages[0].tables[0].rows) == 25
    assert context.limits_hit == ["cells"]


def test_without_tables_the_text_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n")

    page = read(path, tables=False).pages[0]

    assert (page.tables, page.text) == ((), "a,b\n1,2\n")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["name", "amount"], ["a", "1"]], True),
        ([["name", "mail"], ["a", "a@b.example"]], True),
        ([["Ann", "Berlin"], ["Bob", "Rome"]], False),
        ([["name", "2025"], ["a", "1"]], False),
        ([["name", "name"], ["a", "1"]], False),
        ([["name", ""], ["a", "1"]], False),
        ([["name", "amount"]], False),
        ([], False),
    ],
)
def test_a_header_is_known_by_its_looks(
    rows: list[list[str]], *, expected: bool
) -> None:
    assert has_header(rows) is expected


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a,b\n1,2", ","),
        ("a;b,c\n1;2", ";"),
        ("a\tb\n1\t2", "\t"),
        ("a|b|c\n1|2|3", "|"),
        ("Hello, Ann\nGood bye, Ben", None),
        ("one line, with a comma", None),
        ('{\n "a": 1,\n "b": 2,\n "c": 3,\n "d": 4\n}', None),
        ("", None),
        (BANK, ";"),
    ],
)
def test_the_separator_is_what_most_lines_agree_on(
    text: str, separator: str | None
) -> None:
    assert separator_of(text) == separator


def test_json_is_code(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"a": 1}')

    assert structure(read(path).pages[0]) == ['code {"a": 1}']
