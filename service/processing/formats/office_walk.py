"""Walks the XML of office documents; Word and slides differ only in few names.

Names are compared without namespaces: transitional and strict files differ only in
those.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from lxml import etree

from service.processing.formats.archive import local_name
from service.processing.formats.content import parsing
from service.processing.formats.flow import Flow, Kind

_SKIPPED = frozenset({"Fallback", "del", "moveFrom", "tblGrid", "sectPr", "sdtPr"})
"""Second copies for old readers, what was deleted, and set-up."""
_BREAKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_OFF = frozenset({"0", "false", "off"})


@dataclass(slots=True)
class Paragraph:
    """A paragraph while its runs come in."""

    pieces: list[str] = field(default_factory=list)
    properties: etree._Element | None = None


class OfficeWalk(ABC):
    """Puts the parts of a document into a flow; subclasses say what they are."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self._names: dict[object, str] = {}
        self._paragraphs: list[Paragraph] = []
        self._hidden = False
        self._start = {
            "p": self._start_paragraph,
            "pPr": self._properties,
            "r": self._start_run,
            "rPr": self._run_properties,
            "t": self._text,
            "fld": self._field,
            "tbl": self.start_table,
            "tr": self.start_row,
            "tc": self.start_cell,
            **dict.fromkeys(_BREAKS, self._break),
        }
        self._end = {
            "p": self._end_paragraph,
            "tbl": self.flow.end_table,
            "tr": self.flow.end_row,
            "tc": self.flow.end_cell,
        }

    def walk(self, root: etree._Element | None) -> None:
        """Add the text of a part as a section of its own."""
        if root is None:
            return
        self.flow.add_section()
        names = self._names
        with parsing():
            walk = etree.iterwalk(root, events=("start", "end"))
            for event, element in walk:
                name = names.get(element.tag)
                if name is None:
                    name = names[element.tag] = local_name(element)
                if event == "end":
                    if name in self._end:
                        self._end[name]()
                elif self._begin(name, element):
                    walk.skip_subtree()

    def enter(  # noqa: B027  a hook; not every walk needs it
        self, name: str, element: etree._Element
    ) -> None:
        """Take note of where the walk is."""

    @abstractmethod
    def kind(self, paragraph: Paragraph) -> tuple[Kind, int, bool]:
        """Say what a paragraph is, its level, and whether it is numbered."""

    @abstractmethod
    def start_table(self, element: etree._Element) -> bool:
        """Begin a table; True leaves out what it holds."""

    @abstractmethod
    def start_row(self, element: etree._Element) -> bool:
        """Begin a row of a table."""

    @abstractmethod
    def start_cell(self, element: etree._Element) -> bool:
        """Begin a cell of a row."""

    def _begin(self, name: str, element: etree._Element) -> bool:
        """Begin an element; True leaves out what it holds."""
        if name in _SKIPPED or not name:
            if name == "del":
                deleted = (each.text or "" for each in element.iter("{*}delText"))
                self.flow.hidden_chars += sum(map(len, deleted))
            return True
        if name in self._start:
            return self._start[name](element)
        self.enter(name, element)
        return False

    def _field(self, element: etree._Element) -> bool:
        return element.get("type") == "slidenum"

    def _start_paragraph(self, _: etree._Element) -> bool:
        self._paragraphs.append(Paragraph())
        return False

    def _end_paragraph(self) -> None:
        paragraph = self._paragraphs.pop()
        text = "".join(paragraph.pieces)
        kind, level, ordered = self.kind(paragraph) if text else ("paragraph", 1, False)
        self.flow.add(text, kind, level=level, ordered=ordered)

    def _properties(self, element: etree._Element) -> bool:
        if self._paragraphs:
            self._paragraphs[-1].properties = element
        return True

    def _start_run(self, _: etree._Element) -> bool:
        self._hidden = False
        return False

    def _run_properties(self, element: etree._Element) -> bool:
        vanish = child(element, "vanish")
        self._hidden = vanish is not None and value(vanish) not in _OFF
        return True

    def _text(self, element: etree._Element) -> bool:
        self.add_text(element.text or "")
        return False

    def add_text(self, text: str) -> None:
        """Add text to the paragraph that is open, or one of its own."""
        if self._hidden:
            self.flow.hidden_chars += len(text)
        elif self._paragraphs:
            self._paragraphs[-1].pieces.append(text)
        else:
            self.flow.add(text)

    def _break(self, element: etree._Element) -> bool:
        if self._paragraphs:
            name = self._names[element.tag]
            self._paragraphs[-1].pieces.append(_BREAKS[name])
        return True


def child(element: etree._Element | None, *path: str) -> etree._Element | None:
    """Give the first child of that name, of the first child of …; None = no such."""
    for name in path:
        if element is None:
            return None
        element = next((each for each in element if local_name(each) == name), None)
    return element


def value(element: etree._Element | None, name: str = "val") -> str | None:
    """Give an attribute, with or without a namespace."""
    if element is None:
        return None
    for key, each in element.attrib.items():
        if str(key).rsplit("}", 1)[-1] == name:
            return str(each)
    return None


def number(text: str | None) -> int | None:
    """Read a small whole number, None when it is none."""
    short = text is not None and len(text) <= 9 and text.isascii() and text.isdigit()
    return int(text) if text is not None and short else None
