"""Which terms say what a document is about.

Frequency, place and capitals, as in YAKE (Campos et al., Information Sciences 509,
2020), but counted in a few passes that take linear time.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from service.processing.analysis.stop_words import STOP_WORDS
from service.processing.results import Keyword

MOST = 10
_CONSIDERED = 150
"""Most frequent words that are looked at more closely."""
_PAIRS_CONSIDERED = 60
_WRITTEN_CHARS = 60_000
_LEAST_CHARS = 3
_MOST_CHARS = 40
_EARLY_BONUS = 0.5
_CAPITALS_BONUS = 0.5
_SWALLOWED = 0.6
"""A word that stands in a chosen pair this often is not named again."""
_TOKEN = re.compile(r"[^\W\d_][\w'\u2019&-]*|\d|[.,:;!?()|\t\n]")
"""Words; and what no term goes across."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The words of a text that can be topics.

    Attributes:
        weights: How much each says, by the word in lower case.
        keywords: The best terms, best first.
    """

    weights: Mapping[str, float]
    keywords: tuple[Keyword, ...]


def find_terms(text: str) -> Terms:
    """Weigh the words of a text and name its best terms."""
    tokens = _TOKEN.findall(text.lower())
    counted = Counter(tokens)
    frequent = _frequent(counted)
    # How words are written shows at the beginning; all of a long text would take long.
    beginning = _TOKEN.findall(text[:_WRITTEN_CHARS])
    written = Counter(beginning)
    weights = {
        word: _weight(word, tokens.index(word) / len(tokens), number, written)
        for word, number in frequent.items()
    }
    ranked = _ranked(weights, _pairs(tokens, weights), frequent)
    most = ranked[0][1] if ranked else 1.0
    forms = {word.lower(): word for word in reversed(beginning)}
    best = tuple(
        Keyword(
            # As it is written where it first stands.
            term=" ".join(forms.get(word, word) for word in term.split()),
            score=round(score / most, 3),
        )
        for term, score in ranked
    )
    return Terms(weights, best)


def _frequent(counted: Counter[str]) -> dict[str, int]:
    wanted = (
        (word, number)
        for word, number in counted.most_common()
        if _LEAST_CHARS <= len(word) <= _MOST_CHARS and word not in STOP_WORDS
    )
    # Of equally frequent words the counter gives those first that come first.
    return dict(pair for pair, _ in zip(wanted, range(_CONSIDERED), strict=False))


def _weight(word: str, place: float, number: int, written: Counter[str]) -> float:
    early = 1.0 - place
    forms = word, word.upper(), word.capitalize()
    small, *capitals = (written[form] for form in forms)
    share = sum(capitals) / max(small + sum(capitals), 1)
    return math.log(1.0 + number) * (
        1.0 + _EARLY_BONUS * early * early + _CAPITALS_BONUS * share
    )


def _pairs(
    tokens: list[str], weights: Mapping[str, float]
) -> list[tuple[tuple[str, str], int]]:
    counted = Counter(
        pair for pair in pairwise(tokens) if pair[0] in weights and pair[1] in weights
    )
    return [
        (pair, number)
        for pair, number in counted.most_common(_PAIRS_CONSIDERED)
        if number > 1
    ]


def _ranked(
    weights: Mapping[str, float],
    pairs: list[tuple[tuple[str, str], int]],
    counted: Mapping[str, int],
) -> list[tuple[str, float]]:
    scored = dict(weights)
    inside: Counter[str] = Counter()
    for (first, second), number in pairs:
        if first == second:
            continue
        # Two words that always stand together say more than each of them.
        share = number / max(counted[first], counted[second])
        scored[f"{first} {second}"] = (weights[first] + weights[second]) * share
        inside[first] += number
        inside[second] += number
    for word, number in inside.items():
        if number >= _SWALLOWED * counted[word]:
            del scored[word]
    return sorted(scored.items(), key=lambda item: (-item[1], item[0]))[:MOST]
