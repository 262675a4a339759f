"""The log-wide position, growing also when the rows that had it are removed."""

import sqlalchemy as sa

from service.store import schema
from service.store.database import Prepared

_NEWEST = sa.select(sa.func.max(schema.job_events.c.position))
_KEPT = sa.select(sa.func.max(schema.leader.c.last_position))
_KEEP = Prepared(
    schema.leader.update().values(last_position=sa.bindparam("last_position"))
)


def last(connection: sa.Connection) -> int:
    """Give the newest position ever given, 0 before the first."""
    newest = connection.scalar(_NEWEST) or 0
    return max(newest, connection.scalar(_KEPT) or 0)


def keep(connection: sa.Connection) -> None:
    """Remember the newest position, whatever rows are removed after this."""
    _KEEP.run(connection, {"last_position": last(connection)})
