"""The clock of jobs' time limits: it stands while no worker is live."""

from datetime import datetime

from actors.aggregator.commit import Commit
from actors.aggregator.state import State


class JobClock:
    """Lets no job's time run while nobody could work on it."""

    def __init__(self) -> None:
        self._stands_since: datetime | None = None

    def stop(self, at: datetime) -> None:
        """Stand from `at` until a worker is live; earlier if it stands already."""
        self._stands_since = min(self._stands_since or at, at)

    def reading(self, now: datetime) -> datetime:
        """Give what time it is for deadlines."""
        return self._stands_since or now

    def tick(self, commit: Commit, state: State, slots: int) -> None:
        """Stop without live workers; with them move deadlines by how long it stood."""
        if not slots:
            self.stop(commit.now)
            return
        if self._stands_since is None:
            return
        stood_s = (commit.now - self._stands_since).total_seconds()
        self._stands_since = None
        running = [job.id for job in state.jobs.values() if job.deadline is not None]
        commit.load(running)
        for job_id in running:
            commit.drafts[job_id].delay_deadline(stood_s)
