"""What is found in the text of a page, before it becomes part of a result."""

from dataclasses import dataclass

from service.processing.results import EntityType


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something named at one place of a page's text."""

    type: EntityType
    start: int
    end: int
    raw: str
    value: str
    """Normalised; of money the amount."""
    currency: str | None = None
    """Of money: ISO 4217."""
    valid: bool | None = None
    reason: str | None = None
    ambiguous: bool = False
    other: str | None = None
    """The other reading of what is ambiguous."""
    confidence: float = 1.0
