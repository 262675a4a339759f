"""Amounts of money and percentages: sign in every form, currency before or after."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from service.processing.entities.found import Found
from service.processing.entities.numerals import NUMERAL, Convention, Numeral

CODES = (
    "EUR USD GBP CHF JPY CNY INR CAD AUD NZD SEK NOK DKK PLN CZK HUF RON BGN TRY BRL "
    "MXN ZAR SGD HKD KRW ILS AED SAR THB ISK RUB UAH ARS CLP COP PEN MYR IDR PHP TWD"
)
"""ISO 4217, those that documents of our users are in."""
_SYMBOLS: Mapping[str, str] = {
    "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "US$": "USD", "$": "USD",
    "C$": "CAD", "CA$": "CAD", "A$": "AUD", "AU$": "AUD", "NZ$": "NZD", "R$": "BRL",
    "HK$": "HKD", "S$": "SGD", "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "₺": "TRY",
    "₽": "RUB", "₴": "UAH", "₪": "ILS", "₩": "KRW", "SFr.": "CHF", "Fr.": "CHF",
    "sFr.": "CHF", "Rs.": "INR", "kr.": "kr", "kr": "kr", "lei": "RON", "TL": "TRY",
    "Euro": "EUR",
    "euro": "EUR", "euros": "EUR", "Euros": "EUR",
}  # fmt: skip
_OFTEN_WORDS = frozenset({"Ft", "lei", "TL"})
"""Of these names, what mean a currency only beside an amount: "lei" is Italian, too."""
_KRONE: Mapping[str, str] = {"sv": "SEK", "da": "DKK", "nb": "NOK", "no": "NOK"}
_DOLLARS = frozenset({"CAD", "AUD", "NZD", "SGD", "HKD", "USD"})
_NAMES = "|".join(
    re.escape(name) for name in sorted((*_SYMBOLS, *CODES.split()), key=len)[::-1]
)
_CURRENCY = re.compile(rf"(?<![A-Za-z])(?:{_NAMES})(?![A-Za-z$])")
_AT_END = re.compile(rf"(?<![A-Za-z])(?P<cur>{_NAMES})[)\]: ]{{0,3}}$")
_NUMBER = re.compile(
    rf"(?<![\d_.,'/])(?P<n>{NUMERAL})(?P<even>[.,][-\u2013\u2014]{{1,2}})?"
)
_PREFIX = re.compile(
    rf"(?P<open>\()?(?P<s1>[-+\u2212\u2013])?[ ]?"
    rf"(?P<cur>(?<![A-Za-z])(?:{_NAMES}))?[ \u00a0\u202f]?"
    rf"(?P<s2>[-+\u2212\u2013])?[ ]?$"
)
_SUFFIX = re.compile(
    rf"(?P<s1>[-\u2212])?"
    # In the next cell, or right before a digit, it belongs to the next number.
    rf"(?:(?:[ \u00a0\u202f]|\t(?!(?:{_NAMES})[ \u00a0\u202f]?\d))?"
    rf"(?P<cur>{_NAMES})(?![A-Za-z\d]))?"
    rf"(?P<s2>[-\u2212])?(?P<close>\))?(?: ?(?P<credit>CR)(?!\w))?(?P<pct> ?%)?"
)
_PREFIX_CHARS = 8
Meant = Mapping[str, str | None]
"""Whose ``$`` and ``kr`` a document means."""
_AFTER = re.compile(r"[\w/]|[.,:]\d|-\w")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number at one place of a page's text."""

    start: int
    end: int
    raw: str
    value: str
    """With its sign."""
    decimals: int
    currency: str | None
    ambiguous: bool
    percent: bool = False

    @property
    def is_money(self) -> bool:
        """Whether it is money by itself, without a label that says so."""
        return not self.percent and (self.currency is not None or self.decimals == 2)


def numerals(text: str) -> Iterator[str]:
    """Give the numbers of a text as written, for a document's convention."""
    return (match["n"] for match in _NUMBER.finditer(text))


def currencies(text: str) -> Iterator[str]:
    """Give the currencies a text names, as often as it does."""
    return (
        _SYMBOLS.get(match[0], match[0])
        for match in _CURRENCY.finditer(text)
        if match[0] not in _OFTEN_WORDS
    )


def amounts(
    text: str, convention: Convention, meant: Meant | None = None
) -> Iterator[Amount]:
    """Give every number of a text that may be an amount or a percentage.

    Args:
        text: Of a page.
        convention: How the document writes numbers.
        meant: What `meant_by` says; None = ``$`` is that of the United States.
    """
    meant = meant_by((), None) if meant is None else meant
    for match in _NUMBER.finditer(text):
        numeral = convention.read(match["n"])
        if numeral is None:
            continue
        amount = _amount(text, match, numeral, meant)
        if amount is not None:
            yield amount


def meant_by(named: Iterable[str], language: str | None) -> Meant:
    """Say whose ``$`` and ``kr`` are meant in a document that names these currencies.

    Whose krone it is may not be known.
    """
    others = set(named) & (_DOLLARS - {"USD"})
    stated = set(named) & {"SEK", "DKK", "NOK"}
    krone = stated.pop() if len(stated) == 1 else _KRONE.get(language or "")
    dollar = others.pop() if len(others) == 1 else "USD"
    return {"$": dollar, "kr": krone, "kr.": krone}


def currency_at_end(text: str, meant: Meant) -> str | None:
    """Give the currency that ends a text, like that of "Amount (GBP)"."""
    match = _AT_END.search(text)
    return _code(match["cur"], meant) if match else None


def money(amount: Amount) -> Found | None:
    """Give an amount as an entity; None when it is just a number."""
    if amount.percent:
        return Found(
            type="percentage",
            start=amount.start,
            end=amount.end,
            raw=amount.raw,
            value=amount.value,
            ambiguous=amount.ambiguous,
        )
    if not amount.is_money:
        return None
    return Found(
        type="money",
        start=amount.start,
        end=amount.end,
        raw=amount.raw,
        value=amount.value,
        currency=amount.currency,
        ambiguous=amount.ambiguous,
        confidence=0.5 if amount.ambiguous else 0.95 if amount.currency else 0.8,
    )


def _amount(
    text: str, match: re.Match[str], numeral: Numeral, meant: Meant
) -> Amount | None:
    window = max(match.start() - _PREFIX_CHARS, 0)
    window = max(window, text.rfind("\n", window, match.start()) + 1)
    before = _before(text, window, match.start())
    after = _SUFFIX.match(text, match.end())
    if before is None or after is None:
        return None
    end = after.end()
    if after["close"] and not before["open"]:
        end = after.start("close")
    if after["s1"] and _word_follows(text, after.end("s1")) and not after["cur"]:
        return None  # a part of something like 12-A
    if not after.group() and _AFTER.match(text, match.end()):
        return None
    start = before.start() if before.group().strip() else match.start()
    while text[start] in " \u00a0\u202f":
        start += 1
    if before["open"] and not after["close"]:
        start += 1
    raw = text[start:end].strip()
    name = before["cur"] or after["cur"]
    negative = _is_negative(before, after) and not _is_dash(text, before)
    value = numeral.value
    if negative and value.strip("0."):
        value = f"-{value}"
    return Amount(
        start=start,
        end=start + len(raw),
        raw=raw,
        value=value,
        decimals=2 if match["even"] else numeral.decimals,
        currency=_code(name, meant),
        ambiguous=numeral.ambiguous,
        percent=after["pct"] is not None,
    )


def _before(text: str, window: int, start: int) -> re.Match[str] | None:
    """Give the longest sign and currency that ends where the number begins.

    None when the number is only the end of something: ``HF-2026``, ``A4``.
    """
    for place in range(window, start + 1):
        match = _PREFIX.match(text, place, start)
        if match is None:
            continue
        apart = place == 0 or not (
            text[place - 1].isalnum() or text[place - 1] in "/.-"
        )
        if apart or match["cur"]:
            return match
    return None


def _word_follows(text: str, place: int) -> bool:
    return place < len(text) and text[place].isalnum()


def _is_negative(before: re.Match[str], after: re.Match[str]) -> bool:
    signs = (before["s1"], before["s2"], after["s1"], after["s2"])
    minus = any(sign in {"-", "\u2212", "\u2013"} for sign in signs)
    return minus or bool(before["open"] and after["close"]) or bool(after["credit"])


def _is_dash(text: str, before: re.Match[str]) -> bool:
    """Say whether what looks like a sign only parts a number from words before it."""
    spaced = re.match(r"[-\u2013\u2212] ", before.group().lstrip("( "))
    return spaced is not None and text[: before.start()].rstrip(" ")[-1:].isalpha()


def _code(name: str | None, meant: Meant) -> str | None:
    if name is None:
        return None
    return meant[name] if name in meant else _SYMBOLS.get(name, name)
