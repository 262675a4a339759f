"""What a sheet of an XLSX workbook has beside its cells.

Comments, text boxes, titles of charts, and what is printed above and below it
(ECMA-376 part 1, §18.7, §20.5, §18.3.1.46).
"""

import re
from collections.abc import Iterator

from lxml import etree

from service.processing.context import StepContext
from service.processing.formats import package
from service.processing.formats.archive import Archive
from service.processing.formats.charts import add_chart
from service.processing.formats.content import parsing, part_of_all
from service.processing.formats.flow import Flow
from service.processing.formats.slides import SlideWalk

_UNREADABLE = "Comments or drawings of a sheet could not be read."
_PRINTED = ("Header", "Footer")
_PRINT_TAIL_BYTES = 65_536
"""The element is one of a sheet's last; before it are the cells."""
_BEGIN = re.compile(rb"<(?:\w+:)?headerFooter[\s>]")
_END = re.compile(rb"</(?:\w+:)?headerFooter>")
_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|K\d\d[+-]\d{3}|\d+|[A-JL-Za-z+-])')
"""A font, a colour, a size; the page's number and the like have no text here."""
_PART = re.compile("&[LCR]")


def add_extras(context: StepContext, flow: Flow, archive: Archive, part: str) -> None:
    """Add what stands in other parts than the sheet's own, each as a section."""
    with part_of_all(context, _UNREADABLE):
        for relation in package.relations(archive, part).values():
            if relation.external:
                continue
            if relation.kind == "comments":
                _add_comments(flow, archive.xml(relation.target))
            elif relation.kind == "drawing":
                _add_drawing(flow, archive, relation.target)


def printed(content: bytes) -> Iterator[str]:
    """Give the lines above and below the printed sheet, each of their kinds once."""
    tail = content[-_PRINT_TAIL_BYTES:]
    begin = _BEGIN.search(tail)
    end = _END.search(tail, begin.end()) if begin else None
    if begin is None or end is None:
        return
    # Taken out of its part, it lacks what its names' prefixes stand for.
    plain = re.sub(rb"(</?)\w+:", rb"\1", tail[begin.start() : end.end()])
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    with parsing():
        root = etree.fromstring(plain, parser)
    lines: dict[str, None] = {}
    for element in root if root is not None else ():
        if str(element.tag).endswith(_PRINTED):
            for piece in _PART.split(element.text or ""):
                text = _CODE.sub("", piece.replace("&&", "\0")).replace("\0", "&")
                lines[text.strip()] = None
    yield from filter(None, lines)


def _add_comments(flow: Flow, root: etree._Element | None) -> None:
    for comment in root.iter("{*}comment") if root is not None else ():
        texts = (each.text or "" for each in comment.iter("{*}t"))
        flow.add_section()
        flow.add(f"{comment.get('ref') or ''}: {''.join(texts).strip()}")


def _add_drawing(flow: Flow, archive: Archive, part: str) -> None:
    SlideWalk(flow).walk(archive.xml(part))
    for relation in package.relations(archive, part).values():
        if relation.kind == "chart" and not relation.external:
            add_chart(flow, archive.xml(relation.target), values=False)
        elif relation.kind == "diagramData" and not relation.external:
            SlideWalk(flow).walk(archive.xml(relation.target))
