"""Pages whose text is turned: read upright, shown where it stands."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.processing.formats.content import Run
from service.processing.results import Box


@dataclass(frozen=True, slots=True)
class Turned:
    """A page as seen whose text is turned clockwise."""

    quarter_turns: int
    width: float
    height: float

    @property
    def upright_height(self) -> float:
        """The page's height when it is held so that its text can be read."""
        return self.width if self.quarter_turns % 2 else self.height

    def upright(self, box: Box) -> Box:
        """Give where a box of the page as seen stands when the text is upright."""
        return _against(box, self.quarter_turns, self.width, self.height)

    def seen(self, box: Box) -> Box:
        """Give where a box of the upright page stands as seen."""
        back = -self.quarter_turns % 4
        if self.quarter_turns % 2:
            return _against(box, back, self.height, self.width)
        return _against(box, back, self.width, self.height)


def turned(runs: Sequence[Run], width: float, height: float) -> Turned | None:
    """Say how most of a page's text is turned; None when it is upright."""
    turns: Counter[int] = Counter()
    for run in runs:
        turns[run.quarter_turns] += len(run.text)
    (most, _), *_ = turns.most_common(1) or [(0, 0)]
    return Turned(most, width, height) if most and width and height else None


def uprighted(runs: Sequence[Run], page: Turned) -> Sequence[Run]:
    """Give the runs of a turned page with the places they have when it is upright."""
    return [replace(run, bbox=page.upright(run.bbox)) for run in runs]


def _against(box: Box, turns: int, width: float, height: float) -> Box:
    """Turn a box counter-clockwise with its page; places count from the top left."""
    left, top, right, bottom = box
    if turns == 1:
        return top, width - right, bottom, width - left
    if turns == 2:
        return width - right, height - bottom, width - left, height - top
    if turns == 3:
        return height - bottom, left, height - top, right
    return box
