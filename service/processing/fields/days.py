"""The dates of issue and payment."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice, takewhile

from service.processing.entities.folding import fold
from service.processing.entities.found import Found
from service.processing.entities.near import Near, Neighbourhood
from service.processing.entities.numbers import labelled
from service.processing.entities.reading import PageReading
from service.processing.entities.roles import Role
from service.processing.fields.candidates import (
    Place,
    confidence_of,
    field_at,
)
from service.processing.fields.terms import due_by_terms, is_for_discount, said_due
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
    r"abschlag|teilrechnung|anzahlung|acompte|acconto|"
    r"contract|vertrag|\bddt\b|trasporto|"
    r"original|period|zeitraum|deliver|livraison|consegn|entrega|levering|"
    r"born|birth|gebor|naissance|nascita|nacimiento|geboorte|nascimento)"
)
_TOWN = re.compile(
    r"[A-ZÀ-Ž][^\W\d_]+(?:[ .'/-]{1,2}[^\W\d_]+){0,4}\.?,"
    r" ?(?:(?:den|dnia|dne|le|l[iì]|am|em|a|the|d\.) )?"
    r"|(?i:vom|du|le|del|van|dated|den|dnia|of|(?:your )?bill) "
)
"""What stands before the date of a letter: nothing but the town, or a word like it."""
_TOWN_CHARS = 80
_CLOSING = re.compile(r"[ .\t]*(?:r\.[ .\t]*)?")
"""What may stand behind it; Polish dates end with "r."."""
_OF_INVOICE = re.compile(
    r"invoice|rechnung(?!skorrektur)|facture(?! d'avoir)|fattura|factura(?! rectif)|"
    r"factuur|fatura|faktur"
)
_INVOICES_FIT = 0.6
"""What remains in a credit note of a date that is said to be an invoice's."""
_ROW_AMOUNTS = 20
"""Of a table's row that are looked at."""
_HEADING_FIT, _TOWN_FIT, _SAID_FIT, _UNLABELLED_FIT = 0.85, 0.75, 0.6, 0.5
_Candidate = tuple[Found, Place, int, float]


def days(
    pages: Sequence[tuple[PageReading, Neighbourhood]],
    *,
    corrects: bool = False,
    billed: bool = False,
) -> dict[str, list[Field]]:
    """Give the dates of issue and of payment, best first.

    Args:
        pages: Of the document.
        corrects: Whether it is about an invoice that it may date, too.
        billed: Whether it is an invoice or the like, which its terms date.
    """
    issued = _labelled(pages, "issue_date")
    issued += [each for page, _ in pages for each in _in_headings(page)]
    issued += [each for page, around in pages for each in _numbered(page, around)]
    due = _labelled(pages, "due_date")
    due += [each for page, _ in pages for each in _said_due(page)]
    if not issued and pages:
        issued = _under_town(pages[0][0]) or _alone(*pages[0])
    if corrects:
        issued = _of_correction(issued)
    issued.sort(key=lambda each: -each[3])
    due.sort(key=lambda each: -each[3])
    if issued and due and issued[0][1] == due[0][1] and issued[0][3] < due[0][3]:
        issued = [each for each in issued if each[1] != due[0][1]]
    due = [each for each in due if not issued or each[1] != issued[0][1]]
    issued, due = _settled(issued, due)
    issue_dates = [_field(each) for each in issued]
    due_dates = [_field(each) for each in due]
    return {
        "issue_date": issue_dates,
        "due_date": due_dates or (due_by_terms(pages, issue_dates) if billed else []),
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
        and not (role == "due_date" and is_for_discount(page, near.value))
        and not around.heads_column(label, near.value, page.dates)
    ]  # fmt: skip


def _is_whole(reading: PageReading, near: Near[Found]) -> bool:
    """Say whether a label like "Date" is all of it: not so in "Date limite"."""
    behind = reading.page.text[near.label.end : near.value.start]
    behind = re.split(r"[\t\n]| {2}", behind)[0]
    return near.label.weight == 1 or not re.search(r"[^\W\d_]{3}", behind)


def _said_due(reading: PageReading) -> Iterator[_Candidate]:
    for found in said_due(reading):
        place = Place(reading.page, found.start, found.end)
        yield found, place, found.start, _SAID_FIT


def _in_headings(reading: PageReading) -> Iterator[_Candidate]:
    """Give the dates of "Invoice no. 7 of 3 May 2026"."""
    for found in reading.dates:
        start = max(found.start - 90, 0)
        before = fold(reading.page.text[start : found.start])
        line = re.split(r"[\n\t]", before)[-1]
        if (
            found.valid
            and _NUMBERED.search(line)
            and not _OTHER_PAPER.search(line)
            and not _has_amount_behind(reading, found)
        ):
            place = Place(reading.page, found.start, found.end)
            yield found, place, found.start - len(line), _HEADING_FIT


def _has_amount_behind(reading: PageReading, found: Found) -> bool:
    """Say whether a date is in the text of a row of a table."""
    text = reading.page.text
    end = text.find("\n", found.end)
    first = bisect_left(reading.amounts, found.end, key=lambda each: each.start)
    following = islice(reading.amounts, first, first + _ROW_AMOUNTS)
    behind = takewhile(lambda each: end < 0 or each.start < end, following)
    return any(each.is_money for each in behind)


def _numbered(reading: PageReading, around: Neighbourhood) -> Iterator[_Candidate]:
    """Give the date behind the number in "Number/date: 90036211 / 12.03.2026"."""
    for near in labelled(reading, around, "invoice_number"):
        first = bisect_left(reading.dates, near.value.end, key=lambda one: one.start)
        for found in reading.dates[first : first + 1]:
            between = reading.page.text[near.value.end : found.start]
            if found.valid and re.fullmatch(r"[ \t]*[/|][ \t]*", between):
                place = Place(reading.page, found.start, found.end)
                yield found, place, near.label.start, near.fit


def _of_correction(issued: list[_Candidate]) -> list[_Candidate]:
    """Put the date of the invoice behind that of the credit note that corrects it."""
    weighed = []
    for found, place, since, fit in issued:
        said = fold(place.page.text[max(since, 0) : place.start])
        share = _INVOICES_FIT if _OF_INVOICE.search(said) else 1.0
        weighed.append((found, place, since, fit * share))
    return weighed


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
        if _TOWN.fullmatch(before) and _CLOSING.fullmatch(behind):
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
    if len({each.value for each in free}) > 1:
        free = [each for each in free if _is_whole_line(page, each)]
    if len({each.value for each in free}) != 1:
        return []
    found = free[0]
    place = Place(page.page, found.start, found.end)
    return [(found, place, found.start, _UNLABELLED_FIT)]


def _is_whole_line(page: PageReading, found: Found) -> bool:
    pieces = page.page.between(found.start, found.end)
    return all(piece.text.strip(" .") == found.raw.strip(" .") for piece in pieces)


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
