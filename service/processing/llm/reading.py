"""What a model is asked about the text of a document."""

import re
from typing import Annotated

import msgspec

from service.processing.analysis.kinds import KINDS
from service.processing.formats.content import cleaned
from service.processing.llm.client import Model
from service.processing.llm.conversation import Reply
from service.processing.llm.patience import Patience
from service.processing.llm.prompts import Prompt
from service.processing.results import Candidate, Classification, Keyword, Summary

SUMMARY_CHARS = 2_000
KEYWORDS = 10
KEYWORD_CHARS = 80
_INSTRUCTIONS = (
    "You read business documents. Give a summary of two to four sentences in the "
    "document's own language, with the parties, amounts and dates that matter; five to "
    "ten keywords from it, the most telling first; its kind, one of the list; and how "
    "sure you are of the kind, from 0 to 1. Say only what the document says."
)
_SENTENCE_END = re.compile(r"[.!?\u2026\u3002](?=\s|$)")

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Kind = Annotated[str, msgspec.Meta(extra_json_schema={"enum": list(KINDS)})]
"""One of the kinds that the rules know too."""


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What answers about texts and pictures have in common."""

    keywords: tuple[str, ...]
    kind: Kind
    confidence: Share

    def __post_init__(self) -> None:
        """Refuse a kind that is none of the list, as the schema does."""
        if self.kind not in KINDS:
            raise ValueError("not a kind of document")

    def classification(self) -> Classification:
        """Give the kind as results name it."""
        return Classification(
            label=self.kind,
            confidence=round(self.confidence, 3),
            candidates=(Candidate(label=self.kind, score=round(self.confidence, 3)),),
            method="llm",
        )

    def terms(self) -> tuple[Keyword, ...]:
        """Give the keywords as results have them, without doubles."""
        plain = dict.fromkeys(_line(each, KEYWORD_CHARS) for each in self.keywords)
        plain.pop("", None)
        kept = list(plain)[:KEYWORDS]
        return tuple(
            Keyword(term=term, score=round(1 - place / len(kept), 3))
            for place, term in enumerate(kept)
        )


class Reading(Judgement, frozen=True, kw_only=True):
    """The answer about a text."""

    summary: Annotated[str, msgspec.Meta(min_length=1)]


def read(model: Model, text: str, patience: Patience) -> Reply[Reading]:
    """Ask what a text says.

    Raises:
        ModelError: There is no answer.
        ProcessingStoppedError: Told to stop while waiting.
    """
    prompt = Prompt(instructions=_INSTRUCTIONS, document=text)
    return model.ask(prompt, Reading, patience)


def summary_of(text: str) -> Summary | None:
    """Give a model's words as a summary; None if there are none."""
    line = _line(text, SUMMARY_CHARS)
    if not line:
        return None
    sentences = max(1, sum(1 for _ in _SENTENCE_END.finditer(line)))
    return Summary(text=line, sentences=sentences, method="llm")


def _line(text: str, limit: int) -> str:
    return " ".join(cleaned(text).split())[:limit].strip()
