"""What is known of one watched job, shared by all who watch it in this process."""

import asyncio
from collections import deque
from collections.abc import Collection
from datetime import datetime
from itertools import islice
from typing import Final

import msgspec

from gateway.streams.encoding import Row, encoded_event
from service.domain.model import JobId
from service.messages import JSON_NULL, JobNotice

MAX_RECENT_ROWS: Final = 1_000
"""Rows kept for clients that are a little behind; others read the store."""
MAX_RECEIVED: Final = 50
"""Notices that nobody waits for before they are taken in all the same."""
PROGRESS: Final = "batch.progress"
NO_PROGRESS: Final = bytes(JSON_NULL)
TASK_PROGRESS: Final = "task.progress"
TASK_ENDS: Final = frozenset({"task.completed", "task.failed", "task.cancelled"})


class _Subject(msgspec.Struct, frozen=True, rename="camel"):
    """Whom an event is about."""

    document_id: str = ""


class Moving:
    """The newest conflatable event about one subject, encoded once somebody reads it.

    Args:
        number: Grows with every such event of the job.
        kind: Its type.
        data: Its data as JSON.
        heard_at: When it was heard.
    """

    __slots__ = ("_chunk", "_data", "_heard_at", "number", "type")

    def __init__(
        self, number: int, kind: str, data: msgspec.Raw, heard_at: datetime
    ) -> None:
        self.number = number
        self.type = kind
        self._data = data
        self._heard_at = heard_at
        self._chunk: bytes | None = None

    @property
    def chunk(self) -> bytes:
        """What goes to clients."""
        if self._chunk is None:
            self._chunk = encoded_event(self.type, self._heard_at, self._data)
        return self._chunk


class JobWatch:
    """One job's newest rows and progress. Runs on the event loop, but for `receive`.

    Args:
        job_id: The job.
    """

    def __init__(self, job_id: JobId) -> None:
        self.job_id = job_id
        self.known_seq = 0
        """Newest row that is known to be in the log."""
        self.final_seq: int | None = None
        """The job's last row, once it has ended."""
        self.progress_number = 0
        """Of the newest conflatable event."""
        self._clients: dict[asyncio.Event, frozenset[str]] = {}
        self._wanted: frozenset[str] = frozenset()
        self._received: deque[tuple[JobNotice, datetime]] = deque()
        self._recent: deque[Row] = deque(maxlen=MAX_RECENT_ROWS)
        self._progress: Moving | None = None
        self._tasks: dict[str, Moving] = {}

    @property
    def watched(self) -> bool:
        """Whether anybody watches."""
        return bool(self._clients)

    def add(self, flag: asyncio.Event, wanted: frozenset[str]) -> None:
        """Set `flag` from now on when there may be something new of types `wanted`."""
        self._clients[flag] = wanted
        # In this order: a notice is kept back or seen here, never neither.
        self._wanted |= wanted
        self.catch_up()

    def remove(self, flag: asyncio.Event) -> None:
        """Leave `flag` alone again."""
        self._clients.pop(flag, None)
        self._wanted = frozenset().union(*self._clients.values())

    def receive(self, notice: JobNotice, now: datetime) -> bool:
        """Keep what one commit did for `catch_up`; say whether that is due now.

        On any thread. What nobody waits for is not worth waking the event loop.
        """
        self._received.append((notice, now))
        return (
            notice.final
            or len(self._received) >= MAX_RECEIVED
            or any(row.type in self._wanted for row in notice.rows)
            or (PROGRESS in self._wanted and bytes(notice.progress) != NO_PROGRESS)
            or (TASK_PROGRESS in self._wanted and bool(notice.tasks))
        )

    def catch_up(self) -> None:
        """Take in what was received."""
        if not self._received:
            return
        while self._received:
            self._hear(*self._received.popleft())
        self.wake()

    def saw(self, seq: int) -> None:
        """Note that the log reaches to `seq`, from wherever that is known."""
        self.catch_up()
        if seq > self.known_seq:
            self.known_seq = seq
            self.wake()

    def wake(self) -> None:
        """Tell every client to look."""
        for flag in self._clients:
            flag.set()

    def rows_after(self, seq: int) -> list[Row] | None:
        """Give the rows behind `seq` without the store; None if some are not here."""
        recent = self._recent
        if not recent or recent[0].seq > seq + 1 or recent[-1].seq < self.known_seq:
            return None
        # They are without gaps.
        return list(islice(recent, seq + 1 - recent[0].seq, None))

    def progress_after(self, number: int, wanted: Collection[str]) -> bytes:
        """Give the newest progress of every subject that moved since `number`."""
        moving = [*self._tasks.values()]
        if self._progress is not None:
            moving.append(self._progress)
        return b"".join(
            each.chunk
            for each in moving
            if each.number > number and each.type in wanted
        )

    def _hear(self, notice: JobNotice, now: datetime) -> None:
        for entry in notice.rows:
            if entry.seq > self.known_seq or not self._recent:
                self._add(Row(entry))
            if self._tasks and entry.type in TASK_ENDS:
                self._tasks.pop(_subject(entry.data), None)
        if notice.final and notice.rows:
            self.final_seq = notice.rows[-1].seq
        if bytes(notice.progress) != NO_PROGRESS:
            self._progress = self._moved(PROGRESS, notice.progress, now)
        for data in notice.tasks:
            self._tasks[_subject(data)] = self._moved(TASK_PROGRESS, data, now)

    def _add(self, row: Row) -> None:
        if self._recent and row.seq != self._recent[-1].seq + 1:
            self._recent.clear()
        self._recent.append(row)
        self.known_seq = max(self.known_seq, row.seq)

    def _moved(self, kind: str, data: msgspec.Raw, now: datetime) -> Moving:
        self.progress_number += 1
        return Moving(self.progress_number, kind, data, now)


def _subject(data: msgspec.Raw) -> str:
    return msgspec.json.decode(data, type=_Subject).document_id
