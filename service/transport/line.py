"""A connection to the broker without a thread of its own: whoever reads serves it.

pika's `BlockingConnection` serves its reader's thread too, and spends several times as
long on each message: it copies every frame into events and queues of its own.
"""

from collections.abc import Callable, Sequence, Sized
from typing import Any, Final

import pika
from dramatiq.errors import ConnectionClosed
from pika.adapters.select_connection import IOLoop

from service.transport.link import Connection

CLOSE_S: Final = 5.0
"""Longest wait for the broker to say good-bye."""
NOT_FOUND: Final = 404
_GONE: Final = "the connection is gone"


class Line:
    """One connection with one channel, made and served on the calling thread.

    Attributes:
        channel: Methods of it do not wait; on the serving thread only.

    Args:
        parameters: One for each node; the first that answers is taken.
        beat_s: `serve_for` returns at least this often.

    Raises:
        ConnectionClosed: No node answers.
    """

    def __init__(
        self, parameters: Sequence[pika.URLParameters], *, beat_s: float
    ) -> None:
        self._beat_s = beat_s
        self._loop = IOLoop()
        self._loop.activate_poller()
        self.channel: Any = None
        self._reason: BaseException = RuntimeError(_GONE)
        self._connection: Connection | None = None
        self._ended = self._beats = False
        for each in parameters:
            if self._connects(each):
                break
        else:
            self._loop.close()
            raise ConnectionClosed(self._reason)
        self._beat()

    @property
    def is_open(self) -> bool:
        """Whether the channel can be used; any thread may ask."""
        channel = self.channel
        return channel is not None and bool(channel.is_open)

    @property
    def lost_what_it_read(self) -> bool:
        """Whether the connection ended because there is no such queue."""
        return getattr(self._reason, "reply_code", None) == NOT_FOUND

    def serve_for(self, arrived: Sized) -> None:
        """Serve until something has arrived, but not for longer than a beat.

        Raises:
            ConnectionClosed: The channel is gone.
        """
        self._beats = False
        while not (arrived or self._beats):
            if not self.is_open:
                self.close()
                raise ConnectionClosed(self._reason)
            self._turn()

    def serve_until(self, done: Callable[[], bool], *, most_s: float) -> None:
        """Serve until something is so, the time is over, or the channel is gone."""
        if self.is_open:
            self._turn_until(lambda: done() or not self.is_open, most_s)

    def call(self, function: Callable[[], None]) -> None:
        """Have a function run on the serving thread soon; any thread may ask."""
        self._loop.add_callback_threadsafe(function)

    def call_later(self, delay_s: float, function: Callable[[], None]) -> None:
        """Have a function run after a while, if it is still served then."""
        self._loop.call_later(delay_s, function)

    def in_one_write(self) -> Any:
        """Give a context within which nothing is sent before its end."""
        assert self._connection is not None
        return self._connection.in_one_write()

    def close(self) -> None:
        """Disconnect, and free what it holds; what else is asked of it is void."""
        if self._connection is None:
            return
        if self._connection.is_open:
            self._connection.close()
            self._turn_until(lambda: self._ended, CLOSE_S)
        self._connection = self.channel = None
        self._loop.close()

    def _connects(self, parameters: pika.URLParameters) -> bool:
        """Say whether there is a channel at one address; pika limits the time."""
        self._ended = False
        parameters.client_properties = {"connection_name": "docmill consumer"}
        self._connection = Connection(
            parameters,
            on_open_callback=self._connected,
            on_open_error_callback=self._closed,
            on_close_callback=self._closed,
            custom_ioloop=self._loop,
        )
        while self.channel is None and not self._ended:
            self._turn()
        return self.channel is not None

    def _connected(self, connection: Any) -> None:
        connection.channel(on_open_callback=self._opened)

    def _opened(self, channel: Any) -> None:
        channel.add_on_close_callback(self._channel_closed)
        self.channel = channel

    def _channel_closed(self, channel: Any, reason: BaseException) -> None:
        self._reason = reason
        if channel.connection.is_open:
            channel.connection.close()

    def _closed(self, _connection: Any, reason: BaseException) -> None:
        if self.channel is None:  # of a channel that was there the reason is known
            self._reason = reason
        self._ended = True

    def _turn_until(self, done: Callable[[], bool], most_s: float) -> None:
        over: list[bool] = []
        self._loop.call_later(most_s, lambda: over.append(True))
        while not (done() or over):
            self._turn()

    def _beat(self) -> None:
        self._beats = True
        self._loop.call_later(self._beat_s, self._beat)

    def _turn(self) -> None:
        self._loop.poll()
        self._loop.process_timeouts()
