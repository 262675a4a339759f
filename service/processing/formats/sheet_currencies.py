"""Which cells of an XLSX workbook are shown as money, and in which currency.

The values of cells come without their formats; these are in parts of their own
(ECMA-376 part 1, §18.8.30 and §18.3.1.4).
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO

from lxml import etree

from service.errors import DocumentError
from service.processing.formats import package
from service.processing.formats.archive import Archive, local_name
from service.processing.formats.content import parsing

_WORKBOOK, _STYLES = "xl/workbook.xml", "xl/styles.xml"
_RELATION = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}id",
)
_SYMBOL = re.compile(r"\[\$(?P<in>[^\]\[-]{1,10})(?:-(?P<lcid>[0-9A-Fa-f]{1,8}))?\]")
"""A currency and the language it is written for (§18.8.31)."""
_BRACKETED = re.compile(r"\[[^\]]{0,40}\]")
_LITERAL = re.compile(r'"([^"]{1,20})"|\\(.)|([$€£¥])')
_DECIMALS = re.compile(r"[0#?]\.([0?]{1,10})")
_KNOWN: Mapping[str, str] = {
    "€": "EUR", "£": "GBP", "₹": "INR", "zł": "PLN", "Kč": "CZK", "Ft": "HUF",
    "₺": "TRY", "₽": "RUB", "₴": "UAH", "₪": "ILS", "₩": "KRW", "R$": "BRL",
}  # fmt: skip
_BY_LANGUAGE: Mapping[tuple[str, int], str] = {
    ("$", 0x409): "USD", ("$", 0x1009): "CAD", ("$", 0xC0C): "CAD",
    ("$", 0xC09): "AUD", ("$", 0x1409): "NZD", ("$", 0x80A): "MXN",
    ("$", 0x4809): "SGD", ("¥", 0x804): "CNY", ("¥", 0x411): "JPY",
    ("kr", 0x41D): "SEK", ("kr", 0x414): "NOK", ("kr", 0x406): "DKK",
    ("kr.", 0x406): "DKK",
}  # fmt: skip
"""By the symbol and the language's number ([MS-LCID] §2.2)."""
_SYMBOLS = frozenset({"$", "¥", "kr", "kr.", *_KNOWN})
_CODE = re.compile(r"[A-Z]{3}")
_LARGE = 1e15
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")

Cells = Mapping[tuple[int, int], "MoneyFormat"]
"""By row and column, from 0."""


@dataclass(frozen=True, slots=True)
class MoneyFormat:
    """How an amount is shown."""

    currency: str
    """ISO 4217; the symbol where that may be of several."""
    decimals: int

    def shown(self, value: float) -> str:
        """Give an amount with its currency; no digit of it is rounded away."""
        exact = Decimal(repr(value))
        if not abs(value) < _LARGE:  # nor what is no number
            return f"{exact} {self.currency}"
        padded = exact.quantize(Decimal(1).scaleb(-self.decimals))
        return f"{padded if padded == exact else exact:f} {self.currency}"


class Currencies:
    """The formats of a workbook's cells, as far as they show money."""

    def __init__(self, archive: Archive) -> None:
        """Read the formats; the sheets when they are asked for."""
        self._archive = archive
        self._formats: dict[str, MoneyFormat] = {}
        self._parts: dict[str, str] = {}
        with _forgiving():
            self._formats.update(_money_formats(archive))
            if self._formats:
                self._parts.update(_parts(archive))

    def of_sheet(self, name: str) -> Cells:
        """Give the cells of a sheet that show money."""
        part = self._parts.get(name)
        found: dict[tuple[int, int], MoneyFormat] = {}
        with _forgiving():
            content = self._archive.read(part) if part else None
            if content is not None:
                found.update(self._cells(content))
        return found

    def _cells(self, content: bytes) -> Iterator[tuple[tuple[int, int], MoneyFormat]]:
        with parsing():
            cells = etree.iterparse(
                BytesIO(content),
                tag=("{*}c", "{*}row"),
                resolve_entities=False,
                no_network=True,
                huge_tree=False,
            )
            for _, element in cells:
                style = element.get("s") or ""
                place = _PLACE.fullmatch(element.get("r") or "")
                if place is not None and style in self._formats:
                    key = (int(place[2]) - 1, _column(place[1]))
                    yield key, self._formats[style]
                if local_name(element) == "row":
                    element.clear()


@contextmanager
def _forgiving() -> Iterator[None]:
    """Do without formats where their parts are damaged: the values are read anyway."""
    try:
        yield
    except DocumentError as error:
        if error.code != "corrupt":
            raise


def money_format(code: str) -> MoneyFormat | None:
    """Give what a format's code says of money; None when it does not show any."""
    first = code.split(";", 1)[0]
    currency = _currency(first)
    if currency is None:
        return None
    decimals = _DECIMALS.search(first)
    return MoneyFormat(currency, len(decimals[1]) if decimals else 0)


def _currency(code: str) -> str | None:
    match = _SYMBOL.search(code)
    if match is not None:
        # The upper half of the number is about calendars and digits.
        language = int(match["lcid"] or "0", 16) & 0xFFFF
        return _named(match["in"].strip(), language)
    for match in _LITERAL.finditer(_BRACKETED.sub("", code)):
        currency = _named((match[1] or match[2] or match[3]).strip(), 0)
        if currency is not None:
            return currency
    return None


def _named(symbol: str, language: int) -> str | None:
    known = _KNOWN.get(symbol) or _BY_LANGUAGE.get((symbol, language))
    if known is not None:
        return known
    return symbol if symbol in _SYMBOLS or _CODE.fullmatch(symbol) else None


def _money_formats(archive: Archive) -> Iterator[tuple[str, MoneyFormat]]:
    """Give the cell styles that show money, by their numbers as cells name them."""
    root = archive.xml(_STYLES)
    if root is None:
        return
    found = {
        element.get("numFmtId"): money_format(element.get("formatCode") or "")
        for element in root.iter("{*}numFmt")
    }
    styles = next(root.iter("{*}cellXfs"), ())
    for number, style in enumerate(styles):
        shown = found.get(style.get("numFmtId"))
        if shown is not None:
            yield str(number), shown


def _parts(archive: Archive) -> Iterator[tuple[str, str]]:
    """Give the part that holds each sheet, by the sheet's name."""
    root = archive.xml(_WORKBOOK)
    targets = package.relations(archive, _WORKBOOK)
    for sheet in root.iter("{*}sheet") if root is not None else ():
        ids = (sheet.get(attribute) for attribute in _RELATION)
        target = targets.get(next(filter(None, ids), ""))
        if target is not None and not target.external:
            yield sheet.get("name") or "", target.target


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
