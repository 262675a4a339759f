"""Publishes for the whole process: one thread, one connection, confirms pipelined.

Events go in groups without a timer: what gathered while the confirmation of the last
group was awaited is the next one (ADR 0010). Idle, an event goes at once; under load a
group holds hundreds.
"""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import pika
from pika.spec import Basic, BasicProperties

from service.domain.model import TaskId
from service.errors import TransientError
from service.logs import get_logger
from service.transport import OnConfirm
from service.transport.link import Link
from service.transport.outgoing import (
    NOTICES_UNCONFIRMED,
    NOTICES_WAITING,
    Confirmations,
    Counter,
    Gathering,
    Outgoing,
)
from service.transport.topology import EVENTS, Topology

SEND_S: Final = 4.0
"""Longest wait for the confirmations of commands: shorter than the lease lasts."""
CLOSE_S: Final = 5.0
"""Longest wait, when closing, for what was published last."""
PATIENCE_S: Final = 0.01
"""Longest wait of a start, which an end that comes sooner makes needless: with what the
aggregator waits itself, clients hear of it in 0.05 s."""
GROUPS_AT_ONCE: Final = 16
"""Groups that leave together when more than one gathered."""


class Publisher:
    """Takes messages on any thread and never makes an actor wait for the broker.

    Groups of events that are unconfirmed when the connection is lost are sent again on
    the next one, so that finished work is not lost with it. Commands are not: whoever
    sends them is told, and has them in the store.

    Args:
        parameters: One for each node.
        held: Declared at each connection.
        count: Counts what went wrong, by kind.
    """

    def __init__(
        self,
        parameters: Sequence[pika.URLParameters],
        held: Topology,
        *,
        count: Counter,
    ) -> None:
        self._link = Link(
            "publisher",
            parameters,
            held,
            on_open=self._opened,
            on_lost=self._lost,
            on_blocked=self._blocking,
        )
        self._count = count
        self._log = get_logger(__name__)
        self._lock = threading.Lock()
        self._quiet = threading.Condition(self._lock)
        self._events = Gathering(EVENTS)
        self._commands: deque[Outgoing] = deque()
        self._notices: deque[Outgoing] = deque(maxlen=NOTICES_WAITING)
        self._groups_out = self._notices_out = 0
        self._woken = self._expects = False
        self._blocked = False
        self._closed = False
        # Only on the link's thread:
        self._channel: Any = None
        self._tag = 0
        self._sent: dict[int, Outgoing] = {}
        self._returned: set[int] = set()

    @property
    def connected(self) -> bool:
        """Whether the broker takes messages, as far as is known."""
        return self._link.is_open and not self._blocked

    def start(self) -> None:
        """Begin to connect."""
        self._link.start()

    def wait_connected(self, timeout_s: float) -> bool:
        """Wait for the first connection; say whether there is one."""
        return self._link.wait_open(timeout_s)

    def close(self) -> None:
        """Publish what waits if the broker takes it, then disconnect."""
        with self._quiet:
            self._closed = True
            if self.connected:
                self._quiet.wait_for(self._is_quiet, CLOSE_S)
        self._link.close()
        with self._lock:
            left = self._events.take_groups(limit=None)
        for group in left:
            group.tell(safe=False)

    def publish_event(
        self,
        body: bytes,
        on_confirm: OnConfirm | None,
        *,
        lossy: bool,
        ends: TaskId | None = None,
    ) -> None:
        """Have an event published in the next group.

        Args:
            body: The event as JSON.
            on_confirm: Told once what became of it.
            lossy: Not worth keeping for when the broker is back.
            ends: The task whose end it is; a start of it that still waits is dropped.
        """
        with self._lock:
            if ends is not None:
                self._events.drop_start(ends)
            taken = (
                not self._closed
                and (self.connected or not lossy)
                and self._events.add(body, on_confirm)
            )
            # The confirmation that is awaited brings the next group on its way.
            wake = taken and not self._groups_out and self._wakes()
        if wake:
            self._link.call(self._flush)
        if not taken:
            self._count("given_up")
            if on_confirm is not None:
                on_confirm(False)

    def publish_start(self, body: bytes, task_id: TaskId) -> None:
        """Have a task's start published within `PATIENCE_S`, unless it ends before."""
        with self._lock:
            taken = not self._closed and self._events.add(body, None, starts=task_id)
            wake = taken and not self._groups_out and self._wakes(patient=True)
        if wake:
            self._link.call(self._flush_later)
        if not taken:
            self._count("given_up")

    def publish_notice(self, notice: Outgoing) -> None:
        """Publish what may be lost, if the broker is there."""
        with self._lock:
            full = self._notices_out >= NOTICES_UNCONFIRMED
            if full or not self.connected or self._closed:
                return
            self._notices.append(notice)
            wake = self._wakes()
        if wake:
            self._link.call(self._flush)

    def send(self, commands: Sequence[Outgoing]) -> None:
        """Publish and wait until all are confirmed.

        Raises:
            TransientError: Not all were; some may have been.
        """
        confirmations = Confirmations(len(commands))
        with self._lock:
            if not self.connected or self._closed:
                raise TransientError("the broker is away", code="broker_unavailable")
            self._commands += confirmations.awaited(commands)
            wake = self._wakes()
        if wake:
            self._link.call(self._flush)
        if not confirmations.wait(SEND_S):
            raise TransientError(
                "the broker did not confirm all commands", code="broker_unavailable"
            )

    def _wakes(self, *, patient: bool = False) -> bool:
        """Say whether the caller has to wake the thread. Holds the lock."""
        if not patient:
            first, self._woken = not self._woken, True
        elif first := not (self._woken or self._expects):
            self._expects = True
        return first

    def _is_quiet(self) -> bool:
        return not (self._events or self._commands or self._groups_out)

    # From here on everything runs on the link's thread.

    def _opened(self, channel: Any) -> None:
        self._channel, self._tag = channel, 0
        channel.add_on_return_callback(self._on_return)
        channel.confirm_delivery(self._on_confirm)
        with self._lock:
            self._blocked = self._expects = False
        self._flush()

    def _lost(self) -> None:
        self._channel = None
        sent, self._sent = self._sent, {}
        self._returned.clear()
        with self._quiet:
            self._events.add_again([each for each in sent.values() if each.is_group])
            self._groups_out = self._notices_out = 0
            self._notices.clear()
            given_up = self._take_commands()
            self._quiet.notify_all()
        for each in (*sent.values(), *given_up):
            if not each.is_group:
                each.tell(safe=False)

    def _blocking(self, blocked: bool) -> None:
        """Hold everything back while an alarm of the broker lasts.

        Whoever waits for commands is told: they may still arrive, and are harmless.
        """
        self._log.warning("broker_alarm", blocked=blocked)
        with self._lock:
            self._blocked = blocked
            given_up = self._take_commands()
        if not blocked:
            self._flush()
            return
        for each in given_up:
            each.tell(safe=False)
        for tag, each in self._sent.items():
            if not each.is_group:
                each.tell(safe=False)
                self._sent[tag] = replace(each, body=b"", on_confirm=())

    def _flush_later(self) -> None:
        self._link.call_later(PATIENCE_S, self._flush_at_last)

    def _flush_at_last(self) -> None:
        with self._lock:
            self._expects = False
        self._flush()

    def _flush(self) -> None:
        """Publish what waits, as far as it is its turn."""
        with self._lock:
            self._woken = False
            if self._channel is None or self._blocked:
                return
            ready = [*self._take_commands(), *self._notices]
            self._notices_out += len(self._notices)
            self._notices.clear()
            if not self._groups_out:
                groups = self._events.take_groups(limit=GROUPS_AT_ONCE)
                self._groups_out = len(groups)
                ready += groups
        if ready:
            with self._channel.connection.in_one_write():
                for each in ready:
                    self._publish(each)

    def _take_commands(self) -> list[Outgoing]:
        commands = list(self._commands)
        self._commands.clear()
        return commands

    def _publish(self, message: Outgoing) -> None:
        self._tag += 1
        self._sent[self._tag] = message
        if self._channel is None or not self._channel.is_open:
            return  # Lost just now; `_lost` finds it among the sent.
        self._channel.basic_publish(
            message.exchange,
            message.routing_key,
            message.body,
            message.properties(self._tag),
            # A confirmation alone does not say that any queue has it.
            mandatory=message.persistent,
        )

    def _on_return(
        self, _channel: Any, method: Any, properties: BasicProperties, _body: bytes
    ) -> None:
        """Note what had no queue; its confirmation follows (AMQP 0-9-1, RabbitMQ)."""
        self._log.error(
            "unroutable", exchange=method.exchange, routing_key=method.routing_key
        )
        self._count("unroutable")
        self._returned.add(int(properties.correlation_id or 0))

    def _on_confirm(self, frame: Any) -> None:
        method = frame.method
        refused = isinstance(method, Basic.Nack)
        if method.multiple:
            tags = [tag for tag in self._sent if tag <= method.delivery_tag]
        else:
            tags = [method.delivery_tag]
        groups = notices = 0
        returned = False
        for tag in tags:
            message = self._sent.pop(tag, None)
            if message is None:
                continue
            unroutable = tag in self._returned
            returned = returned or unroutable
            self._returned.discard(tag)
            groups += message.is_group
            notices += message.is_notice
            if refused:
                self._count("refused")
            message.tell(safe=not (refused or unroutable))
        with self._quiet:
            self._groups_out -= groups
            self._notices_out -= notices
            self._quiet.notify_all()
        if returned:
            self._link.reconnect()  # Which declares what is missing.
        elif groups:
            self._flush()
