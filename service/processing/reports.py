"""What is said of a document while it is processed."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReport:
    """How far a document is."""

    step: str
    fraction: float
    """Share of the whole document done, 0-1, never falling."""
    page: int | None = None
    pages: int | None = None
    message: str | None = None
    """What the step said just now."""


class Progress(Protocol):
    """Takes what a step says of its progress."""

    def page(self, number: int, of: int) -> None:
        """Take that a page is being worked on."""
        ...

    def begin_part(self, name: str) -> None:
        """Take that a part of the step begins which is shown under its own name."""
        ...

    def end_part(self) -> None:
        """Take that it has ended."""
        ...

    def share(self, done: float) -> None:
        """Take the share of the step that is done, 0-1."""
        ...

    def said(self, message: str) -> None:
        """Take a line of the execution log."""
        ...
