"""The date of payment in sentences, and as it follows from terms: "30 days net".

The latter only where a document states no date of payment, and surely less: when the
days begin (with the date, the delivery, the receipt) is mostly left open.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from service.processing.entities.folding import fold
from service.processing.entities.found import Found
from service.processing.entities.near import Neighbourhood
from service.processing.entities.reading import PageReading
from service.processing.fields.candidates import Place, confidence_of, field_at
from service.processing.results import Field

TERM_FIT = 0.25
"""How surely a date of payment follows from its terms."""
_LONGEST_DAYS = 120
_CLAUSE_CHARS, _UNTIL_CHARS = 90, 24
_UNITS: Mapping[str, int] = {
    "calendar days|days|day|tage?n?|kalendertage?n?|jours|jrs|giorni|gg|g g|dias|dagen|"
    "dni|dager|dagar|dage|pv|paivaa|napon|nap|dnu|de zile|zile|gun": 1,
    "weeks|wochen|semaines|settimane|semanas|weken|tygodni|veckor|uger|uker": 7,
}
"""Words for days and weeks in the languages that labels are known in, folded."""
_WORDS = "|".join(_UNITS)
_TERM = re.compile(rf"(?<![\d.,/-])(\d{{1,3}}) ?({_WORDS})\b")
_NET = re.compile(r"\bnett?o?[ -](\d{1,3})(?=$|[^\w.,%/-])")
"""As American programs write it: "Net 30"."""
_ASKS = re.compile(
    r"direct debit|abbuch|abgebucht|buchen|einzug|lastschrift|prelev|addebit|"
    r"pay|\bdue\b|\bterms\b|\bnet\b|\bnetto\b|remit|"
    r"zahl|begleich|uberweis|fallig|"
    r"\bregl|payable|paiement|echeance|virement|"
    r"pagament|pagar|pago\b|bonifico|rimessa|transferencia|vencimiento|vencimento|"
    r"betal|voldoen|over te maken|overmaken|"
    r"platnosc|zaplat|przelew|splatn|uhrad|"
    r"maks|fizet|plata|odeme|vade"
)
"""What a clause has in it that says when to pay."""
_DISCOUNT = re.compile(
    r"skont|discount|escompte|sconto|pronto pago|descuento|desconto|korting|rabat|"
    r"rabais|abzug|kasserabat|slev"
)
_OTHERWISE = re.compile(
    r"%|"
    r"fin de mois|fine mese|\bf\.? ?m\b|d\.? ?f\.? ?f\.? ?m|"
    r"end of (?:the )?month|eom\b|"
    r"monatsende|fin de mes|einde maand|"
    r"interest|zins|\blate\b|overdue|penal|verzug|retard|interes|mora\b|rente|ranta|"
    r"return|ruckgabe|widerruf|cancel|complain|object|reklam|beanstand|retour|recht"
)
"""What makes it a clause about a month's end, delay or goods sent back."""
_NO_DISCOUNT = re.compile(
    r"\b(?:ohne|keine?n?|no|without|sans|pas|senza|sin|sem|geen|zonder|uden|utan|bez)"
    r"\b.{0,16}"
)
_CLAUSE = re.compile(r"[\n;]|[.,](?=\s)")
_DUE_BEHIND = re.compile(
    r" (?:zur zahlung )?"
    r"(?:fallig|zahlbar|zu zahlen|te betalen|te voldoen|til betaling|ohne abzug)\b"
)
_UNTIL = re.compile(
    r"\b(?:bis(?: zum| spatestens)?|by|before|until|on or (?:after|before)|"
    r"avant le|jusqu'au|entro il|entro|antes del|hasta el|voor|uiterlijk(?: op)?|"
    r"ate|do dnia|do|senest|senast|inom|viimeistaan|pana la|fruhestens am) $"
)
"""What stands before the last day on which something is asked for."""


@dataclass(frozen=True, slots=True)
class _Term:
    days: int
    place: Place


def due_by_terms(
    pages: Sequence[tuple[PageReading, Neighbourhood]], issued: Sequence[Field]
) -> list[Field]:
    """Give the date that the terms of payment put after the date of issue.

    None where the terms name several dates, or the date of issue is not sure.
    """
    if not issued or issued[0].ambiguous:
        return []
    terms = [term for page, _ in pages for term in _terms(page)]
    if len({term.days for term in terms}) != 1:
        return []
    day = date.fromisoformat(issued[0].value) + timedelta(days=terms[0].days)
    return [field_at(terms[0].place, day.isoformat(), confidence_of(TERM_FIT))]


def _terms(reading: PageReading) -> Iterator[_Term]:
    text = reading.page.text
    folded = fold(text)
    for match in (*_TERM.finditer(folded), *_NET.finditer(folded)):
        days = int(match[1]) * _days_of(match)
        clause = _clause(text, match.start(), match.end())
        if 0 < days <= _LONGEST_DAYS and _asks(clause):
            yield _Term(days, Place(reading.page, match.start(), match.end()))


def _days_of(match: re.Match[str]) -> int:
    if match.re is _NET:
        return 1
    return next(days for words, days in _UNITS.items() if re.fullmatch(words, match[2]))


def _asks(clause: str) -> bool:
    """Say whether the clause around a number of days says when to pay."""
    if _OTHERWISE.search(clause) or _names_discount(clause):
        return False
    return _ASKS.search(clause) is not None


def said_due(reading: PageReading) -> Iterator[Found]:
    """Give the dates of "Der Betrag ist am 2. Mai 2026 fällig" and the like."""
    text = reading.page.text
    for found in reading.dates:
        before = fold(text[max(found.start - _UNTIL_CHARS, 0) : found.start])
        behind = fold(text[found.end : found.end + _CLAUSE_CHARS])
        asked = _DUE_BEHIND.match(behind) or (
            _UNTIL.search(before)
            and _ASKS.search(_clause(text, found.start, found.end))
        )
        if found.valid and asked and not is_for_discount(reading, found):
            yield found


def is_for_discount(reading: PageReading, found: Found) -> bool:
    """Say whether a date is that of "2 % discount if paid by": no date of payment."""
    return _names_discount(_clause(reading.page.text, found.start, found.end))


def _names_discount(clause: str) -> bool:
    return _DISCOUNT.search(_NO_DISCOUNT.sub("", clause)) is not None


def _clause(text: str, start: int, end: int) -> str:
    """Give the part of a sentence around a place, folded."""
    before = fold(text[max(start - _CLAUSE_CHARS, 0) : start])
    behind = fold(text[end : end + _CLAUSE_CHARS])
    inside = fold(text[start:end])
    return f"{_CLAUSE.split(before)[-1]}{inside}{_CLAUSE.split(behind)[0]}"
