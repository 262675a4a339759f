"""A job's events over SSE, across lost connections."""

from collections.abc import Generator, Iterator
from typing import Final

import httpx
import msgspec
from httpx_sse import ServerSentEvent, SSEError, connect_sse

from gateway.client.connection import (
    BUSY_STATUSES,
    FIRST_DELAY_S,
    RETRIES,
    Connection,
    problem,
    retry_after_s,
)
from gateway.client.errors import ClientError, ProblemError
from gateway.client.values import Event
from service.clock import Clock

SILENCE_S: Final = 45.0
"""A stream without a byte for this long is lost: the service sends one every 15 s."""
DEFAULT_RETRY_S: Final = 1.0
"""Wait before a reconnect when the service named none with ``retry:``."""
MAX_RETRY_S: Final = 15.0
MAX_DOUBLINGS: Final = 5


class JobStream:
    """Iterates over one job's events until its last one.

    Reconnects when the connection is lost and asks for what was missed, so logged
    events arrive once each, in order.

    Args:
        connection: Where to listen.
        clock: Measures how long the service has been away.
        path: The job's stream.
        last_event_id: Resume after this sequence number; None begins with a snapshot.
        give_up_s: Longest time without a connection, in seconds.
    """

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        *,
        path: str,
        last_event_id: int | None,
        give_up_s: float,
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._path = path
        self._last_id = last_event_id
        self._give_up_s = give_up_s
        self._retry_s = DEFAULT_RETRY_S
        self._heard = False
        self._failures = 0
        self._lost_at: float | None = None

    def events(self) -> Iterator[Event]:
        """Give the events as they come.

        Raises:
            ProblemError: The service refused the stream.
            DocmillUnreachableError: It was away for longer than `give_up_s`, or was
                not there from the beginning.
        """
        while not self._connection.closed.is_set():
            at_least_s = 0.0
            try:
                if (yield from self._one_connection()):
                    return
                self._count_failure(self._connection.strange("its stream just ends"))
            except _BusyError as busy:
                self._count_failure(busy.problem)
                at_least_s = busy.delay_s
            except SSEError as error:
                raise self._connection.strange(str(error)) from error
            except httpx.TransportError as error:
                self._count_failure(self._connection.unreachable(error))
            self._connection.pause(max(self._delay_s(), at_least_s))

    def _one_connection(self) -> Generator[Event, None, bool]:
        """Yield one connection's events; returns whether nothing more will come."""
        headers = {} if self._last_id is None else {"Last-Event-ID": str(self._last_id)}
        timeout = httpx.Timeout(self._connection.timeout_s, read=SILENCE_S)
        with connect_sse(
            self._connection.http, "GET", self._path, headers=headers, timeout=timeout
        ) as source:
            if source.response.status_code == httpx.codes.NO_CONTENT:
                return True
            _check(source.response)
            for message in source.iter_sse():
                self._heard, self._failures, self._lost_at = True, 0, None
                event = self._take(message)
                if event is not None:
                    yield event
                    if event.final:
                        return True
        return False

    def _take(self, message: ServerSentEvent) -> Event | None:
        """Note what the message says about resuming and give its event, if any."""
        if message.retry is not None:
            self._retry_s = min(message.retry / 1000, MAX_RETRY_S)
        if message.id.isdecimal():
            self._last_id = int(message.id)
        if not message.data:
            return None
        try:
            event = msgspec.json.decode(message.data, type=Event)
        except msgspec.MsgspecError as error:
            raise self._connection.strange(str(error)) from error
        return msgspec.structs.replace(event, id=self._last_id)

    def _count_failure(self, error: ClientError) -> None:
        now = self._clock.monotonic()
        self._failures += 1
        if self._lost_at is None:
            self._lost_at = now
        away_s = now - self._lost_at
        if away_s > self._give_up_s or (not self._heard and self._failures > RETRIES):
            raise error

    def _delay_s(self) -> float:
        first = self._retry_s if self._heard else FIRST_DELAY_S
        doubled: float = first * 2 ** min(self._failures - 1, MAX_DOUBLINGS)
        return min(doubled, MAX_RETRY_S)


class _BusyError(Exception):
    """The service asks to come back later."""

    def __init__(self, refused: ProblemError, delay_s: float) -> None:
        super().__init__(refused.message)
        self.problem = refused
        self.delay_s = delay_s


def _check(response: httpx.Response) -> None:
    if response.is_success:
        return
    response.read()
    refused = problem(response)
    if response.status_code in BUSY_STATUSES:
        raise _BusyError(refused, retry_after_s(response, 0.0))
    raise refused
