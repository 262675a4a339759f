"""What an ODS workbook says of its cells besides their values.

Those come without formats and formulas (OpenDocument 1.3 part 3, §9.1 and §19.385).
"""

from collections.abc import Iterator
from io import BytesIO
from itertools import islice, product

from lxml import etree

from service.processing.formats.archive import Archive, local_name
from service.processing.formats.content import parsing
from service.processing.formats.flow import Flow
from service.processing.formats.office_walk import number, value
from service.processing.formats.sheet_cells import (
    Cells,
    Place,
    forgiving,
    named,
)
from service.processing.formats.sheet_formats import NumberFormat

_CONTENT = "content.xml"
_CELLS = ("table-cell", "covered-table-cell")
_TAGS = tuple(f"{{*}}{name}" for name in (*_CELLS, "table-row", "table"))
_REPEATED_MAX = 1_000
"""Cells or rows that say the same; spreadsheets fill their rest with empty ones."""
_PERCENT = NumberFormat(percent=True)


class OpenCells:
    """The cells of a workbook, sheet by sheet."""

    def __init__(self, archive: Archive) -> None:
        """Read the sheets, which are all in one part."""
        self._sheets: dict[str, Cells] = {}
        self._extras: dict[str, list[str]] = {}
        with forgiving():
            content = archive.read(_CONTENT)
            for name, place, cell in _cells(content) if content else ():
                about = self._sheets.setdefault(name, Cells())
                _note(about, place, cell)
                notes = (_text(each) for each in cell.iterchildren("{*}annotation"))
                self._extras.setdefault(name, []).extend(
                    f"{named(place)}: {note}" for note in notes
                )

    def add_extras(self, flow: Flow, name: str) -> None:
        """Add what a sheet has beside its cells: notes on them."""
        for note in self._extras.get(name, ()):
            flow.add_section()
            flow.add(note)

    def of_sheet(self, name: str) -> Cells:
        """Give what is known of the cells of a sheet."""
        return self._sheets.get(name, Cells())


def _note(about: Cells, place: Place, cell: etree._Element) -> None:
    kinds = {str(each) for key, each in cell.items() if str(key).endswith("value-type")}
    if "percentage" in kinds:
        about.formats[place] = _PERCENT
    currency = value(cell, "currency")
    if "currency" in kinds and currency:
        about.formats[place] = NumberFormat(decimals=2, currency=currency)
    formula = value(cell, "formula")
    if formula is None:
        return
    shown = _text(cell)
    if "error" in kinds:  # an extension of LibreOffice
        about.errors[place] = shown
    elif not kinds and not shown:
        # Before the formula stands how it is written, such as "of:=" (§19.642).
        about.add_unknown(place, formula.partition("=")[2])


def _text(element: etree._Element) -> str:
    lines = element.iterchildren("{*}p")
    return "\n".join("".join(map(str, line.itertext())) for line in lines).strip()


def _cells(content: bytes) -> Iterator[tuple[str, Place, etree._Element]]:
    """Give the cells that say something, with their sheets and places."""
    sheet, row, column, rows = "", 0, 0, 1
    with parsing():
        elements = etree.iterparse(
            BytesIO(content),
            events=("start", "end"),
            tag=_TAGS,
            resolve_entities=False,
            no_network=True,
            huge_tree=False,
        )
        for event, element in elements:
            kind = local_name(element)
            if event == "start":
                if kind == "table":
                    sheet, row = value(element, "name") or "", 0
                elif kind == "table-row":
                    column = 0
                    rows = number(value(element, "number-rows-repeated")) or 1
                continue
            if kind == "table-row":
                row += number(value(element, "number-rows-repeated")) or 1
                element.clear()
            elif kind in _CELLS:
                times = number(value(element, "number-columns-repeated")) or 1
                if _says(element):
                    for down, right in _repeated(rows, times):
                        yield sheet, (row + down, column + right), element
                column += times


def _says(cell: etree._Element) -> bool:
    """Whether a cell has more than a style: thousands of empty ones end each row."""
    told = value(cell, "value-type") or value(cell, "formula")
    return len(cell) > 0 or told is not None


def _repeated(rows: int, columns: int) -> Iterator[tuple[int, int]]:
    """Give the steps down and right from a cell to those that say the same."""
    downs, rights = (range(min(each, _REPEATED_MAX)) for each in (rows, columns))
    return islice(product(downs, rights), _REPEATED_MAX)
