"""How numbers in the cells of spreadsheets are shown, by the codes of their formats.

The values of cells come without their formats (ECMA-376 part 1, §18.8.30 and §18.8.31).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]{0,100})"|\\(?P<escaped>.)|(?P<skipped>[_*].)'
    r"|\[\$(?P<symbol>[^\]\[-]{0,10})(?:-(?P<lcid>[0-9A-Fa-f]{1,8}))?\]"
    r"|\[(?P<bracketed>[^\]]{0,40})\]"
    r"|(?P<whole>[0#?,]*[0#?])(?:\.(?P<decimals>[0#?]*))?(?P<scaled>,*)"
    r"|(?P<end>;)|(?P<plain>.)",
    re.DOTALL,
)
_CODE_CHARS_MAX = 255
_DECIMALS_MAX = 10
"""Zeros behind the point; more, of which files may ask 30, say nothing."""
_SIGNS = frozenset("()+-")
"""What tells negative numbers apart; here they have their sign."""
_UNQUOTED = frozenset("$€£¥ %()+-!^&'~{}<>=")
_COLOURS = re.compile(r"(?i)black|blue|cyan|green|magenta|red|white|yellow|color ?\d+")
BUILT_IN: Mapping[str, str] = {
    **dict.fromkeys(("1", "3", "5", "6", "37", "38", "41", "42"), "0"),
    **dict.fromkeys(("2", "4", "7", "8", "39", "40", "43", "44"), "0.00"),
    "9": "0%",
    "10": "0.00%",
}
"""Formats of numbers that files do not state (§18.8.30); the currency of some is that
of whoever looks at it, so it is not known."""
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
_LARGE, _SMALL = float(2**53), 1e-10
"""Whole numbers are exact up to the former."""
_DIGITS = 15
"""Significant digits of a number that spreadsheets show; the next ones are noise."""


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How a number is shown."""

    digits: int = 1
    """How many there are at least before the point."""
    decimals: int = 0
    """How many there are at least behind it; none is rounded away."""
    currency: str | None = None
    """ISO 4217; the symbol where that may be of several."""
    percent: bool = False
    before: str = ""
    after: str = ""

    def shown(self, value: float) -> str:
        """Give a number with what is shown around it; no digit of it is lost."""
        text = general(value)
        small = value == 0 or abs(value) >= _SMALL
        if abs(value) < _LARGE and small:  # nor what is no number
            text = self._padded(Decimal(text))
        around = f"{self.before}{text}{self.after}"
        return f"{around} {self.currency}" if self.currency else around

    def _padded(self, exact: Decimal) -> str:
        if self.percent:
            exact *= 100
        padded = exact.quantize(Decimal(1).scaleb(-self.decimals))
        if padded == exact:
            exact = padded
        elif self.percent:
            exact = exact.normalize()
        whole, point, rest = f"{abs(exact):f}".partition(".")
        sign = "-" if exact < 0 else ""
        unit = "%" if self.percent else ""
        return f"{sign}{whole.zfill(self.digits)}{point}{rest}{unit}"


def general(value: float) -> str:
    """Give a number as spreadsheets show one that has no format: 15 digits of it."""
    if abs(value) < _LARGE and float(value).is_integer():
        return str(int(value))
    text = f"{value:.{_DIGITS}g}"
    if "e" in text:
        exact = Decimal(text)
        return f"{exact:f}" if _SMALL <= abs(value) < _LARGE else str(exact)
    return text


def number_format(code: str) -> NumberFormat | None:
    """Give how a format's code shows a number; None when it is none of numbers.

    Words that stand around only some numbers, such as negative ones, are left out.
    """
    if len(code) > _CODE_CHARS_MAX:
        return None
    sections = list(_sections(code))
    first = _section(sections[0])
    if first is None or first.currency:
        return first
    others = [_section(each) for each in sections[1:3]]
    around = {(each.before, each.after) for each in others if each is not None}
    if around - {(first.before, first.after)}:
        return replace(first, before="", after="")
    return first


def _sections(code: str) -> Iterator[list[re.Match[str]]]:
    """Give what a code says of positive numbers, then of negative ones, and zero."""
    section: list[re.Match[str]] = []
    for token in _TOKEN.finditer(code):
        if token["end"]:
            yield section
            section = []
        else:
            section.append(token)
    yield section


def _section(tokens: list[re.Match[str]]) -> NumberFormat | None:
    currency = next(filter(None, map(_currency, tokens)), None)
    around, number = ["", ""], None
    percent = False
    for token in tokens:
        if token["whole"]:
            if number is not None or token["scaled"]:
                return None
            number = token
        elif not _is_said(token):
            return None
        elif token["plain"] == "%":
            percent = True
        else:
            around[number is not None] += _literal(token)
    if number is None:
        return None
    before, after = around
    return NumberFormat(
        digits=max(number["whole"].count("0"), 1),
        decimals=min(len((number["decimals"] or "").replace("#", "")), _DECIMALS_MAX),
        currency=currency,
        percent=percent,
        before="" if currency else before.lstrip(),
        after="" if currency else after.rstrip(),
    )


def _is_said(token: re.Match[str]) -> bool:
    """Whether a part of a code is one that formats of plain numbers have."""
    if token["plain"]:
        return token["plain"] in _UNQUOTED
    return token["bracketed"] is None or bool(_COLOURS.fullmatch(token["bracketed"]))


def _literal(token: re.Match[str]) -> str:
    if token["skipped"]:
        return " "
    char = token["escaped"] or token["plain"] or ""
    return token["quoted"] or token["symbol"] or ("" if char in _SIGNS else char)


def _currency(token: re.Match[str]) -> str | None:
    # The upper half of the language's number is about calendars and digits.
    language = int(token["lcid"] or "0", 16) & 0xFFFF
    symbol = _literal(token).strip()
    known = _KNOWN.get(symbol) or _BY_LANGUAGE.get((symbol, language))
    if known is not None:
        return known
    return symbol if symbol in _SYMBOLS or _CODE.fullmatch(symbol) else None
