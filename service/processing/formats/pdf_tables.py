"""The tables of a PDF page: those that lines rule, and those that only line up."""

from collections.abc import Iterable, Sequence
from itertools import islice, product
from typing import NamedTuple

from service.processing.formats import columns
from service.processing.formats.content import Run, TableContent, cleaned
from service.processing.formats.pdf_frame import rounded
from service.processing.formats.pdf_runs import Letter
from service.processing.formats.ruled import Grid, grids, slot
from service.processing.results import Box

MAX_TABLES = 50
"""Of a page."""
_MAX_SLOTS = 200_000
"""Of a table, those counted again that several cells claim."""
_LINES_OF_A_TABLE = 4
"""Fewer edges rule no table of two rows and two columns."""


class Found(NamedTuple):
    """The tables of a page, and whether all of it was looked at."""

    tables: tuple[TableContent, ...]
    complete: bool


def tables(
    letters: Sequence[Letter], runs: Sequence[Run], edges: Sequence[Box]
) -> Found:
    """Find the tables of a page.

    Args:
        letters: All the page's visible characters.
        runs: The same, in runs.
        edges: Straight lines drawn along the page's sides.
    """
    ruled = grids(edges) if len(edges) >= _LINES_OF_A_TABLE else []
    found = [
        table
        for grid in (ruled or [])[:MAX_TABLES]
        if (table := _filled(grid, letters)) is not None
    ]
    taken = [table.bbox for table in found if table.bbox]
    aligned = list(islice(columns.tables(_outside(runs, taken)), MAX_TABLES + 1))
    found.extend(aligned[:MAX_TABLES])
    found.sort(key=lambda table: table.bbox[1] if table.bbox else 0.0)
    complete = ruled is not None and max(len(ruled), len(aligned)) <= MAX_TABLES
    return Found(tuple(found), complete=complete)


def _filled(grid: Grid, letters: Iterable[Letter]) -> TableContent | None:
    """Give the table that a grid and the letters in it make; None for an empty one."""
    across, down = grid.columns(), grid.rows()
    owners = _owners(grid, across, down)
    texts: dict[tuple[int, int], list[str]] = {}
    for letter in letters:
        left, top, right, bottom = letter.box
        place = slot(down, (top + bottom) / 2), slot(across, (left + right) / 2)
        if place in owners:
            texts.setdefault(owners[place], []).append(letter.follows + letter.char)
    if len(texts) < 2:  # one filled cell is a frame around text
        return None
    rows = tuple(
        tuple(_text(texts.get((row, column), ())) for column in range(len(across) - 1))
        for row in range(len(down) - 1)
    )
    return TableContent(
        rows=rows,
        has_header=columns.is_header(rows),
        bbox=rounded(grid.box),
        method="lines",
        confidence=round(len(owners) / (len(rows) * len(rows[0])), 2),
    )


def _owners(
    grid: Grid, across: Sequence[float], down: Sequence[float]
) -> dict[tuple[int, int], tuple[int, int]]:
    """Give for each slot the first slot of its cell, which may reach over several."""
    owners: dict[tuple[int, int], tuple[int, int]] = {}
    row_at = {place: index for index, place in enumerate(down)}
    column_at = {place: index for index, place in enumerate(across)}
    left_over = _MAX_SLOTS
    for left, top, right, bottom in grid.cells:
        rows = range(row_at[top], row_at[bottom])
        wide = range(column_at[left], column_at[right])
        left_over -= len(rows) * len(wide)
        if left_over < 0:
            return {}
        owners |= dict.fromkeys(product(rows, wide), (rows[0], wide[0]))
    return owners


def _text(pieces: Sequence[str]) -> str:
    return " ".join(cleaned("".join(pieces)).split())


def _outside(runs: Sequence[Run], taken: Sequence[Box]) -> list[Run]:
    return [
        run
        for run in runs
        if not any(
            area[0] <= (run.bbox[0] + run.bbox[2]) / 2 <= area[2]
            and area[1] <= (run.bbox[1] + run.bbox[3]) / 2 <= area[3]
            for area in taken
        )
    ]
