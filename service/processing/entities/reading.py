"""What a document's pages say: numbers, dates, identifiers and labels by place.

Built once for a document and kept in the context's state: entities list it, fields pair
its labels with its values.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence, Sized
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice

from service.processing.context import StepContext
from service.processing.entities import dates, identifiers, money
from service.processing.entities.columns import with_currencies
from service.processing.entities.found import Found
from service.processing.entities.labels import Label, labels
from service.processing.entities.layout import PageText, page_texts
from service.processing.entities.money import Amount
from service.processing.entities.numerals import Convention
from service.processing.entities.stacked import with_stacked
from service.processing.entities.tokens import Token, tokens
from service.processing.sniff_table import separator_of

MAX_SCANNED_CHARS = 2_000_000
"""Of a document: the longest invoices have a tenth of it."""
MAX_PER_PAGE = 3_000
"""Numbers, and dates, of one page."""
MAX_IDENTIFIERS = 500
MAX_LABELS = 500
"""Of one page; a dense one has 80."""
_STATE = "reading"


@dataclass(frozen=True)
class PageReading:
    """What one page says."""

    page: PageText
    amounts: Sequence[Amount]
    dates: Sequence[Found]
    identifiers: Sequence[Found]

    @cached_property
    def labels(self) -> Sequence[Label]:
        """All labels of the page, in their order."""
        single = tuple(islice(labels(self.page.text), MAX_LABELS))
        return with_stacked(self.page, single)[:MAX_LABELS]

    @cached_property
    def tokens(self) -> Sequence[Token]:
        """All words of the page that may be numbers of documents, in their order."""
        return tuple(tokens(self.page.text, self.is_free))

    @cached_property
    def _taken(self) -> Sequence[tuple[int, int]]:
        money = (each for each in self.amounts if each.is_money)
        found = [(each.start, each.end) for each in (*self.dates, *self.identifiers)]
        return sorted([*found, *((each.start, each.end) for each in money)])

    def is_free(self, start: int, end: int) -> bool:
        """Say whether a part of the text is no date, identifier or money."""
        index = bisect_left(self._taken, (end, 0)) - 1
        return index < 0 or self._taken[index][1] <= start


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document says."""

    pages: Sequence[PageReading]
    language: str | None
    currency: str | None
    """The only one, or the one that nearly all amounts are in."""
    cut: bool
    """Whether a limit on what is read of a page or the document left something out."""

    @property
    def iban_country(self) -> str | None:
        """The country of the document's bank accounts, when there is one."""
        found = {
            each.value[:2]
            for page in self.pages
            for each in page.identifiers
            if each.type == "iban" and each.valid
        }
        return found.pop() if len(found) == 1 else None


def reading_of(context: StepContext, known: frozenset[date] = frozenset()) -> Reading:
    """Give what the document says, read when first asked for.

    Args:
        context: A document that was read.
        known: Dates of its machine-readable form, which settle the order of others.
    """
    kept = context.state.get(_STATE)
    if isinstance(kept, Reading):
        return kept
    made = _read(context, known)
    context.state[_STATE] = made
    return made


def _read(context: StepContext, known: frozenset[date]) -> Reading:
    language = context.extraction.get("language")
    pages, cut = _scanned(context)
    whole = "\n".join(page.text for page in pages)
    named = list(islice(money.currencies(whole), MAX_PER_PAGE))
    written = islice(money.numerals(whole), MAX_PER_PAGE)
    convention = Convention(written, _writing(language, named))
    meant = money.meant_by(named, language)
    found = [
        (
            page,
            _amounts(page, convention, meant, apart=bool(named)),
            list(islice(dates.dates(page.text), MAX_PER_PAGE)),
            list(islice(identifiers.identifiers(page.text), MAX_IDENTIFIERS)),
        )
        for page in pages
    ]
    cut = cut or any(map(_is_full, found))
    currency = _currency((each for one in found for each in one[1]), named)
    order = dates.settled_order(
        (each for one in found for each in one[2]),
        language=language,
        currency=currency,
        known=known,
    )
    return Reading(
        pages=[
            PageReading(
                page,
                _outside(amounts, days, numbers),
                [dates.as_found(each, order) for each in days],
                numbers,
            )
            for page, amounts, days, numbers in found
        ],
        language=language,
        currency=currency,
        cut=cut,
    )


def _is_full(found: tuple[PageText, Sized, Sized, Sized]) -> bool:
    """Say whether a page has as much of something as is read of it, or more."""
    page, amounts, days, numbers = found
    return (
        page.cut
        or max(len(amounts), len(days)) >= MAX_PER_PAGE
        or len(numbers) >= MAX_IDENTIFIERS
    )


def _scanned(context: StepContext) -> tuple[list[PageText], bool]:
    pages: list[PageText] = []
    chars = 0
    table = context.media_type == "text/csv"
    separator = separator_of(context.text) if table else None
    for page in page_texts(context):
        left = MAX_SCANNED_CHARS - chars
        cut = len(page.text) > left
        page.written = page.text[:left]
        page.text = _cells_apart(page.written, separator)
        if cut:
            return [*pages, page], True
        chars += len(page.text)
        pages.append(page)
    return pages, False


def _amounts(
    page: PageText, convention: Convention, meant: money.Meant, *, apart: bool
) -> list[Amount]:
    """Give a page's amounts; `apart` says that some may have their currency apart."""
    found = list(islice(money.amounts(page.text, convention, meant), MAX_PER_PAGE))
    return with_currencies(page, found, meant) if apart else found


def _cells_apart(text: str, separator: str | None) -> str:
    """Put a tab between the cells of a CSV file: all else stays in its place."""
    if separator is None or separator == "\t":
        return text
    return re.sub(
        rf'"[^"\n]*"|{re.escape(separator)}',
        lambda found: "\t" if found[0] == separator else found[0],
        text,
    )


def _writing(language: str | None, named: Sequence[str]) -> str | None:
    """Give the language whose numbers are meant: Swiss ones have a point."""
    swiss = named and Counter(named).most_common(1)[0][0] == "CHF"
    return "en" if swiss else language


def _currency(amounts: Iterator[Amount], named: Sequence[str]) -> str | None:
    counts = Counter(each.currency for each in amounts if each.currency)
    counts = counts or Counter(each for each in named if len(each) == 3)
    if not counts:
        return None
    (first, most), *others = counts.most_common(2)
    return first if not others or most >= 2 * others[0][1] else None


def _outside(
    amounts: Sequence[Amount],
    days: Sequence[dates.DateFound],
    numbers: Sequence[Found],
) -> list[Amount]:
    """Leave out the numbers that are parts of dates and identifiers."""
    taken = sorted(
        [(day.start, day.end) for day in days] + [(n.start, n.end) for n in numbers]
    )
    kept, index = [], 0
    for amount in amounts:
        while index < len(taken) and taken[index][1] <= amount.start:
            index += 1
        if index == len(taken) or amount.end <= taken[index][0]:
            kept.append(amount)
    return kept
