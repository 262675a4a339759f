"""Leadership of the aggregator: one row, its epoch and its heartbeat."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.errors import ConflictError, LeadershipLostError
from service.store import mapping, schema
from service.store.database import Database, Prepared
from service.store.rows import Lease

LEASE_S = 10.0
"""How long after its last heartbeat a leader counts as living (DESIGN §3)."""

_leader = schema.leader
_ROW = 1
_CURRENT = sa.select(_leader.c.epoch, _leader.c.heartbeat_at).where(
    _leader.c.id == _ROW
)
_IS_LEADER = Prepared(
    # Shared, so that a taker-over waits for this transaction where rows are locked.
    sa.select(sa.literal_column("1"))
    .where(_leader.c.epoch == sa.bindparam("epoch"))
    .with_for_update(read=True)
)
_RENEW = Prepared(
    _leader.update()
    .where(_leader.c.epoch == sa.bindparam("guard_epoch"))
    .values(heartbeat_at=sa.bindparam("heartbeat_at"))
)


def acquire(database: Database, holder: str, *, now: datetime, force: bool) -> Lease:
    """Take the lease under the next epoch.

    Raises:
        ConflictError: Another leader is alive and `force` is not given.
    """
    with database.write() as connection:
        row = connection.execute(_CURRENT).one_or_none()
        heartbeat = None if row is None else mapping.from_ms(row.heartbeat_at)
        alive = heartbeat is not None and (now - heartbeat).total_seconds() <= LEASE_S
        if alive and not force:
            raise ConflictError("Another aggregator leads.", code="lease_held")
        epoch = 1 if row is None else row.epoch + 1
        values: dict[str, Any] = {
            "epoch": epoch,
            "holder": holder,
            "heartbeat_at": mapping.to_ms(now),
        }
        if row is None:
            connection.execute(_leader.insert().values(id=_ROW, **values))
        else:
            connection.execute(_leader.update().values(values))
    return Lease(epoch=epoch, previous_heartbeat=heartbeat)


def renew(database: Database, epoch: int, now: datetime) -> None:
    """Say that the leader of `epoch` lives.

    Raises:
        LeadershipLostError: There is a leader with a higher epoch.
    """
    with database.write() as connection:
        values = {"guard_epoch": epoch, "heartbeat_at": mapping.to_ms(now)}
        if _RENEW.run(connection, values).rowcount != 1:
            raise _lost(epoch)


def check(connection: sa.Connection, epoch: int) -> None:
    """Make sure, for the rest of the transaction, that `epoch` still leads.

    Raises:
        LeadershipLostError: There is a leader with a higher epoch.
    """
    if _IS_LEADER.run(connection, {"epoch": epoch}).one_or_none() is None:
        raise _lost(epoch)


def _lost(epoch: int) -> LeadershipLostError:
    return LeadershipLostError(f"Epoch {epoch} of the aggregator is over.")
