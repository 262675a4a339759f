"""ZIP archives: a list of files, each of which may become a document."""

from service.processing.context import StepContext
from service.processing.formats.archive import is_locked, open_archive
from service.processing.formats.attachments import Attachments
from service.processing.formats.content import (
    Content,
    PageContent,
    cleaned,
    cleaned_name,
    part_of_all,
    refused,
)
from service.processing.results import Metadata

_LITTER_FOLDER = "__MACOSX/"
_LITTER = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
"""What systems leave in archives and nobody put there."""
_NAMED_MAX = 5  # files in one message


def read_zip(context: StepContext) -> Content:
    """Read an archive: its text is the names of its files with their folders.

    Archives inside it stay closed: they are opened when they are documents themselves.
    Files that need a password are named, and lost.

    Raises:
        DocumentError: ``encrypted`` when all of them do; as `open_archive` does.
    """
    path, limits = context.source.path, context.limits
    with open_archive(path, limits, locked_parts=True) as archive:
        entries = [entry for entry in archive.entries() if _is_file(entry.filename)]
        locked = [entry.filename for entry in entries if is_locked(entry)]
        _name_locked(context, locked, of=len(entries))
        found = Attachments(context)
        for number, entry in enumerate(entries, 1):
            if is_locked(entry):
                continue
            if found.full():
                break
            context.report_page(number, len(entries))
            message = "A file in the archive could not be read."
            with part_of_all(context, message):
                found.add(entry.filename, archive.read_entry(entry))
    if entries and not found.files():
        raise refused("corrupt")
    text = cleaned("\n".join(entry.filename for entry in entries))
    return Content(
        pages=(PageContent(text=text),), metadata=Metadata(), embedded=found.files()
    )


def _name_locked(context: StepContext, names: list[str], *, of: int) -> None:
    if not names:
        return
    if len(names) == of:
        raise refused("encrypted")
    shown = ", ".join(map(cleaned_name, names[:_NAMED_MAX]))
    more = ", …" if len(names) > _NAMED_MAX else ""
    message = f"Files in the archive need a password ({len(names)}): {shown}{more}."
    context.add_issue("PART_UNREADABLE", "error", message)


def _is_file(name: str) -> bool:
    last = name.rsplit("/", 1)[-1].lower()
    return bool(last) and not name.startswith(_LITTER_FOLDER) and last not in _LITTER
