"""Leadership of the aggregator: one row, its epoch and its heartbeat."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.errors import ConflictError, LeadershipLostError
from service.store import mapping, schema
from service.store.database import Database, Prepared
from service.store.rows import Lease

LEASE_S = 10.0
"""How long after its last heartbeat a leader counts as living."""

_leader = schema.leader
_ROW = 1
_NAME = "docmill lease"
_CURRENT = sa.select(_leader.c.epoch, _leader.c.heartbeat_at).where(
    _leader.c.id == _ROW
)
_IS_LEADER = Prepared(
    # Where rows are locked, a taker-over waits for this transaction's end, and so does
    # another transaction of the same leader: positions of the log are read, then given.
    sa.select(sa.literal_column("1"))
    .where(_leader.c.epoch == sa.bindparam("epoch"))
    .with_for_update(key_share=True)
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
    given_ms = mapping.to_ms(now)
    if not force:  # most who ask stand by, and shall not make the leader wait
        with database.read() as connection:
            _check_free(database, connection, given_ms)
    with database.write() as connection:
        database.backend.hold_name(connection, _NAME)
        row = connection.execute(_CURRENT.with_for_update()).one_or_none()
        if not force:
            _check_free(database, connection, given_ms)
        epoch = 1 if row is None else row.epoch + 1
        values: dict[str, Any] = {
            "epoch": epoch,
            "holder": holder,
            "heartbeat_at": database.backend.now_ms(connection, given_ms),
        }
        if row is None:
            connection.execute(_leader.insert().values(id=_ROW, **values))
        else:
            connection.execute(_leader.update().values(values))
    heartbeat = None if row is None else mapping.from_ms(row.heartbeat_at)
    return Lease(epoch=epoch, previous_heartbeat=heartbeat)


def _check_free(database: Database, connection: sa.Connection, given_ms: int) -> None:
    row = connection.execute(_CURRENT).one_or_none()
    now_ms = database.backend.now_ms(connection, given_ms)
    if row is not None and now_ms - row.heartbeat_at <= LEASE_S * 1_000:
        raise ConflictError("Another aggregator leads.", code="lease_held")


def renew(database: Database, epoch: int, now: datetime) -> None:
    """Say that the leader of `epoch` lives.

    Raises:
        LeadershipLostError: There is a leader with a higher epoch.
    """
    with database.write() as connection:
        now_ms = database.backend.now_ms(connection, mapping.to_ms(now))
        values = {"guard_epoch": epoch, "heartbeat_at": now_ms}
        if _RENEW.run(connection, values).rowcount != 1:
            raise _lost(epoch)


def give_up(database: Database, epoch: int) -> None:
    """Let the next aggregator lead at once; nothing if `epoch` leads no longer."""
    with database.write() as connection:
        _RENEW.run(connection, {"guard_epoch": epoch, "heartbeat_at": 0})


def check(connection: sa.Connection, epoch: int) -> None:
    """Make sure, for the rest of the transaction, that `epoch` still leads.

    Raises:
        LeadershipLostError: There is a leader with a higher epoch.
    """
    if _IS_LEADER.run(connection, {"epoch": epoch}).one_or_none() is None:
        raise _lost(epoch)


def _lost(epoch: int) -> LeadershipLostError:
    return LeadershipLostError(f"Epoch {epoch} of the aggregator is over.")
