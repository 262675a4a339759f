import io
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from openpyxl.workbook.workbook import Workbook

from service.processing.context import Limits
from service.processing.formats.content import TableContent
from tests.unit.processing.ole import workbook_xls
from tests.unit.processing.packed import ods, ods_of, packed, xlsx
from tests.unit.processing.readers import context_of, read, read_in, structure
from tests.unit.processing.running import (
    SAMPLES,
    corpus,
    extract,
    issues,
    refusal,
    text,
)


def saved(tmp_path: Path, content: bytes, name: str) -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def test_each_sheet_is_a_page_with_its_name() -> None:
    outcome = extract(SAMPLES / "expenses.xlsx")

    assert [page["name"] for page in outcome.data["pages"]] == ["September", "Rules"]
    assert "2026-09-02\tRail ticket Leeds-London\tTravel\t84.6" in text(outcome)
    assert "\t\tTotal\t498.54" in text(outcome)
    assert "Meals\t60" in text(outcome)
    assert outcome.data["metadata"]["author"] == "R. Okafor"


def test_what_a_hidden_sheet_holds_is_read_and_named(tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0].append(["a", "b"])
    hidden = book.create_sheet("Behind")
    hidden.append(["secret", "word"])
    hidden.sheet_state = "veryHidden"
    book.save(tmp_path / "a.xlsx")

    outcome = extract(tmp_path / "a.xlsx", job_type="QUALITY_CHECK")

    [found] = outcome.data["issues"]
    assert (found["code"], found["page"], found["measured"]) == ("HIDDEN_TEXT", 2, 10)
    assert "secret" in text(extract(tmp_path / "a.xlsx"))


def test_a_workbook_without_sheets_has_no_pages(tmp_path: Path) -> None:
    whole = zipfile.ZipFile(io.BytesIO(xlsx("<row/>")))
    parts = {name: whole.read(name) for name in whole.namelist()}
    book = b"<workbook xmlns='http://x'><sheets/></workbook>"
    path = saved(tmp_path, packed({**parts, "xl/workbook.xml": book}), "a.xlsx")

    assert extract(path, job_type="FULL_ANALYSIS").data["extraction"]["pages"] == ()


def test_cells_are_shown_as_people_write_them(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    moment = datetime(2026, 1, 2, 3, 4)  # noqa: DTZ001 - as sheets hold them
    sheet.append([True, 3.0, 0.1 + 0.2, moment, timedelta(hours=30), "x"])
    target = io.BytesIO()
    book.save(target)

    outcome = extract(saved(tmp_path, target.getvalue(), "a.xlsx"))

    assert text(outcome) == "TRUE\t3\t0.3\t2026-01-02 03:04:00\t30:00:00\tx"


def test_a_real_workbook_is_read() -> None:
    outcome = extract(corpus("xlsx_06_edge_cases_.xlsx"))

    assert len(outcome.data["pages"]) == 3
    assert outcome.data["language"] == "en"


def test_old_workbooks_are_read(tmp_path: Path) -> None:
    content = workbook_xls([["Name", "Amount"], ["Bolt", 1.5], ["Nut", 2.0]])

    outcome = extract(saved(tmp_path, content, "a.xls"))

    assert text(outcome) == "Name\tAmount\nBolt\t1.5\nNut\t2"
    assert outcome.data["pages"][0]["name"] == "Data"
    assert outcome.status == "ok"


def test_open_document_sheets_are_read(tmp_path: Path) -> None:
    outcome = extract(saved(tmp_path, ods([["Teil", "Ort"], ["Rad", "Köln"]]), "a.ods"))

    assert text(outcome) == "Teil\tOrt\nRad\tKöln"
    assert outcome.data["metadata"]["title"] == "Bestand"
    assert outcome.data["metadata"]["createdAt"] == "2026-01-02T03:04:05.000Z"


def test_an_open_document_with_a_password_is_named(tmp_path: Path) -> None:
    manifest = "<m><file-entry><encryption-data/></file-entry></m>"

    assert refusal(saved(tmp_path, ods([], manifest=manifest), "a.ods")) == "encrypted"


def test_cells_over_the_limit_are_left_out_and_named(tmp_path: Path) -> None:
    rows: list[list[str | float]] = [[f"r{number}", 1.0] for number in range(50)]
    path = saved(tmp_path, workbook_xls(rows), "a.xls")

    outcome = extract(path, limits=Limits(max_cells=20))

    assert len(text(outcome).splitlines()) == 10
    assert outcome.data["limitsHit"] == ("cells",)
    assert issues(outcome) == ["LIMIT_REACHED"]
    assert outcome.status == "degraded"


def test_one_cell_in_the_last_corner_does_no_harm(tmp_path: Path) -> None:
    row = "<row r='1048576'><c r='XFD1048576' t='str'><v>far</v></c></row>"

    assert text(extract(saved(tmp_path, xlsx(row), "a.xlsx"))) == "far"


def test_a_workbook_of_nonsense_is_corrupt(tmp_path: Path) -> None:
    whole = workbook_xls([["a"]])

    assert refusal(saved(tmp_path, whole[:1_000], "a.xls")) in {
        "corrupt",
        "unsupported_type",
    }
    path = saved(tmp_path, xlsx("<row").replace(b"workbook", b"workbxxk"), "b.xlsx")
    assert refusal(path) == "corrupt"


def table_of(tmp_path: Path, rows: list[list[str]]) -> TableContent:
    path = saved(tmp_path, ods(rows), "a.ods")
    return read(path).pages[0].tables[0]


def test_a_sheet_is_a_table_with_a_header_of_text() -> None:
    pages = read(SAMPLES / "expenses.xlsx").pages

    assert [page.number for page in pages] == [1, 2]
    table = pages[0].tables[0]
    assert table.has_header
    assert table.rows[0] == ("Date", "What", "Category", "Amount (GBP)")
    assert table.rows[-1] == ("", "", "Total", "498.54")
    for row in table.rows:
        assert "\t".join(row) in pages[0].text


def test_titles_above_a_table_are_no_rows(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (["Report 2026"], [], ["Name", "Amount"], ["Bolt", 2], [], ["Nut", 3]):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")

    page = read(tmp_path / "a.xlsx").pages[0]

    assert structure(page) == ["paragraph Report 2026", "table"]
    assert page.tables[0].has_header
    assert page.tables[0].rows[1:] == (("Bolt", "2"), ("", ""), ("Nut", "3"))
    assert page.text == "Report 2026\n\nName\tAmount\nBolt\t2\n\nNut\t3"


def test_a_first_row_with_numbers_is_no_header(tmp_path: Path) -> None:
    path = saved(tmp_path, workbook_xls([["Bolt", 1.0], ["Nut", 2.0]]), "a.xls")

    assert not read(path).pages[0].tables[0].has_header


def test_one_row_or_column_is_read(tmp_path: Path) -> None:
    assert table_of(tmp_path, [["a", "b"]]).rows == (("a", "b"),)
    assert table_of(tmp_path, [["a"], ["b"]]).rows == (("a",), ("b",))


def test_an_empty_sheet_has_no_table(tmp_path: Path) -> None:
    content = read(saved(tmp_path, ods([]), "a.ods"))

    assert (content.pages[0].tables, content.pages[0].text) == ((), "")


def test_chosen_sheets_keep_their_numbers_and_names() -> None:
    pages = read(SAMPLES / "expenses.xlsx", pages="2").pages

    assert [(page.number, page.name) for page in pages] == [(2, "Rules")]


def test_formulas_and_injections_stay_as_they_are_written(tmp_path: Path) -> None:
    row = ["=HYPERLINK(1)", "@SUM(1)", "+1", "-1"]

    assert table_of(tmp_path, [["a", "b", "c", "d"], row]).rows[1] == tuple(row)


def test_cells_over_the_limit_of_tables_stay_in_the_text(tmp_path: Path) -> None:
    path = saved(tmp_path, ods([["name", "x"]] * 40), "a.ods")
    context = context_of(path, limits=Limits(max_table_cells=20))

    page = read_in(context).pages[0]

    assert (len(page.tables[0].rows), page.tables[0].row_count) == (10, 40)
    assert len(page.text.splitlines()) == 40
    assert context.limits_hit == ["table_cells"]


def test_control_characters_do_not_reach_the_table(tmp_path: Path) -> None:
    row = "<row><c t='str'><v>a_x0007_b</v></c><c t='str'><v>c&#x85;d</v></c></row>"

    page = read(saved(tmp_path, xlsx(row), "a.xlsx")).pages[0]

    assert "\x07" not in page.text
    assert all("\x07" not in cell for cell in page.tables[0].rows[0])


def test_formulas_without_a_value_are_named_and_stay_out(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Invoice no.", "Total EUR"])
    sheet.append(["4711", "=1190.00*1.19"])
    sheet.append(['=HYPERLINK("https://example.org","here")', "=SUM(B2:B2)"])
    for _ in range(5):
        sheet.append([None, "=SUM(B2:B3)"])
    book.save(tmp_path / "a.xlsx")

    outcome = extract(tmp_path / "a.xlsx", job_type="FULL_ANALYSIS")

    assert outcome.status == "degraded"
    [issue] = outcome.data["issues"]
    assert (issue["code"], issue["page"]) == ("VALUE_NOT_STORED", 1)
    assert "(8): B2 (=1190.00*1.19), A3 (=HYPERLINK(" in issue["message"]
    assert "B5 (=SUM(B2:B3)), …" in issue["message"]
    found = outcome.data["extraction"]
    assert found["text"]["preview"] == "Invoice no.\tTotal EUR\n4711"
    assert [each["type"] for each in found["entities"]] == ["invoice_number"]
    assert found["fields"]["total"] is None


def cell(place: str, inner: str, kind: str = "n") -> str:
    return f"<c r='{place}' t='{kind}'>{inner}</c>"


def test_values_of_formulas_are_shown(tmp_path: Path) -> None:
    row = (
        cell("A1", "<f>1+1</f><v>2</v>")
        + cell("B1", "<f>1-1</f><v>0</v>")
        + cell("C1", '<f>""</f><v></v>', "str")
        + cell("D1", "<f>1/0</f><v>#DIV/0!</v>", "e")
    )

    outcome = extract(saved(tmp_path, xlsx(f"<row>{row}</row>"), "a.xlsx"))

    assert (text(outcome), outcome.status) == ("2\t0\t\t#DIV/0!", "ok")


@pytest.mark.parametrize(
    ("value", "shown", "status"),
    [("0", "2\t\t\t#DIV/0!", "degraded"), ("4", "2\t4\t0\t#DIV/0!", "ok")],
)
def test_a_zero_that_nobody_calculated_is_no_value(
    tmp_path: Path, value: str, shown: str, status: str
) -> None:
    # What XlsxWriter writes: 0 wherever it was not told the value.
    row = (
        cell("A1", "<v>2</v>")
        + cell("B1", f"<f>A1*2</f><v>{value}</v>")
        + cell("C1", "<f>A1-2</f><v>0</v>")
        + cell("D1", "<f>1/0</f><v>#DIV/0!</v>", "e")
    )
    book = xlsx(f"<row>{row}</row>", calculation="<calcPr fullCalcOnLoad='1'/>")

    outcome = extract(saved(tmp_path, book, "a.xlsx"))

    assert (text(outcome), outcome.status) == (shown, status)


def test_cells_need_not_say_where_they_are(tmp_path: Path) -> None:
    rows = (
        "<row r='3'><c><v>1</v></c><c><f>A3</f></c></row>"
        "<row><c r='C4'><v>2</v></c><c><f>C4</f></c></row>"
    )

    outcome = extract(saved(tmp_path, xlsx(rows), "a.xlsx"))

    assert "(2): B3 (=A3), D4 (=C4)." in outcome.data["issues"][0]["message"]


def open_cell(attributes: str, shown: str = "") -> str:
    return f"<table:table-cell {attributes}>{shown}</table:table-cell>"


def test_cells_of_open_documents_are_shown_as_in_other_workbooks(
    tmp_path: Path,
) -> None:
    cells = (
        open_cell("office:value-type='float' office:value='0.30000000000000004'")
        + open_cell(
            "office:value-type='currency' office:value='12.5' office:currency='EUR'"
        )
        + open_cell("office:value-type='percentage' office:value='0.07'")
        + open_cell("table:formula='of:=SUM([.B3:.C3])'")
        + open_cell(
            "xmlns:x='urn:x' table:formula='of:=1/0' office:value-type='string' "
            "x:value-type='error'",
            "<text:p>#DIV/0!</text:p>",
        )
        + open_cell("office:value-type='float' office:value='1' table:formula='of:=1'")
    )
    empty = (
        "<table:table-row table:number-rows-repeated='2'><table:table-cell/>"
        "</table:table-row>"
    )
    path = saved(
        tmp_path,
        ods_of(f"{empty}<table:table-row>{cells}</table:table-row>"),
        "a.ods",
    )

    outcome = extract(path)

    assert text(outcome) == "0.3\t12.50 EUR\t7%\t\t#DIV/0!\t1"
    [issue] = outcome.data["issues"]
    assert (issue["code"], issue["page"]) == ("VALUE_NOT_STORED", 1)
    assert "(1): D3 (=SUM([.B3:.C3]))." in issue["message"]


def test_an_error_is_shown_although_nothing_else_is_told(tmp_path: Path) -> None:
    row = f"<row r='3'>{cell('B3', '<v>#N/A</v>', 'e')}</row>"

    assert text(extract(saved(tmp_path, xlsx(row), "a.xlsx"))) == "#N/A"


def test_rows_of_an_ods_sheet_that_say_the_same_have_their_formats_too(
    tmp_path: Path,
) -> None:
    cell = open_cell(
        "office:value-type='currency' office:value='80' office:currency='EUR'"
    )
    row = f"<table:table-row table:number-rows-repeated='2'>{cell}</table:table-row>"
    path = saved(tmp_path, ods_of(row), "a.ods")

    assert text(extract(path)) == "80.00 EUR\n80.00 EUR"


def test_a_sheet_is_unpacked_once_beside_its_reader(tmp_path: Path) -> None:
    rows = "".join(f"<row><c><v>{number}</v></c></row>" for number in range(9_000))
    content = xlsx(rows)
    with zipfile.ZipFile(io.BytesIO(content)) as whole:
        size = sum(entry.file_size for entry in whole.infolist())

    context = context_of(
        saved(tmp_path, content, "a.xlsx"),
        limits=Limits(max_archive_bytes=size + 4_000),
    )

    assert read_in(context).pages[0].text.endswith("\n8999")
