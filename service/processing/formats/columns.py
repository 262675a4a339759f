"""Finds tables without lines: rows of runs that stand in the same columns."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from service.processing.formats.content import Run, TableContent
from service.processing.formats.pdf_frame import rounded
from service.processing.results import Box

_MIN_COLUMNS = 3
"""Two columns are as often labels with values, or a letter's head."""
_MIN_ROWS = 3
_MAX_ROWS = 500
_FULL_ENOUGH = 0.6
"""Share of the columns a row must fill to count as one of the table's."""
_NEXT_ROW = 2.5
"""The gap to the row above, in heights of a row, beyond which a table ends."""
_CONFIDENCE = 0.7
"""Nothing but alignment speaks for such a table."""

_Row = list[Run]


def tables(runs: Iterable[Run]) -> Iterator[TableContent]:
    """Give the tables that runs make up by standing in columns."""
    for group in _groups(list(rows_of(runs))):
        found = _table(group)
        if found is not None:
            yield found


def rows_of(runs: Iterable[Run]) -> Iterator[_Row]:
    """Give the runs by the rows they stand in, from the top, each from the left."""
    row: _Row = []
    for run in sorted(runs, key=lambda run: run.bbox[1] + run.bbox[3]):
        if row and not _beside(row[0].bbox, run.bbox):
            yield sorted(row, key=lambda run: run.bbox[0])
            row = []
        row.append(run)
    if row:
        yield sorted(row, key=lambda run: run.bbox[0])


def is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether the first row names the columns: words over at least one number."""
    first, *others = rows
    filled = [cell for cell in first if cell]
    return (
        len(filled) >= max(2, len(first) - 1)
        and not any(char.isdigit() for cell in filled for char in cell)
        and any(char.isdigit() for row in others for cell in row for char in cell)
    )


def _groups(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """Give the stretches of rows that may be a table."""
    group: list[_Row] = []
    for row in rows:
        far = bool(group) and _gap(group[-1], row) > _NEXT_ROW * _height(row)
        if far or (len(row) == 1 and not _continues(group, row)):
            yield group
            group = []
        if len(row) > 1 or group:
            group.append(row)
    yield group


def _continues(group: Sequence[_Row], row: _Row) -> bool:
    """Say whether a single run is a cell's next line: under one, and close to it."""
    if not group or _gap(group[-1], row) > 0.7 * _height(row):
        return False
    return any(_under(run.bbox, row[0].bbox) for run in group[-1])


def _table(group: list[_Row]) -> TableContent | None:
    full = [row for row in group if len(row) >= _MIN_COLUMNS][:_MAX_ROWS]
    if len(full) < _MIN_ROWS:
        return None
    places = _columns(full)
    enough = _FULL_ENOUGH * len(places)
    if len(places) < _MIN_COLUMNS or any(len(row) < enough for row in full):
        return None
    first, last = group.index(full[0]), len(group) - group[::-1].index(full[-1])
    rows = [cells for row in group[first:last] if (cells := _cells(row, places))]
    whole = [run for row in group[first:last] for run in row]
    if len(rows) < last - first or not _has_numbers(rows):
        return None
    return TableContent(
        rows=tuple(rows),
        has_header=is_header(rows),
        bbox=rounded(_around(run.bbox for run in whole)),
        method="text",
        confidence=_CONFIDENCE,
    )


def _columns(rows: Sequence[_Row]) -> list[tuple[float, float]]:
    """Give where columns lie: what overlaps in any of the rows is one."""
    spans = sorted((run.bbox[0], run.bbox[2]) for row in rows for run in row)
    merged = [spans[0]]
    for left, right in spans[1:]:
        if left < merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], right)
        else:
            merged.append((left, right))
    return merged


def _cells(row: _Row, places: Sequence[tuple[float, float]]) -> tuple[str, ...] | None:
    """Give a row's cells; None when a run reaches over several columns."""
    cells = [""] * len(places)
    starts = [left for left, _ in places]
    for run in row:
        index = max(bisect_right(starts, (run.bbox[0] + run.bbox[2]) / 2) - 1, 0)
        if index + 1 < len(places) and run.bbox[2] > starts[index + 1]:
            return None
        cells[index] = f"{cells[index]} {run.text}".strip()
    return tuple(cells)


def _has_numbers(rows: Sequence[tuple[str, ...]]) -> bool:
    numbers = sum(cell[:1].isdigit() or cell[-1:].isdigit() for r in rows for cell in r)
    return numbers >= len(rows)


def _beside(one: Box, other: Box) -> bool:
    overlap = min(one[3], other[3]) - max(one[1], other[1])
    return overlap > 0.5 * min(one[3] - one[1], other[3] - other[1])


def _under(upper: Box, lower: Box) -> bool:
    return min(upper[2], lower[2]) > max(upper[0], lower[0])


def _gap(above: _Row, row: _Row) -> float:
    return min(run.bbox[1] for run in row) - max(run.bbox[3] for run in above)


def _height(row: _Row) -> float:
    return max(run.bbox[3] - run.bbox[1] for run in row)


def _around(boxes: Iterable[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
