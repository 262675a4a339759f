"""Values on their way to becoming fields."""

from collections.abc import Iterable
from dataclasses import dataclass

from service.processing.entities.layout import PageText
from service.processing.results import Evidence, Field

MOST_FROM_TEXT = 0.97
AMBIGUOUS = 0.6
AGREED = 0.1
"""Added when other fields confirm a value."""
_MAX_EVIDENCE_CHARS = 200


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a page's text."""

    page: PageText
    start: int
    end: int


def confidence_of(fit: float) -> float:
    """Give the confidence of a value that fits its label so well, 0-1."""
    return 0.5 + 0.4 * fit


def field_at(
    place: Place,
    value: str,
    confidence: float,
    *,
    ambiguous: bool = False,
    since: int | None = None,
) -> Field:
    """Give a value found in the text as a field.

    Args:
        place: Where it stands.
        value: Normalised.
        confidence: Before what its ambiguity and recognition take away.
        ambiguous: Whether it may be read in another way.
        since: Where its label begins; the evidence's text begins there when both
            stand on one line.
    """
    page = place.page
    source, recognised = page.source(place.start, place.end)
    confidence = min(confidence, MOST_FROM_TEXT) * recognised
    text = page.written[place.start : place.end]
    if since is not None and 0 <= place.start - since <= _MAX_EVIDENCE_CHARS:
        whole = page.written[since : place.end]
        text = text if "\n" in whole else " ".join(whole.split())
    return Field(
        value=value,
        confidence=round(confidence * (AMBIGUOUS if ambiguous else 1.0), 3),
        source=source,
        evidence=Evidence(
            page=page.number,
            bbox_pt=page.bbox(place.start, place.end),
            text=text[:_MAX_EVIDENCE_CHARS],
        ),
        ambiguous=ambiguous,
    )


def distinct(fields: Iterable[Field]) -> list[Field]:
    """Give the fields of different values, the surest of each, in their order."""
    best: dict[str, Field] = {}
    for field in fields:
        kept = best.get(field.value)
        if kept is None or field.confidence > kept.confidence:
            best[field.value] = field
    return list(best.values())
