"""Reading by many keys at once."""

from collections.abc import Collection, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from service.store.database import Query

T = TypeVar("T")

CHUNK = 1_000
"""Most ids in one statement; databases limit the values bound at once."""


def chunks(ids: Collection[T]) -> list[Sequence[T]]:
    """Cut `ids` into pieces that one statement can take."""
    listed = list(ids)
    return [listed[start : start + CHUNK] for start in range(0, len(listed), CHUNK)]


def pairs(connection: sa.Connection, query: Query) -> list[tuple[Any, Any]]:
    """Give the rows of a query of two columns, as to make a dict of."""
    return [(row[0], row[1]) for row in connection.execute(query)]
