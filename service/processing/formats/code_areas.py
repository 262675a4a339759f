"""Where on a PDF's pages codes may stand: noted while reading, looked at later."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from service.processing.context import StepContext
from service.processing.results import Box

_KEY = "code_areas"
_MAX_AREAS = 10_000


@dataclass(frozen=True, slots=True)
class CodeArea:
    """A part of a page that may hold a code."""

    page: int
    box: Box


@dataclass(slots=True)
class CodeAreas:
    """The parts of a document that may hold codes."""

    areas: list[CodeArea] = field(default_factory=list)
    complete: bool = True
    """Whether all of them were noted."""

    @classmethod
    def of(cls, context: StepContext) -> "CodeAreas":
        """Give those of the present document."""
        areas = context.state.setdefault(_KEY, cls())
        if not isinstance(areas, cls):
            message = f"{_KEY} is taken by something else"
            raise TypeError(message)
        return areas

    def note(self, page: int, boxes: Iterable[Box]) -> None:
        """Note where a page may hold codes."""
        for box in boxes:
            if len(self.areas) == _MAX_AREAS:
                self.complete = False
                return
            self.areas.append(CodeArea(page, box))

    def __iter__(self) -> Iterator[CodeArea]:
        """Give them in the order of the pages."""
        return iter(self.areas)
