"""Statements that write many rows, as many statements or as one over a set.

Where a round trip and a plan cost more than a row, the rows travel as one JSON value
and are joined; else they are handed to the driver one by one. Both touch exactly the
rows whose guards match, as long as no two rows of a call name the same one.
"""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from service.messages import ENCODER
from service.store.database import Prepared
from service.store.dialects import backend_of

Write = sa.Insert | sa.Update | sa.Delete

_GUARD = "guard_"
_ROWS = sa.bindparam("rows", type_=sa.Text())


class ForRows:
    """One kind of write, for any number of rows given as dicts.

    A guard's value goes by the name of its column with ``guard_`` before it.
    """

    def __init__(self, each: Write, together: Write) -> None:
        self._each = Prepared(each)
        self._together = Prepared(together)

    @classmethod
    def insert(cls, table: sa.Table, *names: str) -> "ForRows":
        """Insert rows of the columns `names`, or of all."""
        names = names or tuple(column.name for column in table.c)
        given = _given(table, names)
        return cls(
            table.insert().values({name: sa.bindparam(name) for name in names}),
            table.insert().from_select(names, sa.select(*given.c)),
        )

    @classmethod
    def update(
        cls,
        table: sa.Table,
        *names: str,
        guard: Collection[str],
        where: sa.ColumnElement[bool] | None = None,
    ) -> "ForRows":
        """Set the columns `names` of the rows whose columns `guard` are as given."""
        given = _given(table, names, guard)
        base = table.update() if where is None else table.update().where(where)
        return cls(
            base.where(*_each_guarded(table, guard)).values(
                {name: sa.bindparam(name) for name in names}
            ),
            base.where(*_all_guarded(table, guard, given)).values(
                {name: given.c[name] for name in names}
            ),
        )

    @classmethod
    def delete(cls, table: sa.Table, *, guard: Collection[str]) -> "ForRows":
        """Delete the rows whose columns `guard` are as given."""
        given = _given(table, (), guard)
        return cls(
            table.delete().where(*_each_guarded(table, guard)),
            table.delete().where(*_all_guarded(table, guard, given)),
        )

    def run(self, connection: sa.Connection, row: dict[str, Any]) -> int:
        """Write one row and give how many table rows were touched."""
        return self._each.run(connection, row).rowcount

    def run_all(self, connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> int:
        """Write all of `rows` and give how many table rows were touched."""
        if not rows:
            return 0
        if backend_of(connection).SETS_AS_VALUES:
            values = {"rows": ENCODER.encode(rows).decode()}
            return self._together.run(connection, values).rowcount
        return self._each.run_all(connection, rows)


def _given(
    table: sa.Table, names: Collection[str], guard: Collection[str] = ()
) -> sa.TableValuedAlias:
    """Give the rows of the JSON value as a table with the columns' own types."""
    columns = [sa.column(name, _plain(table.c[name])) for name in names]
    columns += [sa.column(_GUARD + name, _plain(table.c[name])) for name in guard]
    rows = sa.func.json_to_recordset(sa.cast(_ROWS, sa.JSON()))
    return rows.table_valued(*columns, name="given").render_derived(with_types=True)


def _plain(column: sa.Column[Any]) -> sa.types.TypeEngine[Any]:
    return type(column.type)()


def _each_guarded(
    table: sa.Table, guard: Collection[str]
) -> list[sa.ColumnElement[bool]]:
    return [table.c[name] == sa.bindparam(_GUARD + name) for name in guard]


def _all_guarded(
    table: sa.Table, guard: Collection[str], given: sa.TableValuedAlias
) -> list[sa.ColumnElement[bool]]:
    return [table.c[name] == given.c[_GUARD + name] for name in guard]
