"""What the parts of an office document say about it, besides its text.

Parts and relations are those of the Open Packaging Conventions (ECMA-376 part 2).
"""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from service.processing.context import StepContext
from service.processing.formats.archive import Archive, local_name
from service.processing.formats.attachments import Attachments
from service.processing.formats.content import (
    EXTERNAL_REFERENCES_MAX,
    EmbeddedFile,
    Safety,
    stated,
)
from service.processing.formats.ole_objects import unwrapped
from service.processing.results import Metadata, Timestamp, timestamp

_MACRO_NAMES = ("vbaproject.bin", "vbadata.xml")
_MACRO_FOLDERS = ("xl/macrosheets/", "xl/intlmacrosheets/", "basic/", "scripts/")
"""The last two are those of OpenDocument (part 2, §3.2)."""
_EMBEDDINGS = ("word/embeddings/", "ppt/embeddings/", "xl/embeddings/")


@dataclass(frozen=True, slots=True)
class Relation:
    """What one part says of another, or of something outside."""

    kind: str
    """The last word of its type, such as ``image``."""
    target: str
    """A part's name, or an address when it is external."""
    external: bool


def relations(archive: Archive, part: str) -> dict[str, Relation]:
    """Give a part's relations by their ids; ``""`` is the whole package."""
    folder, name = posixpath.split(part)
    root = archive.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
    return {} if root is None else dict(_relations(root, folder))


def main_part(archive: Archive, usual: str) -> str:
    """Give the name of the part that is the document itself (part 1, §11.3.10)."""
    if usual in archive.names():
        return usual
    for relation in relations(archive, "").values():
        if relation.kind == "officeDocument" and not relation.external:
            return relation.target
    return usual


def metadata(archive: Archive, *, page_count: int | None = None) -> Metadata:
    """Give what ``docProps`` says about the document."""
    core = _properties(archive, "docProps/core.xml")
    app = _properties(archive, "docProps/app.xml")
    return Metadata(
        title=stated(core.get("title")),
        author=stated(core.get("creator")),
        producer=stated(app.get("Application")),
        created_at=moment(core.get("created")),
        modified_at=moment(core.get("modified")),
        page_count=page_count if page_count is not None else _number(app.get("Pages")),
        language=stated(core.get("language")),
    )


def moment(value: str | None) -> Timestamp | None:
    """Read an ISO 8601 time, None when it is none."""
    try:
        return timestamp(datetime.fromisoformat((value or "").strip()))
    except (ValueError, OverflowError):
        return None


def safety(archive: Archive) -> Safety:
    """Say what the document carries that acts, or reaches out of it.

    A hyperlink waits for somebody to follow it; everything else that is external is
    fetched when the document is opened.
    """
    names = [name.lower() for name in archive.names()]
    macros = any(
        name.endswith(_MACRO_NAMES) or name.startswith(_MACRO_FOLDERS) for name in names
    )
    return Safety(macros=macros, external_references=tuple(_external(archive)))


def embedded(context: StepContext, archive: Archive) -> tuple[EmbeddedFile, ...]:
    """Give the files that were put into the document; its pictures are none."""
    found = Attachments(context)
    for name in archive.names():
        if not name.startswith(_EMBEDDINGS) or name.endswith("/"):
            continue
        if found.full():
            break
        inner_name, data = unwrapped(archive.read(name) or b"")
        found.add(inner_name or name, data)
    return found.files()


def _external(archive: Archive) -> Iterator[str]:
    seen: set[str] = set()
    for name in archive.names():
        content = archive.read(name) if name.endswith(".rels") else None
        if content is None or b"External" not in content:
            continue
        root = archive.xml(name)
        for _, relation in _relations(root, "") if root is not None else ():
            address = stated(relation.target)
            if not relation.external or relation.kind == "hyperlink" or not address:
                continue
            if address not in seen:
                seen.add(address)
                yield address
            if len(seen) > EXTERNAL_REFERENCES_MAX:
                return


def _relations(root: etree._Element, folder: str) -> Iterator[tuple[str, Relation]]:
    for element in root:
        kind = (element.get("Type") or "").rsplit("/", 1)[-1]
        target, name = element.get("Target") or "", element.get("Id") or ""
        if element.get("TargetMode") == "External":
            yield name, Relation(kind, target, external=True)
        else:
            part = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            yield name, Relation(kind, part, external=False)


def _properties(archive: Archive, name: str) -> dict[str, str]:
    root = archive.xml(name)
    if root is None:
        return {}
    return {local_name(element): element.text or "" for element in root}


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() else None
