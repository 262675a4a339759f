"""Reading by many keys at once."""

from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa

from service.store.database import Query
from service.store.dialects import backend_of

CHUNK = 1_000
"""Most ids in one statement; databases limit the values bound at once."""

_KEYS = sa.bindparam("keys", type_=sa.ARRAY(sa.Text()))


def rows_by(
    connection: sa.Connection,
    query: Query,
    key: sa.ColumnElement[Any],
    ids: Collection[str],
) -> Iterator[sa.Row[*tuple[Any, ...]]]:
    """Give the rows of `query` whose `key` is among `ids`."""
    listed = list(ids)
    as_array = backend_of(connection).SETS_AS_VALUES
    for start in range(0, len(listed), CHUNK):
        some = listed[start : start + CHUNK]
        if as_array:
            found = connection.execute(
                query.where(key == sa.any_(_KEYS)), {"keys": some}
            )
        else:
            found = connection.execute(query.where(key.in_(some)))
        yield from found


def pairs_by(
    connection: sa.Connection,
    query: Query,
    key: sa.ColumnElement[Any],
    ids: Collection[str],
) -> dict[Any, Any]:
    """Give the rows of a query of two columns as a dict."""
    return {row[0]: row[1] for row in rows_by(connection, query, key, ids)}
