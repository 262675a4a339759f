"""Tells whether a table's first row names its columns, where nothing says so."""

from collections.abc import Sequence
from itertools import islice

_SAMPLE_ROWS = 20
_DATA_SIGNS = frozenset("0123456789@")
"""Signs of numbers, dates and addresses: names of columns seldom have them."""


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether the first row looks like names of columns.

    Each cell of it is a name of its own, and below there is a column of data.
    """
    if len(rows) < 2:
        return False
    first, body = rows[0], rows[1 : 1 + _SAMPLE_ROWS]
    names = [cell.strip() for cell in first]
    if not all(names) or len(set(names)) < len(names) or any(map(_is_data, names)):
        return False
    columns = ([row[n] for row in body if n < len(row)] for n in range(len(names)))
    return any(
        2 * sum(map(_is_data, column)) > len(column) for column in columns if column
    )


def _is_data(cell: str) -> bool:
    return any(char in _DATA_SIGNS for char in islice(cell, 200))
