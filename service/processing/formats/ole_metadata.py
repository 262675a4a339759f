"""What the old formats of Office say of a file: those of before 2007."""

import datetime
from pathlib import Path

import olefile

from service.processing.formats.content import Safety, parsing, stated
from service.processing.results import Metadata, timestamp

_MACRO_STORAGES = frozenset({"_vba_project_cur", "_vba_project", "macros"})


def about(path: Path) -> tuple[Metadata, Safety]:
    """Give what an OLE file says of itself, and whether it has macros.

    Raises:
        DocumentError: ``corrupt``.
    """
    with parsing(), olefile.OleFileIO(str(path)) as ole:
        found = ole.get_metadata()
        encoding = f"cp{found.codepage}" if (found.codepage or 0) > 0 else "cp1252"
        names = {part.lower() for entry in ole.listdir(storages=True) for part in entry}
        metadata = Metadata(
            title=_text(found.title, encoding),
            author=_text(found.author, encoding),
            producer=_text(found.creating_application, encoding),
            created_at=_time(found.create_time),
            modified_at=_time(found.last_saved_time),
            page_count=_count(found.num_pages) or _count(found.slides),
        )
        return metadata, Safety(macros=not names.isdisjoint(_MACRO_STORAGES))


def _text(value: object, encoding: str) -> str | None:
    if not isinstance(value, bytes):
        return stated(value)
    try:
        return stated(value.decode(encoding, "replace"))
    except LookupError:
        return stated(value.decode("cp1252", "replace"))


def _time(value: object) -> str | None:
    # 1601 is how a time that was never set is stored.
    known = isinstance(value, datetime.datetime) and value.year > 1601
    return timestamp(value) if known and isinstance(value, datetime.datetime) else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None
