"""What a gateway asks of the whole service rather than of one job."""

from datetime import datetime

import sqlalchemy as sa

from service.store import mapping, schema
from service.store.database import Database

_jobs = schema.jobs
_WAITING = sa.select(
    sa.func.coalesce(sa.func.sum(_jobs.c.pending + _jobs.c.retrying), 0)
).where(schema.ACTIVE_JOB)
_HEARTBEAT = sa.select(schema.leader.c.heartbeat_at)


class Overview:
    """Figures over all jobs and owners; see ``Reading``."""

    _database: Database

    def waiting_documents(self) -> int:
        """Give how many documents of all jobs wait to be released."""
        with self._database.read() as connection:
            return int(connection.execute(_WAITING).scalar_one())

    def leader_seen(self) -> datetime | None:
        """Give when an aggregator last said that it leads; None when none does."""
        with self._database.read() as connection:
            heartbeat = connection.scalar(_HEARTBEAT)
        return mapping.from_ms(heartbeat) if heartbeat else None
