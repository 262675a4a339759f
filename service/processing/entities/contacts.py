"""E-mail addresses, web addresses and phone numbers."""

import re
from collections.abc import Iterator, Mapping

from phonenumbers import (
    Leniency,
    PhoneNumberFormat,
    PhoneNumberMatcher,
    format_number,
)

from service.processing.entities.folding import fold
from service.processing.entities.found import Found

_EMAIL = re.compile(
    r"(?<![\w.%+-])[\w.%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])"
)
_URL = re.compile(r"(?<![\w@])(?:https?://|www\.)[^\s<>\"'|]{3,2000}", re.IGNORECASE)
_TRAILING = ".,;:!?)]}"
_PHONE_LINE = re.compile(
    r"\+\d|\b(?:tel|fon|phone|telefon|telephone|fax|mobil|mobile|cell|telefono|telefax|"
    r"telefoon|telefone|telemovel|movil|hotline)\b"
)
MAX_PHONE_LINES = 200
"""Lines of a page that are searched; the time for them is 60 ms at most."""
_MAX_LINE_CHARS = 300
_TRIES = 20
"""Looking for phones takes 1 ms a kilobyte: only lines that promise some are read."""
_REGIONS: Mapping[str, str] = {
    "de": "DE", "fr": "FR", "it": "IT", "es": "ES", "nl": "NL", "pt": "PT",
}  # fmt: skip
_BY_CURRENCY: Mapping[str, str] = {
    "GBP": "GB", "USD": "US", "CHF": "CH", "CAD": "CA", "AUD": "AU", "INR": "IN",
    "NZD": "NZ", "SEK": "SE", "DKK": "DK", "NOK": "NO", "PLN": "PL", "BRL": "BR",
}  # fmt: skip


def emails(text: str) -> Iterator[Found]:
    """Give the e-mail addresses of a text."""
    for match in _EMAIL.finditer(text) if "@" in text else ():
        yield Found(
            type="email",
            start=match.start(),
            end=match.end(),
            raw=match[0],
            value=match[0].lower(),
            confidence=0.95,
        )


def urls(text: str) -> Iterator[Found]:
    """Give the web addresses of a text; one without a scheme is taken as https."""
    for match in _URL.finditer(text):
        raw = match[0].rstrip(_TRAILING)
        scheme = "https://" if raw[:4].lower() == "www." else ""
        yield Found(
            type="url",
            start=match.start(),
            end=match.start() + len(raw),
            raw=raw,
            value=scheme + raw,
            confidence=0.95,
        )


def phones(text: str, region: str | None) -> tuple[list[Found], bool]:
    """Give the phone numbers of lines that speak of phones, as E.164.

    Args:
        text: Of a page.
        region: ISO 3166 country of numbers without a country code; None = none of
            those are read.

    Returns:
        Them, and whether all such lines were searched.
    """
    found: list[Found] = []
    start = searched = 0
    for line in text.split("\n"):
        if _PHONE_LINE.search(fold(line[:_MAX_LINE_CHARS])):
            searched += 1
            if searched > MAX_PHONE_LINES:
                return found, False
            found += _phones(line[:_MAX_LINE_CHARS], start, region)
        start += len(line) + 1
    return found, True


def region_of(
    language: str | None, currency: str | None, iban_country: str | None
) -> str | None:
    """Say where a document's phone numbers without a country code are from."""
    if iban_country:
        return iban_country
    return _BY_CURRENCY.get(currency or "") or _REGIONS.get(language or "")


def _phones(line: str, start: int, region: str | None) -> Iterator[Found]:
    for match in PhoneNumberMatcher(line, region, Leniency.VALID, _TRIES):
        yield Found(
            type="phone",
            start=start + match.start,
            end=start + match.end,
            raw=match.raw_string,
            value=format_number(match.number, PhoneNumberFormat.E164),
            valid=True,
            confidence=0.9,
        )
