"""Finds the cells that ruled lines enclose: the way of pdfplumber, in linear steps.

Lines are merged first, so that two crossings on one line are known to be joined.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from service.processing.results import Box

MAX_CROSSINGS = 50_000
"""Pairs of lines that are tried; a page of graph paper has more, no table has."""
_MAX_TRIES = 500_000
_NEAR_PT = 3.0
"""Lines closer than this are one: both sides of a drawn line, ends that miss."""

_Corner = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A ruled line: where it is, and from where to where it runs."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells that belong together, with the places of all their sides."""

    cells: tuple[Box, ...]

    @property
    def box(self) -> Box:
        """What they cover."""
        return (
            min(cell[0] for cell in self.cells),
            min(cell[1] for cell in self.cells),
            max(cell[2] for cell in self.cells),
            max(cell[3] for cell in self.cells),
        )

    def columns(self) -> list[float]:
        """Give where columns begin and the last one ends."""
        return sorted({x for cell in self.cells for x in (cell[0], cell[2])})

    def rows(self) -> list[float]:
        """Give where rows begin and the last one ends."""
        return sorted({y for cell in self.cells for y in (cell[1], cell[3])})


def grids(edges: Iterable[Box]) -> list[Grid] | None:
    """Give the grids that edges make; None when there are too many lines to say."""
    across, upright = _lines(edges)
    if len(across) * len(upright) > MAX_CROSSINGS:
        return None
    cells = _cells(across, upright)
    return None if cells is None else list(_joined(cells))


def slot(places: Sequence[float], value: float) -> int:
    """Give which of the spaces between `places` a value lies in; -1 for none."""
    index = bisect_right(places, value) - 1
    return index if index < len(places) - 1 else -1


def _lines(edges: Iterable[Box]) -> tuple[list[Line], list[Line]]:
    across, upright = [], []
    for left, top, right, bottom in edges:
        if right - left >= bottom - top:
            across.append(Line((top + bottom) / 2, left, right))
        else:
            upright.append(Line((left + right) / 2, top, bottom))
    return list(_merged(across)), list(_merged(upright))


def _merged(lines: list[Line]) -> Iterator[Line]:
    """Give lines of which no two lie on each other."""
    group: list[Line] = []
    for line in sorted(lines, key=lambda line: line.at):
        if group and line.at - group[-1].at > _NEAR_PT:
            yield from _in_a_row(group)
            group = []
        group.append(line)
    yield from _in_a_row(group)


def _in_a_row(group: list[Line]) -> Iterator[Line]:
    if not group:
        return
    at = sum(line.at for line in group) / len(group)
    start, end = None, 0.0
    for line in sorted(group, key=lambda line: line.start):
        if start is not None and line.start - end > _NEAR_PT:
            yield Line(at, start, end)
            start = None
        end = line.end if start is None else max(end, line.end)
        start = line.start if start is None else start
    if start is not None:
        yield Line(at, start, end)


def _cells(across: list[Line], upright: list[Line]) -> list[Box] | None:
    """Give the smallest cell that begins at each crossing; None for too many tries."""
    down: list[list[int]] = [[] for _ in upright]
    right: list[list[int]] = [[] for _ in across]
    for row, line in enumerate(across):
        for column, other in enumerate(upright):
            if _cross(line, other):
                down[column].append(row)
                right[row].append(column)
    crossed = [frozenset(columns) for columns in right]
    cells: list[Box] = []
    tries = 0
    for row, line in enumerate(across):
        for place, column in enumerate(right[row]):
            below = down[column][bisect_right(down[column], row) :]
            corners = product(below, right[row][place + 1 :])
            for low, far in corners:
                tries += 1
                if tries > _MAX_TRIES:
                    return None
                if far in crossed[low]:
                    end = upright[far].at
                    cells.append((upright[column].at, line.at, end, across[low].at))
                    break
    return cells


def _cross(line: Line, other: Line) -> bool:
    return (
        line.start - _NEAR_PT <= other.at <= line.end + _NEAR_PT
        and other.start - _NEAR_PT <= line.at <= other.end + _NEAR_PT
    )


def _joined(cells: list[Box]) -> Iterator[Grid]:
    """Give the cells in groups that share corners, those of two rows and columns."""
    leaders: dict[_Corner, _Corner] = {}
    for cell in cells:
        first, *others = _corners(cell)
        for other in others:
            leaders[_leader(leaders, other)] = _leader(leaders, first)
    groups: dict[_Corner, list[Box]] = {}
    for cell in cells:
        groups.setdefault(_leader(leaders, _corners(cell)[0]), []).append(cell)
    for group in groups.values():
        grid = Grid(tuple(group))
        if len(grid.columns()) > 2 and len(grid.rows()) > 2:
            yield grid


def _corners(cell: Box) -> tuple[_Corner, ...]:
    left, top, right, bottom = cell
    return (left, top), (left, bottom), (right, top), (right, bottom)


def _leader(leaders: dict[_Corner, _Corner], corner: _Corner) -> _Corner:
    while (next_one := leaders.setdefault(corner, corner)) != corner:
        leaders[corner] = corner = leaders[next_one]  # halves the way for the next
    return corner
