"""Office files: a contract, an expense sheet, a slide deck."""

import io
import re
import zipfile
from datetime import UTC, date, datetime
from typing import Any

import docx
import pptx
from openpyxl.styles.fonts import Font
from openpyxl.workbook.workbook import Workbook
from pptx.util import Inches

_MADE = datetime(2026, 10, 1, 9, 0, tzinfo=UTC).replace(tzinfo=None)
_ZIP_TIME = (2026, 10, 1, 9, 0, 0)
_EXPENSES = (
    (date(2026, 9, 2), "Rail ticket Leeds-London", "Travel", 84.60),
    (date(2026, 9, 2), "Hotel, one night", "Lodging", 139.00),
    (date(2026, 9, 3), "Lunch with client", "Meals", 46.75),
    (date(2026, 9, 11), "USB-C dock", "Equipment", 189.99),
    (date(2026, 9, 24), "Taxi to the airport", "Travel", 38.20),
)


def contract_docx() -> bytes:
    """Give a short contract with headings and a table."""
    document = docx.Document()
    document.add_heading("Maintenance agreement", level=0)
    document.add_paragraph(
        "This agreement is made between Harbour Ferries Ltd (the client) and "
        "Tidewater Marine Services (the contractor) and takes effect on 1 January "
        "2027. It covers inspection and repair of the vessels listed below."
    )
    document.add_heading("1. Vessels and intervals", level=1)
    rows = (
        ("Vessel", "Interval", "Fee per visit"),
        ("MV Sandpiper", "every 3 months", "EUR 1,850.00"),
        ("MV Kittiwake", "every 3 months", "EUR 1,850.00"),
        ("MV Curlew (electric)", "every 6 months", "EUR 2,400.00"),
    )
    table = document.add_table(rows=0, cols=3, style="Table Grid")
    for row in rows:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            cell.text = value
    document.add_heading("2. Term and notice", level=1)
    document.add_paragraph(
        "The agreement runs for two years. Either party may end it in writing with "
        "three months' notice to the end of a quarter."
    )
    document.sections[0].footer.paragraphs[0].text = "Contract TMS-2027-014"
    _describe(document.core_properties, "Maintenance agreement", "Tidewater Marine")
    target = io.BytesIO()
    document.save(target)
    return _repacked(target.getvalue())


def expenses_xlsx() -> bytes:
    """Give a workbook of two sheets with dates and numbers."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "September"
    sheet.append(["Date", "What", "Category", "Amount (GBP)"])
    for row in _EXPENSES:
        sheet.append(row)
    sheet.append(["", "", "Total", round(sum(row[3] for row in _EXPENSES), 2)])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.column_dimensions["B"].width = 30
    rules = book.create_sheet("Rules")
    rules.append(["Category", "Limit per day (GBP)"])
    for name, limit in (("Travel", 250), ("Lodging", 180), ("Meals", 60)):
        rules.append([name, limit])
    book.properties.title = "Expenses September 2026"
    book.properties.creator = "R. Okafor"
    book.properties.created = _MADE
    target = io.BytesIO()
    book.save(target)
    return _repacked(target.getvalue())


def kickoff_pptx() -> bytes:
    """Give three slides with bullets, a table and speaker notes."""
    deck: Any = pptx.Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[0])
    first.shapes.title.text = "Electric ferries: kick-off"
    first.placeholders[1].text = "Project team, 5 October 2026"
    second = deck.slides.add_slide(deck.slide_layouts[1])
    second.shapes.title.text = "What we want to reach"
    second.placeholders[1].text = (
        "Two vessels in service by May\nCharging at both quays\n"
        "No crossing cancelled for lack of power"
    )
    second.notes_slide.notes_text_frame.text = "Mention the grid connection date."
    third = deck.slides.add_slide(deck.slide_layouts[5])
    third.shapes.title.text = "Milestones"
    frame = third.shapes.add_table(
        3, 2, Inches(1), Inches(2), Inches(8), Inches(1.5)
    ).table
    rows = (("Date", "Step"), ("15 January", "Charger tests"), ("3 May", "Service"))
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            frame.cell(number, column).text = value
    _describe(deck.core_properties, "Kick-off", "Project office")
    target = io.BytesIO()
    deck.save(target)
    return _repacked(target.getvalue())


def _describe(properties: Any, title: str, author: str) -> None:
    properties.title = title
    properties.author = author
    properties.created = _MADE
    properties.modified = _MADE
    properties.last_modified_by = author


def _repacked(content: bytes) -> bytes:
    """Pack the parts anew with a fixed time, so that every run gives the same file."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            part = old.read(entry)
            if entry.filename == "docProps/core.xml":
                part = re.sub(
                    rb"(<dcterms:modified[^>]*>)[^<]*",
                    rb"\g<1>" + f"{_MADE.isoformat()}Z".encode(),
                    part,
                )
            fixed = zipfile.ZipInfo(entry.filename, _ZIP_TIME)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(fixed, part)
    return target.getvalue()
