"""The aggregator's queue on RabbitMQ, and the dead letters beside it."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pika
from pika.spec import BasicProperties

from service.clock import Clock
from service.logs import get_logger
from service.messages import Event
from service.transport.letters import events_in, return_of
from service.transport.link import Link
from service.transport.outgoing import PERSISTENT, Counter
from service.transport.topology import AGGREGATOR, DEAD, PARKED, Topology

PREFETCH: Final = 64
"""Groups the broker delivers ahead."""
LOOK_S: Final = 0.5
"""How often the broker is asked how much waits."""


@dataclass(frozen=True, slots=True)
class _Read:
    """One event, and the delivery it came with.

    Attributes:
        event: What was read; None of a group in which nothing could be.
        tag: The delivery's number.
        last: It ends its group: with it the delivery may be acknowledged.
        unreadable: Parts of the group to be parked then.
    """

    event: Event | None
    tag: int
    last: bool
    unreadable: tuple[bytes, ...] = ()


class RabbitmqMailbox:
    """Reads groups of events ahead on a thread of its own; for one reader.

    What is delivered is acknowledged only by `ack`. When the connection is lost, all
    that was not acknowledged is forgotten here and comes again.

    Args:
        parameters: One for each node.
        held: Declared at each connection.
        clock: Dates what is said of dead letters.
        count: Counts what could not be read.
    """

    def __init__(
        self,
        parameters: Sequence[pika.URLParameters],
        held: Topology,
        *,
        clock: Clock,
        count: Counter,
    ) -> None:
        self._parameters = parameters
        self._held = held
        self._clock = clock
        self._count = count
        self._log = get_logger(__name__)
        self._arrived = threading.Condition()
        self._link: Link | None = None
        self._channel: Any = None
        self._waiting: deque[_Read] = deque()
        self._drained: list[_Read] = []
        self._drained_from: Any = None
        self._behind = True

    @property
    def connected(self) -> bool:
        """Whether events can come; also true while nothing is read."""
        link = self._link
        return link is None or link.is_open

    def drain(self, *, limit: int, timeout_s: float) -> list[Event]:
        """Give what was delivered, waiting up to `timeout_s` for the first event."""
        with self._arrived:
            self._begin()
            self._arrived.wait_for(lambda: bool(self._waiting), timeout_s)
            if self._drained_from is not self._channel:
                self._drained.clear()
                self._drained_from = self._channel
            events: list[Event] = []
            while self._waiting and len(events) < limit:
                read = self._waiting.popleft()
                self._drained.append(read)
                if read.event is not None:
                    events.append(read.event)
            return events

    def ack(self) -> None:
        """Acknowledge what was drained; the rest of a group keeps it open."""
        with self._arrived:
            drained, self._drained = self._drained, []
            channel, current = self._drained_from, self._channel
            ended = [read for read in drained if read.last]
            if not ended or channel is None or channel is not current:
                return
            assert self._link is not None
            self._link.call(partial(self._acknowledge, channel, ended))

    def nack(self) -> None:
        """Put what was drained back in front, if it is not delivered again anyway."""
        with self._arrived:
            if self._drained_from is self._channel:
                self._waiting.extendleft(reversed(self._drained))
            self._drained.clear()

    def caught_up(self) -> bool:
        """Say whether the queue was empty when the broker was last asked."""
        with self._arrived:
            return not self._behind and not self._waiting

    def close(self) -> None:
        """Stop reading; everything unacknowledged goes back to the queue."""
        with self._arrived:
            link, self._link = self._link, None
        if link is not None:
            link.close()

    def _begin(self) -> None:
        if self._link is None:
            self._link = Link(
                "mailbox",
                self._parameters,
                self._held,
                on_open=self._opened,
                on_lost=self._lost,
            )
            self._link.start()

    # From here on everything runs on the link's thread.

    def _opened(self, channel: Any) -> None:
        with self._arrived:
            self._channel = channel
        channel.basic_qos(prefetch_count=PREFETCH)
        for queue, read in ((AGGREGATOR, self._group), (DEAD, self._dead_letter)):
            channel.basic_consume(queue, on_message_callback=read)
        channel.add_on_cancel_callback(lambda _: channel.connection.close())
        self._look(channel)

    def _lost(self) -> None:
        with self._arrived:
            self._channel = None
            self._waiting.clear()
            self._drained.clear()
            self._behind = True

    def _look(self, channel: Any) -> None:
        """Ask how much waits in the queue, again and again."""
        if channel.is_open:
            channel.queue_declare(
                AGGREGATOR, passive=True, callback=partial(self._looked, channel)
            )

    def _looked(self, channel: Any, frame: Any) -> None:
        with self._arrived:
            self._behind = frame.method.message_count > 0
        channel.connection.ioloop.call_later(LOOK_S, partial(self._look, channel))

    def _group(self, channel: Any, method: Any, _: Any, body: bytes) -> None:
        try:
            events, unreadable = events_in(body)
        except ValueError as error:
            self._unreadable(channel, method.delivery_tag, error)
            return
        for _part in unreadable:
            self._log.error("undecodable_event", queue=AGGREGATOR)
            self._count("undecodable")
        self._put(method.delivery_tag, events, tuple(unreadable))

    def _dead_letter(
        self, channel: Any, method: Any, properties: BasicProperties, body: bytes
    ) -> None:
        try:
            event = return_of(body, properties.headers, self._clock)
        except ValueError as error:
            self._unreadable(channel, method.delivery_tag, error)
            return
        self._put(method.delivery_tag, [event], ())

    def _put(
        self, tag: int, events: Sequence[Event], unreadable: tuple[bytes, ...]
    ) -> None:
        *before, end = events or (None,)
        reads = [_Read(event, tag, last=False) for event in before]
        reads.append(_Read(end, tag, last=True, unreadable=unreadable))
        with self._arrived:
            self._waiting.extend(reads)
            self._arrived.notify_all()

    def _unreadable(self, channel: Any, tag: int, error: ValueError) -> None:
        """Dead-letter a delivery nobody can read: the broker parks it."""
        self._log.error("undecodable_message", problem=str(error))
        self._count("undecodable")
        channel.basic_reject(tag, requeue=False)

    def _acknowledge(self, channel: Any, ended: Sequence[_Read]) -> None:
        if not channel.is_open:
            return
        for read in ended:
            for part in read.unreadable:
                channel.basic_publish(
                    PARKED, "", part, BasicProperties(delivery_mode=PERSISTENT)
                )
        # Deliveries are drained in their order, so nothing undrained is included.
        channel.basic_ack(ended[-1].tag, multiple=True)
