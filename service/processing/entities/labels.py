"""Finds labels in a text: rows of words out of a dictionary."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from service.processing.entities.folding import fold
from service.processing.entities.label_words import BLOCKING, STRONG, WEAK
from service.processing.entities.roles import Role
from service.processing.entities.words_of_neighbours import (
    NEIGHBOURS_BLOCKING,
    NEIGHBOURS_STRONG,
    NEIGHBOURS_WEAK,
)
from service.processing.entities.words_of_others import (
    OTHERS_BLOCKING,
    OTHERS_STRONG,
    OTHERS_WEAK,
)

STRONG_WEIGHT = 1.0
WEAK_WEIGHT = 0.7
_WORD = re.compile(r"[a-z0-9]+|#")
_CALL = re.compile(r"\(\$?[a-z]{1,3}\$?\d{1,7}[):;,]")
"""Behind a word that is no label but a formula's: ``SUM(A1:A9)``."""
_PARTS = re.compile(r"[\n\t,;]")
_MAX_GAP = 3
"""Characters between two words of a label: ``Rechnungs-Nr``, ``Invoice No. :``."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label at one place of a page's text."""

    role: Role
    start: int
    end: int
    weight: float
    words: int


_Table = Mapping[
    str, tuple[tuple[tuple[str, ...], tuple[tuple[Role, float], ...]], ...]
]


def _table() -> _Table:
    """Give all labels by their first word, those with most words first."""
    meanings: dict[tuple[str, ...], dict[Role, float]] = {}
    for table, weight in (
        (BLOCKING, 1.0),
        (NEIGHBOURS_BLOCKING, 1.0),
        (OTHERS_BLOCKING, 1.0),
        (STRONG, STRONG_WEIGHT),
        (NEIGHBOURS_STRONG, STRONG_WEIGHT),
        (OTHERS_STRONG, STRONG_WEIGHT),
        (WEAK, WEAK_WEIGHT),
        (NEIGHBOURS_WEAK, WEAK_WEIGHT),
        (OTHERS_WEAK, WEAK_WEIGHT),
    ):
        for role, phrases in table.items():
            for phrase in phrases.split(";"):
                words = tuple(_WORD.findall(fold(phrase)))
                meanings.setdefault(words, {}).setdefault(role, weight)
    by_first: dict[
        str, list[tuple[tuple[str, ...], tuple[tuple[Role, float], ...]]]
    ] = {}
    for words in sorted(meanings, key=len, reverse=True):
        entry = (words, tuple(meanings[words].items()))
        by_first.setdefault(words[0], []).append(entry)
    return {first: tuple(entries) for first, entries in by_first.items()}


def continues_label(text: str) -> bool:
    """Say whether a text may go on with a label that another began."""
    word = _WORD.search(fold(text))
    return word is not None and word[0] in _FURTHER_WORDS


def labels(text: str) -> Iterator[Label]:
    """Give every label of a page's text; none lies inside another.

    A phrase that means several things is given once for each.
    """
    folded, table = fold(text), _TABLE
    words = list(_WORD.finditer(folded))
    index = 0
    while index < len(words):
        taken = 0
        for phrase, meanings in table.get(words[index][0], ()):
            if _stands(folded, words, index, phrase):
                if _CALL.match(folded, words[index + len(phrase) - 1].end()):
                    continue
                taken = len(phrase)
                start, end = words[index].start(), words[index + taken - 1].end()
                for role, weight in meanings:
                    yield Label(role, start, end, weight, taken)
                break
        index += taken or 1


def _stands(
    folded: str, words: list[re.Match[str]], index: int, phrase: tuple[str, ...]
) -> bool:
    if index + len(phrase) > len(words):
        return False
    for number, wanted in enumerate(phrase[1:], 1):
        before, word = words[index + number - 1], words[index + number]
        if word[0] != wanted:
            return False
        gap = folded[before.end() : word.start()]
        if len(gap) > _MAX_GAP or _PARTS.search(gap):
            return False
    return True


_TABLE = _table()
"""Made once, when the sandbox loads this: it takes 5 ms."""
_FURTHER_WORDS = frozenset(
    word for entries in _TABLE.values() for words, _ in entries for word in words[1:]
)
