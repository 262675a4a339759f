"""The store: jobs, tasks, documents and the event log, on SQL behind one object.

The one lasting truth of the service. Gateways create and read, the aggregator alone
changes what a job has become; batch workers only read.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from service.errors import SettingsError
from service.store import lease, schema
from service.store.database import Database
from service.store.leading import LeaderTransaction
from service.store.migrating import migrate
from service.store.overview import Overview
from service.store.reads import Reading
from service.store.rows import Lease
from service.store.submits import Submitting

__all__ = ["LeaderTransaction", "Store", "migrate", "open_store"]


class Store(Reading, Submitting, Overview):
    """Everything about one database. Synchronous; safe on any thread."""

    def acquire_lease(
        self, holder: str, *, now: datetime, force: bool = False
    ) -> Lease:
        """Lead from now on, under a higher epoch than every leader before.

        Args:
            holder: Who leads, for people.
            now: The heartbeat; a database that serves many machines takes its own time.
            force: Take the lease from a leader that may be alive; only for who knows
                that it is not.

        Raises:
            ConflictError: Another leader is alive (`lease_held`).
            TransientError: The database does not answer.
        """
        return lease.acquire(self._database, holder, now=now, force=force)

    def renew_lease(self, epoch: int, now: datetime) -> None:
        """Say that the leader of `epoch` lives.

        Raises:
            LeadershipLostError: Another one leads under a higher epoch.
            TransientError: The database does not answer.
        """
        lease.renew(self._database, epoch, now)

    def give_up_lease(self, epoch: int) -> None:
        """Let the next aggregator lead at once; nothing if `epoch` leads no longer.

        Raises:
            TransientError: The database does not answer.
        """
        lease.give_up(self._database, epoch)

    @contextmanager
    def leading(self, epoch: int) -> Iterator[LeaderTransaction]:
        """Open the leader's write transaction, committed at the end.

        Any error inside rolls all of it back. Whoever wants to lead waits meanwhile, on
        SQLite every other writer; a thread inside must call no other writing method.

        Raises:
            LeadershipLostError: Another one leads under a higher epoch.
            TransientError: The database does not answer. Nothing was written, unless
                the connection was lost amid the commit: read again what is there.
        """
        with self._database.write() as connection:
            lease.check(connection, epoch)
            yield LeaderTransaction(connection)

    def close(self) -> None:
        """Close the connections."""
        self._database.close()


def open_store(url: str) -> Store:
    """Open a migrated database.

    Raises:
        SettingsError: There is none at this URL, or it is not at this version's schema.
        TransientError: The database does not answer.
    """
    database = Database(url)
    revision = database.revision()
    if revision != schema.HEAD_REVISION:
        database.close()
        problem = "has no schema" if revision is None else f"is at schema {revision}"
        message = (
            f"The database {problem}, not {schema.HEAD_REVISION}: run docmill migrate."
        )
        raise SettingsError(message)
    return Store(database)
