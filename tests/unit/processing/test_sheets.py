import io
import zipfile
from datetime import datetime
from pathlib import Path

from openpyxl.workbook.workbook import Workbook

from service.processing.context import Limits
from service.processing.formats.content import TableContent
from tests.unit.processing.ole import workbook_xls
from tests.unit.processing.packed import ods, packed, xlsx
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
    sheet.append([True, 3.0, 0.1, datetime(2026, 1, 2, 3, 4), None, "x"])  # noqa: DTZ001 - as sheets hold them
    sheet.append([None, "=1+1", '=HYPERLINK("http://example.org")'])
    target = io.BytesIO()
    book.save(target)

    outcome = extract(saved(tmp_path, target.getvalue(), "a.xlsx"))

    assert text(outcome) == "TRUE\t3\t0.1\t2026-01-02 03:04:00\t\tx"


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
