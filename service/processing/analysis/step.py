"""The step ``analyse``: what follows from quality and content, without a model."""

from collections.abc import Iterator
from itertools import chain

from service.processing.analysis.anomalies import find_anomalies
from service.processing.analysis.classification import classify
from service.processing.analysis.keywords import find_terms
from service.processing.analysis.summary import summarise
from service.processing.context import StepContext
from service.processing.formats.content import PageContent
from service.processing.results import ModelUse

TEXT_CHARS = 1_000_000
"""Keywords, summary and kind are taken from the text up to here, about 300 pages."""


def analyse(context: StepContext) -> None:
    """Say what a document is, what it is about and what is odd about it."""
    text = context.text[:TEXT_CHARS]
    if len(context.text) > TEXT_CHARS:
        message = f"Summary, kind, keywords: only of the first {TEXT_CHARS} characters."
        context.hit_limit("analysis_chars", message, severity="info")
    terms = find_terms(_topics(context, text))
    classification = classify(context, text)
    kind = classification.label if classification else None
    context.analysis |= {
        "anomalies": find_anomalies(context, kind),
        "summary": summarise(context.content, text, terms.weights),
        "classification": classification,
        "keywords": terms.keywords,
        "llm": ModelUse(
            used=False,
            fallback_reason=(
                None if context.options.model == "off" else "not_configured"
            ),
        ),
        "image": None,
        "embeddings": None,
    }


def _topics(context: StepContext, text: str) -> str:
    """Give what terms are taken from: the text, what every page repeats only once.

    Cells of tables are parted, so that no term goes across.
    """
    pages = context.content.pages if context.content is not None else ()
    parts: dict[str, None] = {}
    chars = 0
    for part in chain.from_iterable(map(_parts, pages)):
        if chars > TEXT_CHARS:
            break
        if part not in parts:
            chars += len(part)
            parts[part] = None
    return "\n".join(parts)[:TEXT_CHARS] if parts else text


def _parts(page: PageContent) -> Iterator[str]:
    if not page.blocks:
        yield page.text
    for block in page.blocks:
        if block.kind != "table":
            yield block.text
        elif block.table is not None:
            yield from ("\t".join(row) for row in page.tables[block.table].rows)
