"""One connection to the broker on a thread of its own, made again for ever."""

import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import pika
from pika.adapters import select_connection
from pika.adapters.select_connection import IOLoop, SelectConnection

from service.logs import get_logger
from service.transport.topology import Topology

CONNECT_S: Final = 5.0
"""Longest time for one address to take the connection."""
BLOCKED_S: Final = 60.0
"""A connection that an alarm of the broker blocks for longer is given up."""
FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 5.0
"""Pauses between attempts double up to this; half of each is chance."""
CLOSE_S: Final = 5.0
"""Longest wait for the thread to end."""

select_connection.SELECT_TYPE = "poll"  # type: ignore[assignment]  # of None
"""Of all connections of the process, each of which watches two sockets: with epoll,
pika's default, each message costs two system calls more."""


def parameters_of(urls: str, *, heartbeat_s: float) -> list[pika.URLParameters]:
    """Give the parameters of each address in ``amqp://…;amqp://…``.

    What an address says itself as ``?heartbeat=…`` stands.

    Raises:
        ValueError: An address cannot be read.
    """
    found = []
    for url in filter(None, map(str.strip, urls.split(";"))):
        each = pika.URLParameters(url)
        if "heartbeat=" not in url:
            each.heartbeat = round(heartbeat_s)
        if "blocked_connection_timeout=" not in url:
            each.blocked_connection_timeout = BLOCKED_S
        each.socket_timeout = CONNECT_S
        each.stack_timeout = CONNECT_S * 2
        each.connection_attempts = 1
        found.append(each)
    return found


class Connection(SelectConnection):
    """Can send what is published together in one write.

    pika by itself sends each of a message's three frames by a call of its own, and the
    broker reads as many packets. Uses a private name of pika: its version is pinned.
    """

    _gathered: list[bytes] | None = None

    @contextmanager
    def in_one_write(self) -> Iterator[None]:
        """Send nothing before the end of the ``with`` block, then all of it."""
        self._gathered = []
        try:
            yield
        finally:
            data, self._gathered = b"".join(self._gathered), None
            if data and self.is_open:
                self._adapter_emit_data(data)

    def _adapter_emit_data(self, data: bytes) -> None:
        if self._gathered is None:
            super()._adapter_emit_data(data)
        else:
            self._gathered.append(data)


class Link:
    """Keeps a connection with one channel; everything on it happens on its thread.

    Args:
        name: Of the thread, and of the connection in the broker's lists.
        parameters: One for each node; tried in random order.
        held: Declared at each connection, for the broker may be a new one.
        on_open: Called with each new channel, whose connection is a `Connection`.
        on_lost: Called when a channel is gone; what was unsettled on it is void.
        on_blocked: Called with True and False as alarms of the broker come and go.
    """

    def __init__(
        self,
        name: str,
        parameters: Sequence[pika.URLParameters],
        held: Topology,
        *,
        on_open: Callable[[Any], None],
        on_lost: Callable[[], None],
        on_blocked: Callable[[bool], None] = lambda _: None,
    ) -> None:
        self._name = name
        self._parameters = list(parameters)
        for each in self._parameters:
            each.client_properties = {"connection_name": f"docmill {name}"}
        self._held = held
        self._on_open = on_open
        self._on_lost = on_lost
        self._on_blocked = on_blocked
        self._log = get_logger(__name__)
        self._random = secrets.SystemRandom()
        self._closing = threading.Event()
        self._open = threading.Event()
        self._lock = threading.Lock()
        self._loop: IOLoop | None = None
        self._connection: Connection | None = None
        self._failures = 0
        self._thread = threading.Thread(
            target=self._run, name=f"rabbitmq-{name}", daemon=True
        )

    @property
    def is_open(self) -> bool:
        """Whether there is a channel now."""
        return self._open.is_set()

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def wait_open(self, timeout_s: float) -> bool:
        """Wait for a channel; say whether there is one."""
        return self._open.wait(timeout_s)

    def close(self) -> None:
        """Disconnect and end the thread."""
        self._closing.set()
        self.call(self._disconnect)
        if self._thread.ident is not None:
            self._thread.join(CLOSE_S)

    def call(self, function: Callable[[], None]) -> bool:
        """Run a function on the thread soon; False when there is no connection."""
        with self._lock:
            if self._loop is None:
                return False
            self._loop.add_callback_threadsafe(function)
            return True

    def call_later(self, delay_s: float, function: Callable[[], None]) -> None:
        """Run a function on the thread after a while, if it is still connected.

        Only on the thread.
        """
        if self._loop is not None:
            self._loop.call_later(delay_s, function)

    def reconnect(self) -> None:
        """Give up the connection, and make another. Only on the thread."""
        self._disconnect()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._random.shuffle(self._parameters)
            for each in self._parameters:
                if not self._closing.is_set():
                    self._connect(each)
            self._pause()

    def _connect(self, parameters: pika.URLParameters) -> None:
        """Connect to one address and serve the connection until it ends."""
        loop = IOLoop()
        try:
            self._connection = Connection(
                parameters,
                on_open_callback=self._connected,
                on_open_error_callback=self._not_connected,
                on_close_callback=self._disconnected,
                custom_ioloop=loop,
            )
            with self._lock:
                self._loop = loop
            if self._closing.is_set():
                self._disconnect()
            loop.start()
        except Exception:  # noqa: BLE001 - the thread must outlive any bug
            self._log.exception("link_failed", link=self._name)
        finally:
            with self._lock:
                self._loop = None
            self._leave(loop)
            self._lost()
            loop.close()

    def _leave(self, loop: IOLoop) -> None:
        """Close a connection that an error left open: the broker would keep it.

        What was delivered on it and not acknowledged would be nobody's.
        """
        connection = self._connection
        if connection is None or connection.is_closed:
            return
        try:
            self._disconnect()
            loop.call_later(CLOSE_S, loop.stop)
            loop.start()
        except Exception:  # noqa: BLE001 - as above
            self._log.exception("link_not_closed", link=self._name)

    def _connected(self, connection: Any) -> None:
        self._failures = 0
        connection.add_on_connection_blocked_callback(lambda *_: self._on_blocked(True))
        connection.add_on_connection_unblocked_callback(
            lambda *_: self._on_blocked(False)
        )
        connection.channel(on_open_callback=self._declare)

    def _declare(self, channel: Any) -> None:
        """Declare without waiting: the broker answers only to what it refuses.

        What differs was refused at start already; who may not declare finds it there.
        """
        channel.add_on_close_callback(self._declared)
        for exchange in self._held.exchanges:
            channel.exchange_declare(
                exchange.name, exchange_type=exchange.type, durable=True
            )
        for queue in self._held.queues:
            channel.queue_declare(
                queue.name, durable=True, arguments=dict(queue.arguments)
            )
        for binding in self._held.bindings:
            channel.queue_bind(binding.queue, binding.exchange, routing_key="")
        channel.close()

    def _declared(self, channel: Any, reason: BaseException) -> None:
        connection = channel.connection
        if isinstance(reason, pika.exceptions.ChannelClosedByBroker):
            self._log.debug("topology_not_declared", problem=reason.reply_text)
        if connection.is_open:
            connection.channel(on_open_callback=self._ready)

    def _ready(self, channel: Any) -> None:
        channel.add_on_close_callback(self._channel_closed)
        self._log.info("broker_connected", link=self._name)
        self._open.set()
        self._on_open(channel)

    def _channel_closed(self, channel: Any, reason: BaseException) -> None:
        if channel.connection.is_open:
            # The broker refused something: begin again with everything declared.
            self._log.warning("channel_closed", link=self._name, problem=str(reason))
            channel.connection.close()

    def _not_connected(self, connection: Any, reason: BaseException) -> None:
        self._log.warning("broker_unreachable", link=self._name, problem=repr(reason))
        connection.ioloop.stop()

    def _disconnected(self, connection: Any, reason: BaseException) -> None:
        if not self._closing.is_set():
            self._log.warning("broker_lost", link=self._name, problem=repr(reason))
        connection.ioloop.stop()

    def _disconnect(self) -> None:
        connection = self._connection
        if connection is not None and not (
            connection.is_closing or connection.is_closed
        ):
            connection.close()

    def _lost(self) -> None:
        """Tell the owner, once for each channel, that nothing on it counts any more."""
        self._connection = None
        if self._open.is_set():
            self._open.clear()
            self._on_lost()

    def _pause(self) -> None:
        longest_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0**self._failures)
        self._failures = min(self._failures + 1, 10)
        self._closing.wait(longest_s * self._random.uniform(0.5, 1.0))
