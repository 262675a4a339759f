"""Dates in the forms that documents in sixteen languages write them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from service.processing.entities.folding import fold
from service.processing.entities.found import Found
from service.processing.entities.months import MONTHS

Order = Literal["dmy", "mdy"]

_NAME = "|".join(sorted(MONTHS, key=len)[::-1])
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
"""Recognised text often has no space between day and time, or around a month."""
_ISO = re.compile(
    r"(?<![\d./-])(\d{4})([-/.]|\. )(\d{1,2})\2(\d{1,2})"
    rf"(?=T\d|{_TIME}|(?![\d/-]))"
)
_YEAR_FIRST = re.compile(
    rf"(?<![\w./-])(\d{{4}})(?:[. -]{{1,2}}({_NAME})(?![a-z])[. -]{{1,2}}"
    r"| ?年 ?(\d{1,2}) ?月 ?)(\d{1,2})(?!\d)"
)
"""As in Hungary ("2026. március 5."), Sweden and Japan."""
_MIXED = re.compile(r"(?<![\d./,-])(\d{1,2})/(\d{1,2})[ -](20\d\d)(?![\d/-])")
"""As in Denmark: "20/3-2026"."""
_NUMERIC = re.compile(
    r"(?<![\d./,-])(\d{1,2})(?:([./-])|(\. ))(\d{1,2})(?:\2|\3)"
    rf"((?:19|20)\d\d|\d\d)(?={_TIME}|(?![\d/-]|[.,]\d))"
)
_DAY_FIRST = re.compile(
    rf"(?<![\w.,])(\d{{1,2}})(?:st|nd|rd|th|er|º|o|°)?[. /-]{{0,2}}(?:(?:of|de) )?"
    rf"({_NAME})(?![a-z])(?:[. ,/-]{{1,3}}(?:(?:de|del) )?|(?=\d{{4}}))(\d{{4}}|'?\d\d)"
    rf"(?={_TIME}|(?![\w]|[.,]\d))"
)
_MONTH_FIRST = re.compile(
    rf"(?<![\w])({_NAME})(?![a-z])[. /-]{{0,2}}(\d{{1,2}})(?:st|nd|rd|th)?"
    rf"(?: ?, ?| |[/-])(\d{{4}})(?={_TIME}|(?!\d))"
)
_EARLIEST, _LATEST = 1900, 2100
_DAY_FIRST_LANGUAGES = frozenset(
    {
        "de",
        "fr",
        "it",
        "es",
        "nl",
        "pt",
        "da",
        "nb",
        "nn",
        "no",
        "sv",
        "pl",
        "cs",
        "fi",
        "hu",
        "ro",
        "tr",
    }
)
_DAY_FIRST_CURRENCIES = frozenset(
    {
        "EUR",
        "GBP",
        "CHF",
        "INR",
        "AUD",
        "NZD",
        "SEK",
        "DKK",
        "NOK",
        "PLN",
        "CZK",
        "HUF",
        "RON",
        "TRY",
    }
)
"""Where no one writes the month first; dollars of Canada and others say nothing."""


@dataclass(frozen=True, slots=True)
class DateFound:
    """A date at one place of a page's text, before its order is settled."""

    start: int
    end: int
    raw: str
    first: date | None
    """Day first; None = no such day."""
    second: date | None = None
    """Month first, where that may be meant as well."""
    numeric: bool = False
    """Whether only its place says which number is the day."""


def dates(text: str) -> Iterator[DateFound]:
    """Give every date of a text, in the order of their places."""
    folded = fold(text)
    found = [
        *_iso(text, folded),
        *_numeric(text, folded),
        *_mixed(text, folded),
        *_named(text, folded),
    ]
    end = 0
    for each in sorted(found, key=lambda one: (one.start, -one.end)):
        if each.start >= end:
            end = each.end
            yield each


def settled_order(
    found: Iterable[DateFound],
    *,
    language: str | None = None,
    currency: str | None = None,
    known: frozenset[date] = frozenset(),
) -> Order | None:
    """Say which of day and month comes first in a document; None = cannot be told.

    Args:
        found: All its dates; one that reads only one way settles the others.
        language: Of the text.
        currency: The one the document is in.
        known: Dates from its machine-readable form.
    """
    day_first = month_first = 0
    for each in found:
        if not each.numeric:
            continue
        if each.second is None:
            day_first += each.first is not None
        elif each.first is None:
            month_first += 1
        else:
            day_first += each.first in known and each.second not in known
            month_first += each.second in known and each.first not in known
    if day_first or month_first:
        return _one(day_first=day_first, month_first=month_first)
    if language in _DAY_FIRST_LANGUAGES or currency in _DAY_FIRST_CURRENCIES:
        return "dmy"
    # A receipt has too little text for its language to be told.
    return "mdy" if currency == "USD" and language in {"en", None} else None


def as_found(each: DateFound, order: Order | None) -> Found:
    """Give a date as an entity, in the order that was settled."""
    value, other = each.first, each.second
    if value is None or (other is not None and order == "mdy"):
        value, other = other, value
    undecided = other is not None and value != other and order is None
    return Found(
        type="date",
        start=each.start,
        end=each.end,
        raw=each.raw,
        value=value.isoformat() if value else each.raw,
        valid=value is not None,
        reason=None if value else "no_such_day",
        ambiguous=undecided,
        other=other.isoformat() if undecided and other else None,
        confidence=0.5 if undecided or value is None else 0.95,
    )


def _one(*, day_first: int, month_first: int) -> Order | None:
    if day_first and month_first:
        return None
    return "dmy" if day_first else "mdy"


def _iso(text: str, folded: str) -> Iterator[DateFound]:
    for match in _ISO.finditer(folded):
        year, _, month, day = match.groups()
        yield _found(text, match, _day(year, month, day))


def _numeric(text: str, folded: str) -> Iterator[DateFound]:
    for match in _NUMERIC.finditer(folded):
        one, separator, spaced, two, year = match.groups()
        first = _day(year, two, one)
        # With points the day comes first wherever they are used.
        second = None if spaced or separator == "." else _day(year, one, two)
        if first is None and second is None and len(year) == 2:
            continue  # no date: a number of some kind
        yield DateFound(
            match.start(),
            match.end(),
            text[match.start() : match.end()],
            first,
            second if second != first else None,
            numeric=second != first,
        )


def _mixed(text: str, folded: str) -> Iterator[DateFound]:
    for match in _MIXED.finditer(folded):
        day, month, year = match.groups()
        if _day(year, month, day):
            yield _found(text, match, _day(year, month, day))


def _named(text: str, folded: str) -> Iterator[DateFound]:
    for match in _DAY_FIRST.finditer(folded):
        day, name, year = match.groups()
        yield _found(text, match, _day(year.lstrip("'"), str(MONTHS[name]), day))
    for match in _MONTH_FIRST.finditer(folded):
        name, day, year = match.groups()
        yield _found(text, match, _day(year, str(MONTHS[name]), day))
    for match in _YEAR_FIRST.finditer(folded):
        year, name, number, day = match.groups()
        yield _found(text, match, _day(year, number or str(MONTHS[name]), day))


def _found(text: str, match: re.Match[str], day: date | None) -> DateFound:
    start, end = match.span()
    return DateFound(start, end, text[start:end], day)


def _day(year: str, month: str, day: str) -> date | None:
    number = int(year)
    if len(year) == 2:
        number += 2000 if number < 80 else 1900
    if not _EARLIEST <= number <= _LATEST:
        return None
    try:
        return date(number, int(month), int(day))
    except ValueError:
        return None
