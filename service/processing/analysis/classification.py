"""Which kind of document it is, by its words, its format and its fields."""

import re
from collections import defaultdict
from collections.abc import Iterator

from service.processing import media_types
from service.processing.analysis.kinds import CUES, LONGEST, NAMES, OTHER
from service.processing.context import StepContext
from service.processing.entities.naming import without_names
from service.processing.results import Candidate, Classification, Fields

INVOICES = frozenset({"invoice", "credit_note", "receipt", "reminder"})
"""Kinds that ask for money or confirm it was paid."""

_READ_CHARS = 8_000
"""A kind shows at the beginning: the rest of a long document only adds noise."""
_MOST_CANDIDATES = 5
_TITLE_WORDS = 6
_TITLE_LINES = 25
_TITLE_FACTOR = 2.0
"""What the name of a kind counts on a short line among the first,"""
_RUNNING_FACTOR = 0.4
"""and in running text, where an order or a form may be spoken of anywhere."""
_SUFFICIENT = 3.0
"""Less than this names no kind."""
_LONG_PAGES = 8
_MACHINE_ZONE = re.compile(r"^[A-Z0-9<]{25,44}<[A-Z0-9<]{2,}$", re.MULTILINE)
"""The machine-readable lines of ICAO 9303."""
_BLANKS = re.compile(r"_{6,}|\.{12,}|[☐☑☒□]")
"""What is left to be filled in."""
_MANY_BLANKS = 4
_WORD = re.compile(r"[^\W\d_][\w'\u2019-]*")

_BY_FORMAT: dict[str, tuple[str, float]] = {
    "application/vnd.ms-excel": ("spreadsheet", 6.0),
    "application/vnd.ms-outlook": ("email", 8.0),
    "message/rfc822": ("email", 8.0),
    "text/csv": ("spreadsheet", 5.0),
    media_types.ODS_TYPE: ("spreadsheet", 6.0),
    media_types.PPTX_TYPE: ("presentation", 8.0),
    media_types.XLSX_TYPE: ("spreadsheet", 6.0),
}
_UNTITLED = frozenset({"application/json"})
_STRUCTURED = 12.0
"""A machine-readable invoice says itself what it is."""
_CODED = 6.0


def classify(context: StepContext, text: str) -> Classification | None:
    """Name the kind of a document; None when it has neither text nor structure."""
    fields = context.extraction.get("fields") or Fields()
    if not text.strip() and fields == Fields() and context.media_type not in _BY_FORMAT:
        return None
    scores: defaultdict[str, float] = defaultdict(float)
    for kind, weight in (
        *_by_words(text[:_READ_CHARS], titled=context.media_type not in _UNTITLED),
        *_by_form(context, text[:_READ_CHARS]),
        *_by_fields(fields),
    ):
        scores[kind] += weight
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    if not ranked or ranked[0][1] < _SUFFICIENT:
        ranked.insert(0, (OTHER, _SUFFICIENT))
    total = sum(score for _, score in ranked) + 1.0
    return Classification(
        label=ranked[0][0],
        confidence=round(ranked[0][1] / total, 3),
        candidates=tuple(
            Candidate(label=kind, score=round(score / total, 3))
            for kind, score in ranked[:_MOST_CANDIDATES]
        ),
        method="rules",
    )


def _by_words(text: str, *, titled: bool) -> Iterator[tuple[str, float]]:
    """Give what each phrase speaks for, once however often it stands there.

    Args:
        text: The beginning of a document.
        titled: Whether a short line may be a title.
    """
    in_titles: dict[tuple[str, ...], bool] = {}
    filled = (line for line in without_names(text).splitlines() if line.strip())
    for number, line in enumerate(filled):
        words = [word.lower() for word in _WORD.findall(line)]
        title = titled and number < _TITLE_LINES and len(words) <= _TITLE_WORDS
        for start in range(len(words)):
            for size in range(1, LONGEST + 1):
                phrase = tuple(words[start : start + size])
                if phrase in CUES:
                    in_titles[phrase] = title or in_titles.get(phrase, False)
    for phrase, title in in_titles.items():
        for kind, weight in CUES[phrase]:
            names = weight == NAMES
            factor = (_TITLE_FACTOR if title else _RUNNING_FACTOR) if names else 1.0
            yield kind, weight * factor


def _by_form(context: StepContext, text: str) -> Iterator[tuple[str, float]]:
    if context.media_type in _BY_FORMAT:
        yield _BY_FORMAT[context.media_type]
    if _MACHINE_ZONE.search(text):
        yield "id_document", 8.0
    blanks = sum(1 for _ in _BLANKS.finditer(text))
    if blanks >= _MANY_BLANKS:
        yield "form", 4.0
    if context.content is not None and len(context.content.pages) >= _LONG_PAGES:
        yield "report", 1.0


def _by_fields(fields: Fields) -> Iterator[tuple[str, float]]:
    kind = fields.document_kind
    if kind is not None:
        yield kind.value, _STRUCTURED if kind.source == "xml" else 2.0
    if fields.total is not None and fields.total.source == "qr":
        yield "invoice", _CODED
    if fields.invoice_number is not None and fields.total is not None:
        yield "invoice" if kind is None else kind.value, 2.0
