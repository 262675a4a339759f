"""Events as bytes on a stream."""

from datetime import datetime
from typing import Final

import msgspec
from sse_starlette import ServerSentEvent

from gateway.bodies import Moment, moment
from service.messages import ENCODER, LogEntry

LINE: Final = "\n"


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON of every event."""

    type: str
    timestamp: Moment
    data: msgspec.Raw


class Row:
    """One row of the log, encoded for the first client that wants it and then kept.

    Args:
        entry: The row.
    """

    __slots__ = ("_chunk", "_entry", "seq", "type")

    def __init__(self, entry: LogEntry) -> None:
        self.seq = entry.seq
        self.type = entry.type
        self._entry = entry
        self._chunk: bytes | None = None

    @property
    def chunk(self) -> bytes:
        """What goes to clients."""
        if self._chunk is None:
            entry = self._entry
            self._chunk = encoded_event(
                entry.type, entry.timestamp, entry.data, seq=entry.seq
            )
        return self._chunk


def encoded_event(
    kind: str,
    timestamp: datetime,
    data: msgspec.Raw,
    *,
    seq: int | None = None,
    retry_ms: int | None = None,
) -> bytes:
    """Encode an event.

    Args:
        kind: Its type.
        timestamp: When it happened.
        data: Its data as JSON.
        seq: Its id; one without cannot be resumed after.
        retry_ms: Tells the client after how long to reconnect.
    """
    envelope = Envelope(type=kind, timestamp=moment(timestamp), data=data)
    return ServerSentEvent(
        ENCODER.encode(envelope).decode(),
        event=kind,
        id=None if seq is None else str(seq),
        retry=retry_ms,
        sep=LINE,
    ).encode()


def encoded_position(seq: int) -> bytes:
    """Encode that everything up to `seq` was seen, without an event."""
    return ServerSentEvent(id=str(seq), sep=LINE).encode()
