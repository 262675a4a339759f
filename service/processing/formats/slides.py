"""What the paragraphs and tables of a slide are, by the places they stand in."""

from lxml import etree

from service.processing.formats.flow import Flow, Kind
from service.processing.formats.office_walk import (
    OfficeWalk,
    Paragraph,
    child,
    number,
)

_SHAPES = frozenset({"sp", "pic", "graphicFrame", "cxnSp"})
_TITLES = {"ctrTitle": 1, "title": 2}
"""The deck's title, and that of a slide."""
_BULLETED = frozenset({"body", "obj"})
"""Places whose paragraphs masters set as lists."""


class SlideWalk(OfficeWalk):
    """Walks a slide, or its notes."""

    def __init__(self, flow: Flow, *, notes: bool = False) -> None:
        super().__init__(flow)
        self._notes = notes
        self._place: str | None = None

    def enter(self, name: str, element: etree._Element) -> None:
        """Take note of the kind of place a shape fills."""
        if name in _SHAPES:
            self._place = None
        elif name == "ph":
            self._place = element.get("type") or "obj"

    def kind(self, paragraph: Paragraph) -> tuple[Kind, int, bool]:
        """Say what a paragraph is."""
        if self._notes:
            return "paragraph", 1, False
        if self._place in _TITLES:
            return "heading", _TITLES[self._place], False
        properties = paragraph.properties
        level = number(properties.get("lvl")) if properties is not None else None
        level = min(level or 0, 8) + 1
        if child(properties, "buAutoNum") is not None:
            return "list_item", level, True
        marked = child(properties, "buChar") is not None
        unmarked = child(properties, "buNone") is not None
        if marked or (self._place in _BULLETED and not unmarked):
            return "list_item", level, False
        return "paragraph", 1, False

    def start_table(self, element: etree._Element) -> bool:
        """Begin a table."""
        properties = child(element, "tblPr")
        marked = properties is not None and properties.get("firstRow") in {"1", "true"}
        self.flow.start_table(has_header=marked)
        return False

    def start_row(self, element: etree._Element) -> bool:
        """Begin a row of a table."""
        self.flow.start_row()
        return False

    def start_cell(self, element: etree._Element) -> bool:
        """Begin a cell: those that another reaches over are there, and empty."""
        self.flow.start_cell()
        return False
