"""The few sentences of a document that say most of it.

Sentences are scored by the weights of their words, their place and their length
(Luhn, IBM Journal 2, 1958; Edmundson, Journal of the ACM 16, 1969), and given in the
order of the document. Tables and boilerplate are no sentences.
"""

import re
from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, repeat

from service.processing.formats.content import Content
from service.processing.results import Summary

MOST_SENTENCES = 5
_FIRST_CHARS, _LAST_CHARS = 60_000, 20_000
"""Of a longer text only its beginning and end are considered: introductions and
conclusions say what is between."""
_LEAST_WORDS, _MOST_WORDS = 5, 60
_AVERAGED_WORDS = 14
"""The weights of a shorter sentence count as if it had so many words,"""
_GOOD_WORDS = 35
"""and those of a longer one less: it is a list, or several sentences."""
_LEAST_LETTERS = 0.6
"""Share of a sentence that is letters or spaces; rows of tables have less."""
_SAME = 0.6
"""Two sentences that share this much of their words say the same."""
_OPENING_CHARS = 1_000
_OPENING_BONUS = 0.4
"""Of the first sentence; it falls to none over the opening."""
_LONG_FACTOR = 0.7
_SENTENCES_EACH = 4
"""About one sentence of so many is kept,"""
_LEAST_TOLD = 3
"""but two as soon as there are so many."""
_WRAPPED_CHARS = 40
"""A line of this length without an end of sentence goes on in the next."""

_END = re.compile(r"(?<=[.!?…])[\"”»\u2019)]?\s+(?=[\"“„«¿¡(]?[^\W\d_a-zß-öø-ÿ])")
_WORD = re.compile(r"[^\W\d_][\w'\u2019-]*")
_TERMINAL = (".", "!", "?", "…", ":", ";")
_ABBREVIATED = re.compile(
    r"\b(abs|approx|art|bzw|ca|cf|co|corp|dr|ex|fig|inc|ltd|mr|mrs|ms|nr|no|num|pos|prof|"
    r"ref|resp|sr|sra|st|str|tel|usw|vgl|vs|zzgl|\w)\.$",
    re.IGNORECASE,
)
"""After these a full stop ends no sentence,"""
_TAIL_CHARS = 10
_MOST_PARTS = 8
"""unless one follows the other: that is a list."""
_GREETING = re.compile(
    r"(?:dear|hello|hi|good (?:morning|afternoon|evening)|sehr geehrte[rsn]?|hallo|"
    r"lieber?|guten (?:tag|morgen|abend)|bonjour|ch[eè]re?|madame|monsieur|gentile|"
    r"egregio|spettabile|buongiorno|estimad[oa]s?|hola|buenos d[ií]as|geachte|beste|"
    r"car[oa]s?|prezad[oa]s?|ol[aá])(?![\w-])[^,.:;!?\d]{0,60}[,!] ",
    re.IGNORECASE,
)
_BOILERPLATE = re.compile(
    r"page \d|seite \d|página \d|pagina \d|©|copyright|all rights reserved|"
    r"alle rechte vorbehalten|tous droits réservés|unsubscribe|confidential|"
    r"vertraulich|confidentiel|registered office|handelsregister|geschäftsführer|"
    r"https?://|www\.|@|terms and conditions apply|this e-?mail",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    place: int
    text: str
    words: frozenset[str]
    score: float


def summarise(
    content: Content | None, text: str, weights: Mapping[str, float]
) -> Summary | None:
    """Give the best sentences of a text; None where there are none.

    Args:
        content: What the reader found; its structure tells sentences from tables.
        text: The whole text.
        weights: What each word says, by the word in lower case.
    """
    found = list(_scored(_sentences(content, text), weights))
    if not found:
        return None
    least = 2 if len(found) >= _LEAST_TOLD else 1
    wanted = min(MOST_SENTENCES, max(least, len(found) // _SENTENCES_EACH))
    chosen: list[_Sentence] = []
    for each in sorted(found, key=lambda sentence: (-sentence.score, sentence.place)):
        if len(chosen) == wanted:
            break
        told = any(_same(each, other) for other in chosen)
        if not told and _says_something(each.text):
            chosen.append(each)
    if not chosen:
        return None
    chosen.sort(key=lambda sentence: sentence.place)
    return Summary(
        text=" ".join(each.text for each in chosen),
        sentences=len(chosen),
        method="extractive",
    )


def _sentences(content: Content | None, text: str) -> Iterator[str]:
    for paragraph in _ends(list(_paragraphs(content, text))):
        held: list[str] = []
        for part in _END.split(paragraph):
            held.append(part)
            if len(held) < _MOST_PARTS and _ABBREVIATED.search(part[-_TAIL_CHARS:]):
                continue
            sentence, held = _ungreeted(" ".join(" ".join(held).split())), []
            if _is_sentence(sentence):
                yield sentence


def _ungreeted(text: str) -> str:
    """Give a sentence without the greeting that leads to it."""
    match = _GREETING.match(text)
    if match is None:
        return text
    rest = text[match.end() :]
    return rest[:1].upper() + rest[1:]


def _paragraphs(content: Content | None, text: str) -> Iterator[str]:
    pages = content.pages if content is not None else ()
    structured = [
        block.text for page in pages for block in page.blocks if _is_prose(block.kind)
    ]
    yield from structured or _joined(text.splitlines())


def _ends(paragraphs: list[str]) -> list[str]:
    sizes = list(accumulate(map(len, paragraphs)))
    if not sizes or sizes[-1] <= _FIRST_CHARS + _LAST_CHARS:
        return paragraphs
    first = bisect(sizes, _FIRST_CHARS)
    last = bisect(sizes, sizes[-1] - _LAST_CHARS)
    # One paragraph can be longer than all that is considered.
    return [
        *(each[:_FIRST_CHARS] for each in paragraphs[: first + 1]),
        *(each[-_LAST_CHARS:] for each in paragraphs[max(first + 1, last) :]),
    ]


def _is_prose(kind: str) -> bool:
    return kind in {"paragraph", "list_item"}


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """Put lines together that were broken at the right margin."""
    held: list[str] = []
    for line in lines:
        # Cells of a row of a table have tabs between them.
        stripped = "" if "\t" in line else line.strip()
        if stripped:
            held.append(stripped)
        if len(stripped) < _WRAPPED_CHARS or stripped.endswith(_TERMINAL):
            yield " ".join(held)
            held = []
    yield " ".join(held)


def _is_sentence(text: str) -> bool:
    if not _LEAST_WORDS <= text.count(" ") + 1 <= _MOST_WORDS:
        return False
    return text.rstrip('"”»\u2019)').endswith((".", "!", "?", "…"))


def _says_something(text: str) -> bool:
    letters = sum(map(str.isalpha, text)) + text.count(" ")
    return letters >= _LEAST_LETTERS * len(text) and not _BOILERPLATE.search(text)


def _scored(
    sentences: Iterable[str], weights: Mapping[str, float]
) -> Iterator[_Sentence]:
    begins = 0
    # What every page repeats was said when it stood there first.
    for place, text in enumerate(dict.fromkeys(sentences)):
        words = [word.lower() for word in _WORD.findall(text)]
        if len(words) >= _LEAST_WORDS:
            weight = sum(map(weights.get, words, repeat(0.0)))
            weight /= max(len(words), _AVERAGED_WORDS)
            factor = 1.0 if len(words) <= _GOOD_WORDS else _LONG_FACTOR
            bonus = _OPENING_BONUS * max(1.0 - begins / _OPENING_CHARS, 0.0)
            yield _Sentence(place, text, frozenset(words), weight * factor + bonus)
        begins += len(text)


def _same(one: _Sentence, other: _Sentence) -> bool:
    shared = len(one.words & other.words)
    return shared > _SAME * min(len(one.words), len(other.words))
