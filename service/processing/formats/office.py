"""DOCX and PPTX, by a walker of our own over the packed XML.

It reads what python-docx loses (text boxes, notes, comments, strict OOXML) and refuses
bombs before unpacking. Names are compared without namespaces: transitional and strict
files differ only in those.
"""

import posixpath
import re
from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from service.processing.context import StepContext
from service.processing.formats.archive import Archive, local_name, open_archive
from service.processing.formats.content import (
    Content,
    PageContent,
    parsing,
    refused,
    stated,
)
from service.processing.results import Metadata, Timestamp, timestamp

_DOCX_EXTRA_PARTS = re.compile(
    r"word/(?:header|footer|footnotes|endnotes|comments)\d*\.xml"
)
_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")
_SKIPPED = frozenset({"Fallback", "del", "moveFrom", "instrText"})
"""Second copies for old readers, what was deleted, and field instructions."""
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def read_docx(context: StepContext) -> Content:
    """Read a word processor document."""
    context.use_engine("lxml")
    with open_archive(context.source.path, context.limits) as archive:
        body = archive.xml("word/document.xml")
        if body is None:
            raise refused("corrupt")
        extra = [
            part_text(archive.xml(name))
            for name in sorted(archive.names())
            if _DOCX_EXTRA_PARTS.fullmatch(name)
        ]
        text = "\n".join(part for part in (part_text(body), *extra) if part)
        return Content(pages=(PageContent(text=text),), metadata=metadata(archive))


def read_pptx(context: StepContext) -> Content:
    """Read a slide deck, each slide with its notes as one page."""
    context.use_engine("lxml")
    with open_archive(context.source.path, context.limits) as archive:
        slides = _slides(archive)
        if len(slides) > context.limits.max_pages:
            raise refused("too_many_pages")
        pages = []
        for number, name in enumerate(slides, 1):
            context.report_page(number, len(slides))
            notes = [
                part_text(archive.xml(target))
                for kind, target in _relations(archive, name).values()
                if kind == "notesSlide"
            ]
            texts = (part_text(archive.xml(name)), *notes)
            pages.append(PageContent(text="\n".join(text for text in texts if text)))
        found = metadata(archive, page_count=len(pages))
        return Content(pages=tuple(pages), metadata=found)


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


def part_text(root: etree._Element | None) -> str:
    """Give the text of a part: a line a paragraph, cells of a row apart by tabs."""
    if root is None:
        return ""
    with parsing():
        text = "".join(_pieces(root))
    return re.sub(r"\n+\t", "\t", re.sub(r"[\t\n]+\r", "\n", text)).strip("\n")


def _pieces(root: etree._Element) -> Iterator[str]:
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        name = local_name(element)
        if event == "start":
            if name in _SKIPPED or element.get("type") == "slidenum":
                walk.skip_subtree()
            elif name == "t":
                yield element.text or ""
            else:
                yield _BREAKS.get(name, "") if len(element) == 0 else ""
        elif name == "p":
            yield "\n"
        elif name == "tc":
            yield "\t"
        elif name == "tr":
            yield "\r"  # ends the row: swallows the last cell's tab


def _slides(archive: Archive) -> list[str]:
    """Give the slides' part names in the order of the deck."""
    deck = archive.xml("ppt/presentation.xml")
    if deck is None:
        raise refused("corrupt")
    relations = _relations(archive, "ppt/presentation.xml")
    ordered = []
    for element in deck.iter():
        if local_name(element) == "sldId":
            for key, value in element.attrib.items():
                if str(key).endswith("}id") and str(value) in relations:
                    ordered.append(relations[str(value)][1])
    present = set(archive.names())
    ordered = [name for name in ordered if name in present]
    return ordered or sorted(filter(_SLIDE.fullmatch, present), key=_slide_number)


def _slide_number(name: str) -> int:
    return int(re.sub(r"\D", "", name) or 0)


def _relations(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """Give a part's relations: id → (kind, part name)."""
    folder, name = posixpath.split(part)
    root = archive.xml(f"{folder}/_rels/{name}.rels")
    if root is None:
        return {}
    relations = {}
    for element in root:
        if element.get("TargetMode") == "External":
            continue
        kind = (element.get("Type") or "").rsplit("/", 1)[-1]
        target = posixpath.join("/", folder, element.get("Target") or "")
        relations[element.get("Id") or ""] = (
            kind,
            posixpath.normpath(target).lstrip("/"),
        )
    return relations


def _properties(archive: Archive, name: str) -> dict[str, str]:
    root = archive.xml(name)
    if root is None:
        return {}
    return {local_name(element): element.text or "" for element in root}


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() else None
