"""Workbooks: XLSX, XLS and ODS, a page for each sheet."""

import datetime
from collections.abc import Iterable
from pathlib import Path

import olefile
import python_calamine

from service.processing.context import Limits, StepContext
from service.processing.formats import office
from service.processing.formats.archive import local_name, open_archive
from service.processing.formats.content import (
    Content,
    PageContent,
    parsing,
    refused,
    stated,
)
from service.processing.media_types import ODS_TYPE, XLSX_TYPE
from service.processing.results import Metadata, timestamp

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


def read(context: StepContext) -> Content:
    """Read a workbook's cells as they were last shown; formulas are not run."""
    context.use_engine("python-calamine")
    path, limits = context.source.path, context.limits
    if context.media_type == XLSX_TYPE:
        metadata = _xlsx_metadata(path, limits)
    elif context.media_type == ODS_TYPE:
        metadata = _ods_metadata(path, limits)
    else:
        metadata = _xls_metadata(path)
    return Content(pages=tuple(_pages(context)), metadata=metadata)


def _pages(context: StepContext) -> list[PageContent]:
    pages: list[PageContent] = []
    cells_left = context.limits.max_cells
    with _workbook(context.source.path) as book:
        names = book.sheet_names
        if len(names) > context.limits.max_pages:
            raise refused("too_many_pages")
        for number, name in enumerate(names, 1):
            context.report_page(number, len(names))
            with parsing():
                sheet = book.get_sheet_by_name(name)
                width, height = max(sheet.width, 1), sheet.height
                rows_left = min(height, cells_left // width)
                rows = sheet.to_python(nrows=rows_left) if rows_left else []
            text = "\n".join(_line(row) for row in rows)
            pages.append(PageContent(text=text, name=name))
            if rows_left < height:
                message = f"Only the first {context.limits.max_cells} cells were read."
                context.hit_limit("cells", message)
            cells_left -= width * rows_left
    return pages


def _workbook(path: Path) -> python_calamine.CalamineWorkbook:
    with parsing():
        try:
            return python_calamine.CalamineWorkbook.from_path(str(path))
        except python_calamine.PasswordError as error:
            raise refused("encrypted") from error


def _line(row: Iterable[_Cell]) -> str:
    return "\t".join(_shown(cell) for cell in row).rstrip("\t")


def _shown(cell: _Cell) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        whole = cell.is_integer() and abs(cell) < 1e15
        return str(int(cell)) if whole else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    return str(cell)


def _xlsx_metadata(path: Path, limits: Limits) -> Metadata:
    with open_archive(path, limits) as archive:
        return office.metadata(archive)


def _ods_metadata(path: Path, limits: Limits) -> Metadata:
    with open_archive(path, limits) as archive:
        manifest = archive.xml("META-INF/manifest.xml")
        if manifest is not None and any(
            local_name(element) == "encryption-data" for element in manifest.iter()
        ):
            raise refused("encrypted")
        root = archive.xml("meta.xml")
    if root is None:
        return Metadata()
    found = {local_name(element): element.text or "" for element in root.iter()}
    return Metadata(
        title=stated(found.get("title")),
        author=stated(found.get("initial-creator") or found.get("creator")),
        producer=stated(found.get("generator")),
        created_at=office.moment(found.get("creation-date")),
        modified_at=office.moment(found.get("date")),
        language=stated(found.get("language")),
    )


def _xls_metadata(path: Path) -> Metadata:
    with parsing(), olefile.OleFileIO(str(path)) as ole:
        found = ole.get_metadata()
        encoding = f"cp{found.codepage}" if (found.codepage or 0) > 0 else "cp1252"
        return Metadata(
            title=_ole_text(found.title, encoding),
            author=_ole_text(found.author, encoding),
            producer=_ole_text(found.creating_application, encoding),
            created_at=_ole_time(found.create_time),
            modified_at=_ole_time(found.last_saved_time),
        )


def _ole_text(value: object, encoding: str) -> str | None:
    if not isinstance(value, bytes):
        return stated(value)
    try:
        return stated(value.decode(encoding, "replace"))
    except LookupError:
        return stated(value.decode("cp1252", "replace"))


def _ole_time(value: object) -> str | None:
    # 1601 is how a time that was never set is stored.
    known = isinstance(value, datetime.datetime) and value.year > 1601
    return timestamp(value) if known and isinstance(value, datetime.datetime) else None
