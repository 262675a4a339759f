"""What an XLSX workbook says of its cells besides their values.

Those come without formats, without errors, and without a word on formulas that nobody
has worked out yet (ECMA-376 part 1, §18.3.1.4 and §18.3.1.40).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO

from lxml import etree

from service.errors import DocumentError
from service.processing.context import StepContext
from service.processing.formats import package
from service.processing.formats.archive import Archive, local_name
from service.processing.formats.content import parsing
from service.processing.formats.flow import Flow
from service.processing.formats.office_walk import number
from service.processing.formats.sheet_extras import add_extras, printed
from service.processing.formats.sheet_formats import (
    BUILT_IN,
    NumberFormat,
    number_format,
)

_WORKBOOK, _STYLES = "xl/workbook.xml", "xl/styles.xml"
_RELATION = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}id",
)
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_TELLING = (b"<f", b":f", b'"e"', b"'e'")
"""The beginning of a formula's element, with and without prefix; an error's type."""
_TRUE = frozenset({"1", "true"})
_FORMULAS_NAMED = 5
_FORMULA_CHARS = 60

Place = tuple[int, int]
"""Row and column of a cell, from 0."""


@dataclass(slots=True)
class Cells:
    """What is known of the cells of a sheet."""

    formats: dict[Place, NumberFormat] = field(default_factory=dict)
    errors: dict[Place, str] = field(default_factory=dict)
    """Cells that show an error such as ``#DIV/0!``."""
    unknown: list[Place] = field(default_factory=list)
    """Cells whose formula has no value, or none that was ever worked out."""
    formulas: list[str] = field(default_factory=list)
    """The first of those, with their places, as people read them."""

    def add_unknown(self, place: Place, formula: str) -> None:
        """Note a formula without a value."""
        self.unknown.append(place)
        if len(self.formulas) < _FORMULAS_NAMED:
            short = " ".join(formula.split())
            if len(short) > _FORMULA_CHARS:
                short = f"{short[:_FORMULA_CHARS]}…"
            said = f" (={short})" if short else ""
            self.formulas.append(f"{named(place)}{said}")


class WorkbookCells:
    """The cells of a workbook, sheet by sheet."""

    def __init__(self, context: StepContext, archive: Archive) -> None:
        """Read the formats; the sheets when they are asked for."""
        self._context = context
        self._archive = archive
        self._formats: dict[str, NumberFormat] = {}
        self._parts: dict[str, str] = {}
        self._printed: dict[str, list[str]] = {}
        self._to_calculate = False
        with forgiving():
            self._formats.update(_formats(archive))
        with forgiving():
            root = archive.xml(_WORKBOOK)
            if root is not None:
                self._parts.update(_parts(archive, root))
                self._to_calculate = any(
                    element.get("fullCalcOnLoad") in _TRUE
                    for element in root.iter("{*}calcPr")
                )

    def add_extras(self, flow: Flow, name: str) -> None:
        """Add what a sheet has beside its cells, once those were asked for."""
        for line in self._printed.get(name, ()):
            flow.add_section()
            flow.add(line)
        part = self._parts.get(name)
        if part is not None:
            add_extras(self._context, flow, self._archive, part)

    def of_sheet(self, name: str) -> Cells:
        """Give what is known of the cells of a sheet."""
        part, found = self._parts.get(name), Cells()
        zeros: dict[Place, str] = {}
        with forgiving():
            content = (self._archive.read(part) if part else None) or b""
            self._printed[name] = list(printed(content))
            calculated = False
            telling = bool(self._formats) or _may_tell(content)
            for place, cell in _cells(content) if telling else ():
                style = cell.get("s") or "0"
                if style in self._formats:
                    found.formats[place] = self._formats[style]
                if not _is_mere_value(cell):
                    calculated |= _note(found, zeros, place, cell)
            # Programs that cannot calculate store 0 everywhere, and ask for it.
            if self._to_calculate and not calculated:
                for place, formula in zeros.items():
                    found.add_unknown(place, formula)
        return found


def _may_tell(content: bytes) -> bool:
    """Whether a sheet may have formulas or errors; most that have none are large."""
    return b"\0" in content or any(sign in content for sign in _TELLING)


def _is_mere_value(cell: etree._Element) -> bool:
    """Whether a cell says nothing but its value, as most do: quick to tell."""
    alone = len(cell) == 0 or (len(cell) == 1 and local_name(cell[0]) != "f")
    return alone and cell.get("t") != "e"


def _note(
    found: Cells, zeros: dict[Place, str], place: Place, cell: etree._Element
) -> bool:
    """Note what a cell says of its value; True = its formula has one that is not 0."""
    stored, formula = cell.find("{*}v"), cell.find("{*}f")
    text = (stored.text or "") if stored is not None else ""
    if cell.get("t") == "e" and text:
        found.errors[place] = text
    elif formula is None:
        pass
    elif not text and (stored is None or cell.get("t") != "str"):
        found.add_unknown(place, formula.text or "")
    elif text == "0":
        zeros[place] = formula.text or ""
    else:
        return True
    return False


def _cells(content: bytes) -> Iterator[tuple[Place, etree._Element]]:
    """Give the cells with their places, which they need not state."""
    following = 0
    with parsing():
        rows = etree.iterparse(
            BytesIO(content),
            tag="{*}row",
            resolve_entities=False,
            no_network=True,
            huge_tree=False,
        )
        for _, element in rows:
            stated = number(element.get("r"))
            row, column = stated - 1 if stated else following, -1
            for cell in element.iterchildren("{*}c"):
                place = _PLACE.fullmatch(cell.get("r") or "")
                column = _column(place[1]) if place else column + 1
                yield (int(place[2]) - 1 if place else row, column), cell
            following = row + 1
            element.clear()


@contextmanager
def forgiving() -> Iterator[None]:
    """Do without parts that are damaged: the values are read anyway."""
    try:
        yield
    except DocumentError as error:
        if error.code != "corrupt":
            raise


def _formats(archive: Archive) -> Iterator[tuple[str, NumberFormat]]:
    """Give the cell styles of numbers, by their own numbers as cells name them."""
    root = archive.xml(_STYLES)
    if root is None:
        return
    codes = {
        **BUILT_IN,
        **{
            element.get("numFmtId") or "": element.get("formatCode") or ""
            for element in root.iter("{*}numFmt")
        },
    }
    known = {key: number_format(code) for key, code in codes.items()}
    styles = next(root.iter("{*}cellXfs"), ())
    for place, style in enumerate(styles):
        shown = known.get(style.get("numFmtId") or "")
        if shown is not None:
            yield str(place), shown


def _parts(archive: Archive, root: etree._Element) -> Iterator[tuple[str, str]]:
    """Give the part that holds each sheet, by the sheet's name."""
    targets = package.relations(archive, _WORKBOOK)
    for sheet in root.iter("{*}sheet"):
        ids = (sheet.get(attribute) for attribute in _RELATION)
        target = targets.get(next(filter(None, ids), ""))
        if target is not None and not target.external:
            yield sheet.get("name") or "", target.target


@cache
def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column - 1


def named(place: Place) -> str:
    """Give a cell's name, such as B3."""
    letters, left = "", place[1] + 1
    while left:
        left, letter = divmod(left - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{place[0] + 1}"
