"""DOCX and PPTX, by a walker of our own over the packed XML.

It reads what python-docx loses (text boxes, notes, comments, strict OOXML) and refuses
bombs before unpacking.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from io import BytesIO

from service.processing.context import StepContext
from service.processing.formats import package
from service.processing.formats.archive import Archive, local_name, open_archive
from service.processing.formats.charts import add_chart
from service.processing.formats.content import (
    Content,
    DamagedPages,
    PageContent,
    part_of_all,
    refused,
    select_pages,
)
from service.processing.formats.encoding import decode
from service.processing.formats.flow import Flow
from service.processing.formats.html_walk import HtmlWalk
from service.processing.formats.markup import parse_html
from service.processing.formats.office_walk import value
from service.processing.formats.slides import SlideWalk
from service.processing.formats.word import WordWalk
from service.processing.sniff import sniff

_DOCX_EXTRA_PARTS = re.compile(
    r"word/(?:header|footer|footnotes|endnotes|comments)\d*\.xml"
)
_DOCX_KINDS = frozenset(
    {
        "header", "footer", "footnotes", "endnotes", "comments", "chart",
        "diagramData", "aFChunk",
    }
)  # fmt: skip
_PART_UNREADABLE = "A header, a footer, notes, a chart or the like could not be read."
_PICTURE = re.compile(r"/media/[^/]+\.(?:png|jpe?g|tiff?|gif|bmp|emf|wmf|webp)$")
_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")


def read_docx(context: StepContext) -> Content:
    """Read a word processor document."""
    context.use_engine("lxml")
    with open_archive(context.source.path, context.limits) as archive:
        name = package.main_part(archive, "word/document.xml")
        body = archive.xml(name)
        if body is None:
            raise refused("corrupt")
        flow = Flow(context)
        walk = WordWalk(flow, archive)
        walk.walk(body)
        for part, kind in _word_parts(archive, name).items():
            with part_of_all(context, _PART_UNREADABLE):
                _add_part(context, walk, archive, part, kind)
        _name_unknown(context, walk.fields.unknown)
        page = _with_pictures(context, flow.page(), archive.names())
        return Content(
            pages=(page,),
            metadata=package.metadata(archive),
            embedded=package.embedded(context, archive),
            safety=package.safety(archive),
        )


def _word_parts(archive: Archive, main: str) -> dict[str, str]:
    """Give the parts beside the body with their kinds, as it names them or by name."""
    related = {
        relation.target: relation.kind
        for relation in package.relations(archive, main).values()
        if not relation.external and relation.kind in _DOCX_KINDS
    }
    usual = filter(_DOCX_EXTRA_PARTS.fullmatch, archive.names())
    found = dict.fromkeys(usual, "") | related
    return {part: found[part] for part in sorted(found)}


def _add_part(
    context: StepContext, walk: WordWalk, archive: Archive, part: str, kind: str
) -> None:
    if kind == "chart":
        add_chart(walk.flow, archive.xml(part))
    elif kind == "aFChunk":
        _add_chunk(context, walk.flow, archive.read(part) or b"")
    else:
        walk.walk(archive.xml(part))


def _add_chunk(context: StepContext, flow: Flow, data: bytes) -> None:
    """Add a file that is a part of the text (§17.17.2.1), if it is a web page or text.

    Raises:
        DocumentError: ``corrupt``, where it is of another kind.
    """
    media_type = sniff(BytesIO(data))
    if media_type not in {"text/html", "text/plain"}:
        raise refused("corrupt")
    flow.add_section()
    decoded = decode(data)
    root = parse_html(context, decoded.text) if media_type == "text/html" else None
    if root is not None:
        HtmlWalk(flow).walk(root)
    else:
        flow.add(decoded.text)


def _with_pictures(
    context: StepContext,
    page: PageContent,
    names: Iterable[str],
    *,
    number: int | None = None,
) -> PageContent:
    """Count a page's pictures; those that are all there is may be of text."""
    pictures = sum(bool(_PICTURE.search(name.lower())) for name in names)
    if pictures and not page.text.strip():
        message = "There are only pictures: text in them was not read."
        context.add_issue("NO_TEXT_LAYER", "error", message, page=number)
    return replace(page, pictures=pictures)


def _name_unknown(context: StepContext, fields: list[str]) -> None:
    """Name fields that nobody has worked out: nothing stands where they are."""
    if fields:
        kinds = ", ".join(dict.fromkeys(fields))
        message = (
            f"Fields have no stored result ({len(fields)}): {kinds}. A word processor "
            "that updates the fields and saves the file stores it."
        )
        context.add_issue("VALUE_NOT_STORED", "error", message)


def read_pptx(context: StepContext) -> Content:
    """Read a slide deck, each slide with its notes as one page."""
    context.use_engine("lxml")
    with open_archive(context.source.path, context.limits) as archive:
        slides = _slides(archive)
        chosen = select_pages(context, len(slides))
        if len(chosen) > context.limits.max_pages:
            raise refused("too_many_pages")
        pages, damaged = [], DamagedPages(context, len(chosen))
        for place, number in enumerate(chosen, 1):
            context.report_page(place, len(chosen))
            read = partial(_slide, context, archive, slides[number - 1], number)
            page = damaged.page(number, read)
            pages.append(replace(page, number=number))
        return Content(
            pages=tuple(pages),
            metadata=package.metadata(archive, page_count=len(slides)),
            embedded=package.embedded(context, archive),
            safety=package.safety(archive),
        )


def _slide(
    context: StepContext, archive: Archive, name: str, number: int
) -> PageContent:
    flow = Flow(context)
    slide = archive.xml(name)
    if slide is None:
        raise refused("corrupt")
    SlideWalk(flow).walk(slide)
    related = [
        each for each in package.relations(archive, name).values() if not each.external
    ]
    for relation in related:
        with part_of_all(context, _PART_UNREADABLE):
            _add_to_slide(flow, archive, relation)
    pictures = [each.target for each in related if each.kind == "image"]
    page = _with_pictures(context, flow.page(), pictures, number=number)
    if value(slide, "show") in {"0", "false"}:
        return replace(page, hidden_chars=len("".join(page.text.split())))
    return page


def _add_to_slide(flow: Flow, archive: Archive, relation: package.Relation) -> None:
    if relation.kind in {"notesSlide", "diagramData"}:
        notes = relation.kind == "notesSlide"
        SlideWalk(flow, notes=notes).walk(archive.xml(relation.target))
    elif relation.kind == "chart":
        add_chart(flow, archive.xml(relation.target))
    elif relation.kind == "comments":
        root = archive.xml(relation.target)
        flow.add_section()
        # Old comments hold their text at once, new ones in paragraphs of their own.
        for text in root.iter("{*}text", "{*}t") if root is not None else ():
            flow.add(text.text or "")


def _slides(archive: Archive) -> list[str]:
    """Give the slides' part names in the order of the deck, those that are lost too."""
    deck = archive.xml("ppt/presentation.xml")
    if deck is None:
        raise refused("corrupt")
    relations = package.relations(archive, "ppt/presentation.xml")
    ordered = []
    for element in deck.iter():
        if local_name(element) == "sldId":
            for key, value in element.attrib.items():
                if str(key).endswith("}id") and str(value) in relations:
                    ordered.append(relations[str(value)].target)
    present = filter(_SLIDE.fullmatch, archive.names())
    return ordered or sorted(present, key=_slide_number)


def _slide_number(name: str) -> int:
    return int(re.sub(r"\D", "", name) or 0)
