"""Reading by many keys at once."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from service.messages import ENCODER
from service.store.database import Prepared, Query
from service.store.dialects import backend_of

CHUNK = 1_000
"""Most keys in one statement: what it gives is read as a whole."""

_ARRAY = sa.bindparam("keys", type_=sa.ARRAY(sa.Text()))
_EACH = sa.func.json_each(sa.bindparam("keys", type_=sa.Text())).table_valued("value")


class ByKeys:
    """A query for the rows whose key is among those given, compiled once.

    All keys travel as one value, so the statement is the same however many they are.

    Args:
        query: Of all rows.
        key: A column of text.
    """

    def __init__(self, query: Query, key: sa.ColumnElement[Any]) -> None:
        self._in_array = Prepared(query.where(key == sa.any_(_ARRAY)))
        self._in_json = Prepared(query.where(key.in_(sa.select(_EACH.c.value))))

    def rows(
        self, connection: sa.Connection, keys: Collection[str], **values: str
    ) -> Iterator[Sequence[Any]]:
        """Give the rows with one of `keys`; `values` are what else the query needs."""
        listed = list(keys)
        as_array = backend_of(connection).SETS_AS_VALUES
        for start in range(0, len(listed), CHUNK):
            some = listed[start : start + CHUNK]
            if as_array:
                yield from self._in_array.run(connection, {**values, "keys": some})
            else:
                text = ENCODER.encode(some).decode()
                yield from self._in_json.run(connection, {**values, "keys": text})

    def pairs(
        self, connection: sa.Connection, keys: Collection[str], **values: str
    ) -> dict[Any, Any]:
        """Give the rows of a query of two columns as a dict."""
        return {row[0]: row[1] for row in self.rows(connection, keys, **values)}
