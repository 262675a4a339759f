"""The dates of issue and payment."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from service.processing.entities.folding import fold
from service.processing.entities.found import Found
from service.processing.entities.near import Near, Neighbourhood
from service.processing.entities.reading import PageReading
from service.processing.entities.roles import Role
from service.processing.fields.candidates import (
    Place,
    confidence_of,
    field_at,
)
from service.processing.results import Field

MAX_TERM_DAYS = 120
"""Between issue and payment: settles which reading of ambiguous dates is meant."""
_HEAD_SHARE = 0.5
"""The upper part of the first page, where a letter has its date."""
_NUMBERED = re.compile(
    r"(?:rechnung|gutschrift|invoice|facture|avoir|fattura|factura|factuur|fatura|"
    r"receipt|quittung|nota|n|nr|no)\b.{0,60}"
    r"\b(?:vom|dated|date|of|du|del|de|do|van|em|der|le|data)[ :]{1,2}$"
)
_OTHER_PAPER = re.compile(
    r"(?:bestell|auftrag|order|liefer|commande|ordine|pedido|encomenda|"
    r"contract|vertrag|\bddt\b|trasporto|"
    r"original|period|zeitraum|deliver|livraison|consegn|entrega|levering|"
    r"born|birth|gebor|naissance|nascita|nacimiento|geboorte|nascimento)"
)
_TOWN = re.compile(
    r"[A-ZÀ-Ž][^\W\d_]+(?:[ .'/-]{1,2}[^\W\d_]+){0,4}\.?,"
    r" ?(?:(?:den|dnia|dne|le|l[iì]|am|em|a|the|d\.) )?"
)
"""What stands before the date of a letter: nothing but the town."""
_TOWN_CHARS = 80
_CLAUSE = re.compile(r"[\n;]|[.,](?=\s)")
_CLAUSE_CHARS = 80
_DISCOUNT = re.compile(
    r"skont|discount|escompte|sconto|pronto pago|descuento|desconto|korting|rabat|"
    r"rabais|abzug|kasserabat|slev"
)
_NO_DISCOUNT = re.compile(
    r"\b(?:ohne|keine?n?|no|without|sans|pas|senza|sin|sem|geen|zonder|uden|utan|bez)"
    r"\b.{0,16}"
)
_DUE_BEHIND = re.compile(
    r" (?:zur zahlung )?"
    r"(?:fallig|zahlbar|zu zahlen|te betalen|te voldoen|til betaling)\b"
)
_HEADING_FIT, _TOWN_FIT, _SAID_FIT, _UNLABELLED_FIT = 0.85, 0.75, 0.6, 0.5
_Candidate = tuple[Found, Place, int, float]


def days(pages: Sequence[tuple[PageReading, Neighbourhood]]) -> dict[str, list[Field]]:
    """Give the dates of issue and of payment, best first."""
    issued = _labelled(pages, "issue_date")
    issued += [each for page, _ in pages for each in _in_headings(page)]
    due = _labelled(pages, "due_date")
    due += [each for page, _ in pages for each in _said_due(page)]
    if not issued and pages:
        issued = _under_town(pages[0][0]) or _alone(*pages[0])
    issued.sort(key=lambda each: -each[3])
    due.sort(key=lambda each: -each[3])
    if issued and due and issued[0][1] == due[0][1] and issued[0][3] < due[0][3]:
        issued = [each for each in issued if each[1] != due[0][1]]
    due = [each for each in due if not issued or each[1] != issued[0][1]]
    issued, due = _settled(issued, due)
    return {
        "issue_date": [_field(each) for each in issued],
        "due_date": [_field(each) for each in due],
    }


def _labelled(
    pages: Sequence[tuple[PageReading, Neighbourhood]], role: Role
) -> list[_Candidate]:
    return [
        (near.value, Place(page.page, near.value.start, near.value.end),
         label.start, near.fit)
        for page, around in pages
        for label in around.labels
        if label.role == role
        for near in around.near(label, page.dates)
        if near.value.valid and near.fit > 0.5 and _is_whole(page, near)
        and not (role == "due_date" and _is_for_discount(page, near.value))
        and not around.heads_column(label, near.value, page.dates)
    ]  # fmt: skip


def _is_whole(reading: PageReading, near: Near[Found]) -> bool:
    """Say whether a label like "Date" is all of it: not so in "Date limite"."""
    behind = reading.page.text[near.label.end : near.value.start]
    behind = re.split(r"[\t\n]| {2}", behind)[0]
    return near.label.weight == 1 or not re.search(r"[^\W\d_]{3}", behind)


def _is_for_discount(reading: PageReading, found: Found) -> bool:
    """Say whether a date is that of "2 % discount if paid by": no date of payment."""
    text = reading.page.text
    before = fold(text[max(found.start - _CLAUSE_CHARS, 0) : found.start])
    after = fold(text[found.end : found.end + _CLAUSE_CHARS])
    parts = (_CLAUSE.split(before)[-1], _CLAUSE.split(after)[0])
    return any(_DISCOUNT.search(_NO_DISCOUNT.sub("", part)) for part in parts)


def _said_due(reading: PageReading) -> Iterator[_Candidate]:
    """Give the dates of "Der Betrag ist am 2. Mai 2026 fällig"."""
    for found in reading.dates:
        behind = fold(reading.page.text[found.end : found.end + 30])
        if found.valid and _DUE_BEHIND.match(behind):
            place = Place(reading.page, found.start, found.end)
            yield found, place, found.start, _SAID_FIT


def _in_headings(reading: PageReading) -> Iterator[_Candidate]:
    """Give the dates of "Invoice no. 7 of 3 May 2026"."""
    for found in reading.dates:
        start = max(found.start - 90, 0)
        before = fold(reading.page.text[start : found.start])
        line = re.split(r"[\n\t]", before)[-1]
        if found.valid and _NUMBERED.search(line) and not _OTHER_PAPER.search(line):
            place = Place(reading.page, found.start, found.end)
            yield found, place, found.start - len(line), _HEADING_FIT


def _under_town(reading: PageReading) -> list[_Candidate]:
    """Give the date of "Vienna, 3 March 2026", which letters have at their head."""
    for found in reading.dates:
        index = reading.page.index_at(found.start)
        if index is None or not found.valid or not _is_in_head(reading, found):
            continue
        piece = reading.page.pieces[index]
        if found.start - piece.start > _TOWN_CHARS:
            continue
        before = reading.page.text[piece.start : found.start]
        behind = reading.page.text[found.end : piece.end]
        if _TOWN.fullmatch(before) and not behind.strip(" .\t"):
            place = Place(reading.page, found.start, found.end)
            return [(found, place, piece.start, _TOWN_FIT)]
    return []


def _is_in_head(reading: PageReading, found: Found) -> bool:
    page = reading.page
    limit = page.height * _HEAD_SHARE
    return all(p.bbox[1] <= limit for p in page.between(found.start, found.end))


def _alone(page: PageReading, around: Neighbourhood) -> list[_Candidate]:
    """Give the date of a letterhead: the only one there that no label claims."""
    claimed = {
        near.value.start
        for label in around.labels
        if label.role in {"due_date", "other_date", "order_number"}
        for near in around.near(label, page.dates)
    }
    free = [
        each
        for each in page.dates
        if each.valid
        and each.start not in claimed
        and not around.in_column(each, page.dates)
        and not _OTHER_PAPER.search(fold(_line_before(page, each)))
    ]
    # A till prints its one date anywhere; a letter speaks of others further down.
    if len({each.value for each in free}) > 1 or not _has_sums(around):
        free = [each for each in free if _is_in_head(page, each)]
    if len({each.value for each in free}) != 1:
        return []
    found = free[0]
    place = Place(page.page, found.start, found.end)
    return [(found, place, found.start, _UNLABELLED_FIT)]


def _has_sums(around: Neighbourhood) -> bool:
    return any(label.role in {"total", "amount_due"} for label in around.labels)


def _line_before(reading: PageReading, found: Found) -> str:
    text = reading.page.text
    return text[text.rfind("\n", 0, found.start) + 1 : found.start][-80:]


def _settled(
    issued: list[_Candidate], due: list[_Candidate]
) -> tuple[list[_Candidate], list[_Candidate]]:
    """Read two ambiguous dates so that payment follows issue within its term."""
    if not issued or not due or not issued[0][0].ambiguous:
        return issued, due
    one, two = issued[0][0], due[0][0]
    if one.other is None or two.other is None:
        return issued, due
    as_read = _is_term(one.value, two.value)
    otherwise = _is_term(one.other, two.other)
    if as_read == otherwise:
        return issued, due
    return [_read(issued[0], as_read=as_read), *issued[1:]], [
        _read(due[0], as_read=as_read),
        *due[1:],
    ]


def _is_term(issue: str, due: str) -> bool:
    days_between = (date.fromisoformat(due) - date.fromisoformat(issue)).days
    return 0 <= days_between <= MAX_TERM_DAYS


def _read(candidate: _Candidate, *, as_read: bool) -> _Candidate:
    found = candidate[0]
    value = found.value if as_read or found.other is None else found.other
    return (replace(found, value=value, ambiguous=False), *candidate[1:])


def _field(candidate: _Candidate) -> Field:
    found, place, since, fit = candidate
    return field_at(
        place,
        found.value,
        confidence_of(fit),
        ambiguous=found.ambiguous,
        since=since,
    )
