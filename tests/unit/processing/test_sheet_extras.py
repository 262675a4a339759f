import io
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl.chart.bar_chart import BarChart
from openpyxl.chart.reference import Reference
from openpyxl.comments.comments import Comment
from openpyxl.workbook.workbook import Workbook

from tests.unit.processing.packed import ods_of, packed
from tests.unit.processing.readers import read
from tests.unit.processing.running import extract, issues, text

DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
BOX = (
    f"<x:twoCellAnchor xmlns:x='{DRAWING}/spreadsheetDrawing' xmlns:a='{DRAWING}/main'>"
    "<x:sp><x:txBody><a:p><a:r><a:t>Hartwell </a:t></a:r><a:r><a:t>Ltd</a:t></a:r>"
    "</a:p></x:txBody></x:sp></x:twoCellAnchor>"
).encode()


def workbook() -> dict[str, bytes]:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (["Name", "Amount"], ["Bolt", 2], ["Nut", 3]):
        sheet.append(row)
    sheet["B3"].comment = Comment("Ask  Peter", "me")
    sheet.oddHeader.left.text = "R&&D &P"
    sheet.oddHeader.right.text = "VAT GB980780684"
    sheet.evenHeader.left.text = "R&&D &P"
    sheet.oddFooter.center.text = '&"Arial,Bold"&12Bank Ltd'
    chart = BarChart()
    chart.title = "Parts"
    chart.add_data(Reference(sheet, 2, 1, 2, 3), titles_from_data=True)
    sheet.add_chart(chart)
    pages = book.create_chartsheet("Drawn")
    other = BarChart()
    other.title = "Again"
    pages.add_chart(other)
    target = io.BytesIO()
    book.save(target)
    with ZipFile(target) as whole:
        return {name: whole.read(name) for name in whole.namelist()}


def saved(tmp_path: Path, parts: dict[str, bytes]) -> Path:
    path = tmp_path / "a.xlsx"
    path.write_bytes(packed(dict(parts)))
    return path


def test_what_stands_beside_the_cells_is_read(tmp_path: Path) -> None:
    parts = workbook()
    drawing = parts["xl/drawings/drawing1.xml"].replace(b"</wsDr>", BOX + b"</wsDr>")
    parts["xl/drawings/drawing1.xml"] = drawing

    first, second = read(saved(tmp_path, parts)).pages

    assert first.text.splitlines() == [
        "Name\tAmount",
        "Bolt\t2",
        "Nut\t3",
        "R&D",
        "VAT GB980780684",
        "Bank Ltd",
        "Hartwell Ltd",
        "Parts",
        "B3: Ask  Peter",
    ]
    assert len(first.tables) == 1
    assert (second.name, second.text) == ("Drawn", "Again")


@pytest.mark.parametrize(
    "part", ["xl/comments/comment1.xml", "xl/drawings/drawing1.xml"]
)
def test_a_damaged_part_loses_only_itself_and_is_named(
    tmp_path: Path, part: str
) -> None:
    outcome = extract(saved(tmp_path, {**workbook(), part: b"<x"}))

    assert issues(outcome) == ["PART_UNREADABLE"]
    assert text(outcome).startswith("Name\tAmount\nBolt\t2\nNut\t3\n")


def test_notes_on_cells_of_open_documents_are_read(tmp_path: Path) -> None:
    lines = "<text:p>Ask</text:p><text:p>her</text:p>"
    note = f"<office:annotation>{lines}</office:annotation>"
    path = tmp_path / "a.ods"
    path.write_bytes(
        ods_of(
            "<table:table-row><table:table-cell/><table:table-cell "
            f"office:value-type='string'>{note}<text:p>Bolt</text:p></table:table-cell>"
            "</table:table-row>"
        )
    )

    assert read(path).pages[0].text == "Bolt\nB1: Ask\nher"
