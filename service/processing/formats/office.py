"""DOCX and PPTX, by a walker of our own over the packed XML.

It reads what python-docx loses (text boxes, notes, comments, strict OOXML) and refuses
bombs before unpacking.
"""

import re
from dataclasses import replace
from functools import partial

from service.processing.context import StepContext
from service.processing.formats import package
from service.processing.formats.archive import Archive, local_name, open_archive
from service.processing.formats.content import (
    Content,
    DamagedPages,
    PageContent,
    part_of_all,
    refused,
    select_pages,
)
from service.processing.formats.flow import Flow
from service.processing.formats.slides import SlideWalk
from service.processing.formats.word import WordWalk

_DOCX_EXTRA_PARTS = re.compile(
    r"word/(?:header|footer|footnotes|endnotes|comments)\d*\.xml"
)
_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")


def read_docx(context: StepContext) -> Content:
    """Read a word processor document."""
    context.use_engine("lxml")
    with open_archive(context.source.path, context.limits) as archive:
        body = archive.xml("word/document.xml")
        if body is None:
            raise refused("corrupt")
        flow = Flow(context)
        walk = WordWalk(flow, archive)
        walk.walk(body)
        for name in sorted(archive.names()):
            if _DOCX_EXTRA_PARTS.fullmatch(name):
                message = "A header, a footer or notes could not be read."
                with part_of_all(context, message):
                    walk.walk(archive.xml(name))
        _name_unknown(context, walk.fields.unknown)
        return Content(
            pages=(flow.page(),),
            metadata=package.metadata(archive),
            embedded=package.embedded(context, archive),
            safety=package.safety(archive),
        )


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
            read = partial(_slide, context, archive, slides[number - 1])
            page = damaged.page(number, read)
            pages.append(replace(page, number=number))
        return Content(
            pages=tuple(pages),
            metadata=package.metadata(archive, page_count=len(slides)),
            embedded=package.embedded(context, archive),
            safety=package.safety(archive),
        )


def _slide(context: StepContext, archive: Archive, name: str) -> PageContent:
    flow = Flow(context)
    slide = archive.xml(name)
    if slide is None:
        raise refused("corrupt")
    SlideWalk(flow).walk(slide)
    for relation in package.relations(archive, name).values():
        if relation.external:
            continue
        if relation.kind in {"notesSlide", "diagramData"}:
            notes = relation.kind == "notesSlide"
            SlideWalk(flow, notes=notes).walk(archive.xml(relation.target))
    return flow.page()


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
