"""What the paragraphs and tables of a Word document are, by styles and numbering."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from service.processing.formats.archive import Archive, local_name
from service.processing.formats.flow import Flow, Kind
from service.processing.formats.office_walk import (
    OfficeWalk,
    Paragraph,
    child,
    number,
    value,
)
from service.processing.formats.word_fields import Fields

_HEADING = re.compile(r"heading ([1-9])")
_LIST = re.compile(r"list (bullet|number)(?: ([2-5]))?")
_CODE = frozenset({"html preformatted", "source code", "preformatted text", "code"})
"""Names of styles as Word, Pandoc and LibreOffice write them, in lower case."""
_NO_HEADING = 9  # w:outlineLvl of body text (ECMA-376 part 1, §17.3.1.20)
_NO_LIST = "0"  # w:numId that takes a numbering away (§17.9.18)
_UNNUMBERED = frozenset({"bullet", "none", None})
_BASED_ON_MAX = 10
_HEXADECIMAL = re.compile("[0-9A-Fa-f]{2,4}")
_OWN_CODES = 0xD800
"""From here on are no characters that all fonts have; those of symbols count from
F000 (§17.3.3.30)."""
_FONTS: Mapping[str, Mapping[int, str]] = {
    "wingdings": {
        0x6F: "☐", 0xA8: "☐", 0xFE: "☑", 0xFD: "☒", 0xFC: "✓", 0xFB: "✗", 0xE0: "→",
        0x9F: "•", 0xA7: "▪", 0x28: "☎", 0x2A: "✉",
    },
    "symbol": {
        0xA0: "€", 0xB7: "•", 0xAE: "→", 0xB0: "°", 0xB1: "±", 0xA3: "≤",
        0xB4: "\u00d7", 0xB3: "≥", 0xB9: "≠", 0xE5: "Σ", 0x44: "Δ", 0x6D: "µ",
        0xD2: "®", 0xD4: "™",
    },
}  # fmt: skip
"""What forms and letters have of fonts whose letters are pictures; others are not
known."""
_FIRST_ROW = 0x0020  # of w:tblLook's bits (§17.4.55)


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    based_on: str | None
    outline: int | None
    numbering: etree._Element | None
    heads_tables: bool


class WordWalk(OfficeWalk):
    """Walks the parts of a Word document."""

    def __init__(self, flow: Flow, archive: Archive) -> None:
        super().__init__(flow)
        self._archive = archive
        self._kinds: dict[str, tuple[Kind, int, bool]] = {}
        self.fields = Fields()
        self._start |= {
            "fldChar": self._field_mark,
            "instrText": self._field_instructions,
            "sym": self._symbol,
        }

    def enter(self, name: str, element: etree._Element) -> None:
        """Take note of fields that have no parts."""
        if name == "fldSimple":
            self.fields.simple(element)

    def kind(self, paragraph: Paragraph) -> tuple[Kind, int, bool]:
        """Say what a paragraph is: what it says itself goes before its style."""
        properties = paragraph.properties
        if properties is None or not len(properties):
            return "paragraph", 1, False
        style = value(child(properties, "pStyle"))
        found = self._styled(style)
        if found[0] in {"heading", "code"}:
            return found
        outline = number(value(child(properties, "outlineLvl")))
        if outline is not None and outline < _NO_HEADING:
            return "heading", min(outline + 1, 6), False
        numbering = child(properties, "numPr")
        if numbering is None:
            return found
        return self._numbered(numbering, found) or ("paragraph", 1, False)

    def start_table(self, element: etree._Element) -> bool:
        """Begin a table: its first row is a header when its style sets it apart."""
        properties = child(element, "tblPr")
        look = child(properties, "tblLook")
        bits = value(look) or "0"
        marked = value(look, "firstRow") in {"1", "true", "on"} or bool(
            re.fullmatch("[0-9A-Fa-f]{1,8}", bits) and int(bits, 16) & _FIRST_ROW
        )
        style = value(child(properties, "tblStyle")) if marked else None
        has_header = any(each.heads_tables for each in self._chain(style))
        self.flow.start_table(has_header=has_header)
        return False

    def start_row(self, element: etree._Element) -> bool:
        """Begin a row of a table."""
        properties = child(element, "trPr")
        marked = child(properties, "tblHeader")
        self.flow.start_row(header=marked is not None and value(marked) != "0")
        before = number(value(child(properties, "gridBefore")))
        if before:
            self.flow.start_cell(columns=before)
            self.flow.end_cell()
        return False

    def start_cell(self, element: etree._Element) -> bool:
        """Begin a cell; one that goes on from the row above is there and empty."""
        span = number(value(child(element, "tcPr", "gridSpan")))
        self.flow.start_cell(columns=span or 1)
        return False

    def _field_mark(self, element: etree._Element) -> bool:
        shown = self.fields.mark(element)
        if shown:
            self.add_text(shown)
        return True

    def _field_instructions(self, element: etree._Element) -> bool:
        self.fields.instruct(element)
        return True

    def _symbol(self, element: etree._Element) -> bool:
        font, code = value(element, "font") or "", value(element, "char") or ""
        if _HEXADECIMAL.fullmatch(code):
            place = int(code, 16)
            known = _FONTS.get(font.lower(), {}).get(place & 0xFF)
            plain = place < _OWN_CODES and font.lower() not in _FONTS
            self.add_text(known or (chr(place) if plain else "\ufffd"))
        return True

    def _styled(self, style: str | None) -> tuple[Kind, int, bool]:
        if style is None:
            return "paragraph", 1, False
        if style not in self._kinds:
            self._kinds[style] = self._kind_of_style(style)
        return self._kinds[style]

    def _kind_of_style(self, style: str) -> tuple[Kind, int, bool]:
        for each in self._chain(style):
            heading = _HEADING.fullmatch(each.name)
            if heading or each.name == "title":
                return "heading", min(int(heading[1]), 6) if heading else 1, False
            if each.outline is not None and each.outline < _NO_HEADING:
                return "heading", min(each.outline + 1, 6), False
            if each.name in _CODE:
                return "code", 1, False
            listed = _LIST.fullmatch(each.name)
            if listed:
                return "list_item", int(listed[2] or 1), listed[1] == "number"
            if each.numbering is not None:
                found = self._numbered(each.numbering, ("list_item", 1, False))
                return found or ("paragraph", 1, False)
        return "paragraph", 1, False

    def _numbered(
        self, numbering: etree._Element, found: tuple[Kind, int, bool]
    ) -> tuple[Kind, int, bool] | None:
        """Say what a numbering makes of a paragraph; None = it takes one away."""
        num = value(child(numbering, "numId"))
        level = number(value(child(numbering, "ilvl")))
        if num == _NO_LIST:
            return None
        if level is None:
            level = found[1] - 1
        return "list_item", min(level, 8) + 1, self._ordered(num, level)

    def _ordered(self, num: str | None, level: int) -> bool:
        formats = self._formats.get(num or "", {})
        return formats.get(level) not in _UNNUMBERED

    def _chain(self, style: str | None) -> Iterator[_Style]:
        for _ in range(_BASED_ON_MAX):
            element = self._styles.get(style) if style is not None else None
            if element is None:
                return
            found = _style(element)
            yield found
            style = found.based_on

    @cached_property
    def _styles(self) -> dict[str | None, etree._Element]:
        root = self._archive.xml("word/styles.xml")
        if root is None:
            return {}
        return {value(each, "styleId"): each for each in root.iterchildren("{*}style")}

    @cached_property
    def _formats(self) -> dict[str, dict[int, str | None]]:
        """How the levels of each numbering are shown."""
        root = self._archive.xml("word/numbering.xml")
        abstract: dict[str | None, dict[int, str | None]] = {}
        formats: dict[str, dict[int, str | None]] = {}
        for element in () if root is None else root:
            if local_name(element) == "abstractNum":
                abstract[value(element, "abstractNumId")] = {
                    number(value(level, "ilvl")) or 0: value(child(level, "numFmt"))
                    for level in element
                    if local_name(level) == "lvl"
                }
            elif local_name(element) == "num":
                of = value(child(element, "abstractNumId"))
                formats[value(element, "numId") or ""] = abstract.get(of, {})
        return formats


def _style(element: etree._Element) -> _Style:
    properties = child(element, "pPr")
    return _Style(
        name=(value(child(element, "name")) or "").lower(),
        based_on=value(child(element, "basedOn")),
        outline=number(value(child(properties, "outlineLvl"))),
        numbering=child(properties, "numPr"),
        heads_tables=any(
            local_name(each) == "tblStylePr" and value(each, "type") == "firstRow"
            for each in element
        ),
    )
