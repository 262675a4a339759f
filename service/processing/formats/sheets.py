"""Workbooks: XLSX, XLS and ODS, a page for each sheet."""

import datetime
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import python_calamine
from python_calamine import SheetVisibleEnum

from service.processing.context import StepContext
from service.processing.formats import ole_metadata, package
from service.processing.formats.archive import Archive, local_name, open_archive
from service.processing.formats.content import (
    Content,
    DamagedPages,
    EmbeddedFile,
    PageContent,
    Safety,
    cleaned,
    parsing,
    refused,
    select_pages,
    stated,
)
from service.processing.formats.flow import Flow
from service.processing.formats.ods_cells import OpenCells
from service.processing.formats.sheet_cells import Cells, WorkbookCells
from service.processing.formats.sheet_formats import NumberFormat, general
from service.processing.media_types import ODS_TYPE, XLSX_TYPE
from service.processing.results import Metadata

_Cell = (
    int
    | float
    | str
    | bool
    | datetime.time
    | datetime.date
    | datetime.datetime
    | datetime.timedelta
)
_TITLE_ROWS_MAX = 10
"""Rows above a table that are looked at for its beginning."""
_MACRO_SHEETS = frozenset({"SheetTypeEnum.MacroSheet", "SheetTypeEnum.Vba"})


def read(context: StepContext) -> Content:
    """Read a workbook's cells as they were last shown; formulas are not run."""
    context.use_engine("python-calamine")
    path, limits = context.source.path, context.limits
    embedded: tuple[EmbeddedFile, ...] = ()
    if context.media_type == XLSX_TYPE:
        with open_archive(path, limits) as archive:
            metadata, safety = package.metadata(archive), package.safety(archive)
            embedded = package.embedded(context, archive)
            pages, has_macro_sheets = _pages(context, WorkbookCells(context, archive))
    elif context.media_type == ODS_TYPE:
        with open_archive(path, limits) as archive:
            metadata, safety = _about_ods(archive)
            pages, has_macro_sheets = _pages(context, OpenCells(archive))
    else:
        metadata, safety = ole_metadata.about(path)
        pages, has_macro_sheets = _pages(context)
    return Content(
        pages=pages,
        metadata=metadata,
        embedded=embedded,
        safety=replace(safety, macros=safety.macros or has_macro_sheets),
    )


def _pages(
    context: StepContext, about: WorkbookCells | OpenCells | None = None
) -> tuple[tuple[PageContent, ...], bool]:
    pages: list[PageContent] = []
    with _workbook(context.source.path) as book:
        names = book.sheet_names
        chosen = select_pages(context, len(names))
        if len(chosen) > context.limits.max_pages:
            raise refused("too_many_pages")
        macros = any(str(each.typ) in _MACRO_SHEETS for each in book.sheets_metadata)
        sheets = _Sheets(context, book, about)
        damaged = DamagedPages(context, len(chosen))
        for place, number in enumerate(chosen, 1):
            context.report_page(place, len(chosen))
            name = names[number - 1]
            page = damaged.page(number, partial(sheets.page, name, number))
            if book.sheets_metadata[number - 1].visible != SheetVisibleEnum.Visible:
                hidden = len("".join(page.text.split()))
                page = replace(page, hidden_chars=hidden)
            pages.append(replace(page, name=cleaned(name), number=number))
    return tuple(pages), macros


class _Sheets:
    """Reads the sheets of one workbook, within the limit on their cells."""

    def __init__(
        self,
        context: StepContext,
        book: python_calamine.CalamineWorkbook,
        about: WorkbookCells | OpenCells | None,
    ) -> None:
        self._context = context
        self._book = book
        self._about = about
        self._cells_left = context.limits.max_cells

    def page(self, name: str, number: int) -> PageContent:
        """Give a sheet; formulas in it that have no value are named."""
        with parsing():
            sheet = self._book.get_sheet_by_name(name)
            width, height = max(sheet.width, 1), sheet.height
            rows_left = min(height, self._cells_left // width)
            rows = sheet.to_python(nrows=rows_left) if rows_left else []
        about = self._about.of_sheet(name) if self._about else Cells()
        shown = _shown_rows(rows, about, sheet.start or (0, 0))
        _name_unknown(self._context, about, number)
        if rows_left < height:
            limit = self._context.limits.max_cells
            message = f"Only the first {limit} cells were read."
            self._context.hit_limit("cells", message)
        self._cells_left -= width * rows_left
        flow = _table(self._context, rows, shown)
        if self._about is not None:
            self._about.add_extras(flow, name)
        return flow.page()


def _shown_rows(
    cells: Sequence[Sequence[_Cell]], about: Cells, start: tuple[int, int]
) -> list[list[str]]:
    """Give what the cells show, the first of them being where the sheet starts."""
    rows = [[_shown(cell) for cell in row] for row in cells]

    def show(place: tuple[int, int], text: str | NumberFormat) -> None:
        down, right = place[0] - start[0], place[1] - start[1]
        if not (0 <= down < len(cells) and 0 <= right < len(cells[down])):
            return
        cell = cells[down][right]
        if isinstance(text, str):
            rows[down][right] = text
        elif isinstance(cell, int | float) and not isinstance(cell, bool):
            rows[down][right] = text.shown(cell)

    for place, shape in about.formats.items():
        show(place, shape)
    for place, error in about.errors.items():
        show(place, error)
    for place in about.unknown:
        show(place, "")
    return rows


def _name_unknown(context: StepContext, about: Cells, page: int) -> None:
    """Name formulas without a value; their text is no content, so it stays out."""
    count = len(about.unknown)
    if count == 0:
        return
    more = ", …" if count > len(about.formulas) else ""
    message = (
        f"Formulas have no stored value ({count}): {', '.join(about.formulas)}{more}. "
        "Their cells are empty; a spreadsheet program that opens and saves the file "
        "stores what they give."
    )
    context.add_issue("VALUE_NOT_STORED", "error", message, page=page)


def _table(
    context: StepContext, cells: Sequence[Sequence[_Cell]], rows: list[list[str]]
) -> Flow:
    """Give a sheet: titles above its table are no rows of it."""
    while rows and not any(rows[-1]):
        rows.pop()
    flow = Flow(context)
    first = _first_row_of_table(rows)
    for row in rows[:first]:
        flow.add("\t".join(row).rstrip("\t"))
    if first < len(rows):
        named = all(isinstance(cell, str) for cell in cells[first])
        flow.add_table(rows[first:], has_header=named and first + 1 < len(rows))
    return flow


def _first_row_of_table(rows: Sequence[Sequence[str]]) -> int:
    """Give the first row with more than one cell, or with the only one there is."""
    for place, row in enumerate(rows[:_TITLE_ROWS_MAX]):
        if sum(map(bool, row)) > 1:
            return place
    return next((place for place, row in enumerate(rows) if any(row)), len(rows))


def _workbook(path: Path) -> python_calamine.CalamineWorkbook:
    with parsing():
        try:
            return python_calamine.CalamineWorkbook.from_path(str(path))
        except python_calamine.PasswordError as error:
            raise refused("encrypted") from error


def _shown(cell: _Cell) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return general(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, datetime.timedelta):
        return _duration(cell)
    return str(cell)


def _duration(cell: datetime.timedelta) -> str:
    """Give hours, minutes and seconds, as the formats of durations do."""
    seconds = round(abs(cell).total_seconds())
    sign = "-" if cell < datetime.timedelta() else ""
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _about_ods(archive: Archive) -> tuple[Metadata, Safety]:
    manifest = archive.xml("META-INF/manifest.xml")
    if manifest is not None and any(
        local_name(element) == "encryption-data" for element in manifest.iter()
    ):
        raise refused("encrypted")
    root = archive.xml("meta.xml")
    safety = package.safety(archive)
    if root is None:
        return Metadata(), safety
    found = {local_name(element): element.text or "" for element in root.iter()}
    metadata = Metadata(
        title=stated(found.get("title")),
        author=stated(found.get("initial-creator") or found.get("creator")),
        producer=stated(found.get("generator")),
        created_at=package.moment(found.get("creation-date")),
        modified_at=package.moment(found.get("date")),
        language=stated(found.get("language")),
    )
    return metadata, safety
