"""Results as a ZIP: a folder for each document, and a table of all."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from gateway.exports.documents import markdown, whole_text
from gateway.exports.sheet import as_csv
from gateway.exports.source import Export, known
from gateway.views import failure_body
from service.processing.outputs import TEXT_OUTPUT
from service.store.rows import TaskView

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_NAME_CHARS = 80
_UNSAFE = re.compile(r"[^\w.,()+-]+")


def as_zip(export: Export) -> Iterator[bytes]:
    """Give the archive; nothing of it is kept longer than until it is sent."""
    out = _Outgoing()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for name, pieces in _entries(export):
            with archive.open(name, "w", force_zip64=True) as entry:
                for piece in pieces:
                    entry.write(piece)
                    yield from out.taken()
            yield from out.taken()
    yield from out.taken()


def _entries(export: Export) -> Iterator[tuple[str, Iterable[bytes]]]:
    for view in export.documents():
        folder = _folder(view)
        result = export.result(view)
        if result is None:
            yield f"{folder}/error.json", [msgspec.json.encode(failure_body(view))]
            continue
        yield f"{folder}/result.json", [result]
        found = known(result)
        text = found.find("text")
        if text is not None:
            whole = whole_text(export, view, text, TEXT_OUTPUT)
            if whole is None:
                yield f"{folder}/text.beginning.txt", [text.preview.encode()]
            else:
                yield f"{folder}/text.txt", whole
        if found.find("markdown") is not None:
            yield f"{folder}/document.md", markdown(export, view, result)
    yield "index.csv", as_csv(export)


def _folder(view: TaskView) -> str:
    """Name a document's folder: sorted as in the job, unique, safe on any system."""
    name = _UNSAFE.sub("_", view.document_name).strip("._ ")[:_NAME_CHARS]
    return f"{view.task.index + 1:05d}-{name or 'document'}"


class _Outgoing(io.RawIOBase):
    """What was written and not taken yet; cannot go back, like a socket."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: "ReadableBuffer", /) -> int:
        """Keep a piece."""
        piece = bytes(data)
        self._pieces.append(piece)
        return len(piece)

    def taken(self) -> Iterator[bytes]:
        """Give what was written since the last call."""
        pieces, self._pieces = self._pieces, []
        if pieces:
            yield b"".join(pieces)
