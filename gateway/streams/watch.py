"""What is known of one watched job, shared by all who watch it in this process."""

import asyncio
from collections import deque
from collections.abc import Collection
from datetime import datetime
from typing import Final

import msgspec

from gateway.streams.encoding import EncodedRow, encoded_event, encoded_row
from service.domain.model import JobId
from service.messages import JSON_NULL, JobNotice

MAX_RECENT_ROWS: Final = 1_000
"""Rows kept for clients that are a little behind; others read the store."""
PROGRESS: Final = "batch.progress"
NO_PROGRESS: Final = bytes(JSON_NULL)
TASK_PROGRESS: Final = "task.progress"
TASK_ENDS: Final = frozenset({"task.completed", "task.failed", "task.cancelled"})


class _Subject(msgspec.Struct, frozen=True, rename="camel"):
    """Whom an event is about."""

    document_id: str = ""


class Moving(msgspec.Struct, frozen=True):
    """The newest conflatable event about one subject."""

    number: int
    """Grows with every such event of the job."""
    type: str
    chunk: bytes


class JobWatch:
    """One job's newest rows and progress. Everything runs on the event loop.

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
        self.clients: set[asyncio.Event] = set()
        """A flag for each client: there may be something new."""
        self._recent: deque[EncodedRow] = deque(maxlen=MAX_RECENT_ROWS)
        self._moving: dict[str, Moving] = {}

    def hear(self, notice: JobNotice, now: datetime) -> None:
        """Take in what one commit did."""
        for row in notice.rows:
            if row.seq > self.known_seq or not self._recent:
                self._add(encoded_row(row))
            if row.type in TASK_ENDS:
                self._moving.pop(_subject(row.data), None)
        if notice.final and notice.rows:
            self.final_seq = notice.rows[-1].seq
        if bytes(notice.progress) != NO_PROGRESS:
            self._move("", PROGRESS, notice.progress, now)
        for data in notice.tasks:
            self._move(_subject(data), TASK_PROGRESS, data, now)
        self.wake()

    def saw(self, seq: int) -> None:
        """Note that the log reaches to `seq`, from wherever that is known."""
        if seq > self.known_seq:
            self.known_seq = seq
            self.wake()

    def wake(self) -> None:
        """Tell every client to look."""
        for flag in self.clients:
            flag.set()

    def rows_after(self, seq: int) -> tuple[EncodedRow, ...] | None:
        """Give the rows behind `seq` without the store; None if some are not here."""
        if not self._recent or self._recent[0].seq > seq + 1:
            return None
        if self._recent[-1].seq < self.known_seq:
            return None
        return tuple(row for row in self._recent if row.seq > seq)

    def progress_after(self, number: int, wanted: Collection[str]) -> bytes:
        """Give the newest progress of every subject that moved since `number`."""
        return b"".join(
            each.chunk
            for each in self._moving.values()
            if each.number > number and each.type in wanted
        )

    def _add(self, row: EncodedRow) -> None:
        if self._recent and row.seq != self._recent[-1].seq + 1:
            self._recent.clear()
        self._recent.append(row)
        self.known_seq = max(self.known_seq, row.seq)

    def _move(self, subject: str, kind: str, data: msgspec.Raw, now: datetime) -> None:
        self.progress_number += 1
        chunk = encoded_event(kind, now, data)
        self._moving[subject] = Moving(self.progress_number, kind, chunk)


def _subject(data: msgspec.Raw) -> str:
    return msgspec.json.decode(data, type=_Subject).document_id
