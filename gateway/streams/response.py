"""One client's stream: snapshot, then every event once, in order, to the last one."""

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Sequence,
)
from contextlib import aclosing, suppress
from typing import Final

import anyio
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.streams.encoding import (
    LINE,
    Row,
    encoded_position,
)
from gateway.streams.hub import StreamHub
from gateway.streams.watch import JobWatch
from gateway.threads import Threads
from service.clock import Clock
from service.domain import events
from service.domain.model import Job, JobId, Owner
from service.errors import NotFoundError, TransientError
from service.logs import get_logger
from service.store import Store

PAGE_ROWS: Final = 500
"""Rows read from the log, and sent, at once."""
PROGRESS_EVERY_S: Final = 0.1
"""Progress is conflated to at most ten a second."""
PING_S: Final = 15
SEND_TIMEOUT_S: Final = 15.0
"""A client that takes nothing for so long is let go."""
FAREWELL_S: Final = 1.0
"""Given to streams to end by themselves when the server stops."""

_END_TYPES: Final = frozenset(events.END_TYPES.values())
_log = get_logger(__name__)

Opening = Callable[[], Awaitable[tuple[Job, int, bytes]]]
"""Reads the job; gives it, the number to go on after, and what to begin with."""


class JobStream(EventSourceResponse):
    """Answers with a job's events.

    Args:
        hub: Knows the watched jobs.
        store: Has the log.
        threads: Where the store is waited for.
        clock: Paces progress.
        owner: Whose job it is.
        job_id: The job.
        opening: Says where the job and the client stand, once the job is watched.
        wanted: Types of events to send.
    """

    def __init__(
        self,
        *,
        hub: StreamHub,
        store: Store,
        threads: Threads,
        clock: Clock,
        owner: Owner,
        job_id: JobId,
        opening: Opening,
        wanted: Collection[str],
    ) -> None:
        self._hub = hub
        self._store = store
        self._threads = threads
        self._clock = clock
        self._owner = owner
        self._job_id = job_id
        self._opening = opening
        self._cursor = self._told = 0
        self._first = b""
        self._wanted = frozenset(wanted)
        self._flag = asyncio.Event()
        self._watch = JobWatch(job_id)
        self._ended = asyncio.Event()
        self._progress_number = 0
        self._progress_due = 0.0
        self._last_type = ""
        self._stopping = anyio.Event()
        super().__init__(
            self._chunks(),
            sep=LINE,
            ping=PING_S,
            ping_message_factory=lambda: ServerSentEvent(comment="ping", sep=LINE),
            send_timeout=SEND_TIMEOUT_S,
            shutdown_event=self._stopping,
            shutdown_grace_period=FAREWELL_S,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream until it ends, the client leaves or the server stops.

        Nothing was sent when it raises.

        Raises:
            NotFoundError: The owner has no such job.
            ProblemError: No more streams may be opened.
            TransientError: The store does not answer.
        """
        with self._hub.watching(self._job_id, self._flag, self._wanted) as self._watch:
            self._progress_number = self._watch.progress_number
            job, self._cursor, self._first = await self._opening()
            self._told = self._cursor
            self._watch.saw(job.last_seq)
            if job.final:
                self._watch.final_seq = job.last_seq
            if self._sent_all() and not self._first:
                await Response(status_code=204)(scope, receive, send)
                return
            with self._hub.place():
                await self._send(scope, receive, send)

    async def _send(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._end_at_shutdown)
                await super().__call__(scope, receive, send)
                group.cancel_scope.cancel()
        except* SendTimeoutError:
            _log.info("stream_client_stalled", job_id=self._job_id)

    async def _end_at_shutdown(self) -> None:
        await self._stopping.wait()
        self._ended.set()
        self._flag.set()

    async def _chunks(self) -> AsyncIterator[bytes]:
        try:
            if self._first:
                yield self._first
            while not (self._hub.closing or self._ended.is_set()):
                self._flag.clear()
                async with aclosing(self._news()) as news:
                    async for chunk in news:
                        yield chunk
                if await self._at_end():
                    if self._told < self._cursor:
                        yield encoded_position(self._cursor)
                    return
                await self._wait()
        except (NotFoundError, TransientError) as error:
            _log.warning("stream_broken", job_id=self._job_id, error=error.message)

    async def _news(self) -> AsyncGenerator[bytes]:
        """Give all rows behind the cursor, then progress if it is due.

        Nothing comes after the job's last event.
        """
        while self._cursor < self._watch.known_seq and not self._hub.closing:
            rows: Sequence[Row] | None
            rows = self._watch.rows_after(self._cursor)
            if rows is None:
                rows = await self._read()
            if not rows:
                break
            self._cursor, self._last_type = rows[-1].seq, rows[-1].type
            chosen = [row for row in rows if row.type in self._wanted]
            if chosen:
                self._told = chosen[-1].seq
                yield b"".join(row.chunk for row in chosen)
        if self._last_type in _END_TYPES or self._sent_all():
            self._progress_number = self._watch.progress_number
            return
        if self._progress_waits() and self._clock.monotonic() >= self._progress_due:
            chunk = self._watch.progress_after(self._progress_number, self._wanted)
            self._progress_number = self._watch.progress_number
            if chunk:
                self._progress_due = self._clock.monotonic() + PROGRESS_EVERY_S
                yield chunk

    async def _read(self) -> Sequence[Row]:
        rows = await self._threads.run(
            self._store.events_after, self._job_id, self._cursor, PAGE_ROWS
        )
        return [Row(row) for row in rows]

    async def _at_end(self) -> bool:
        """Whether the job's last event was sent, or has been before this stream."""
        if self._watch.final_seq is None and self._last_type in _END_TYPES:
            view = await self._threads.run(self._store.job, self._owner, self._job_id)
            if view.job.final:
                self._watch.final_seq = view.job.last_seq
        return self._sent_all()

    def _sent_all(self) -> bool:
        final_seq = self._watch.final_seq
        return final_seq is not None and self._cursor >= final_seq

    def _progress_waits(self) -> bool:
        return self._watch.progress_number > self._progress_number

    async def _wait(self) -> None:
        """Wait for news, or for the moment progress that waits is due."""
        wait_s = None
        if self._progress_waits():
            wait_s = max(0.0, self._progress_due - self._clock.monotonic())
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._flag.wait()
