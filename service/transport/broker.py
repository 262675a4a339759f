"""Dramatiq on RabbitMQ, without the ways in which the stock classes lose messages.

Private names of ``dramatiq.brokers.rabbitmq`` are used: the version is pinned, and the
losses are reproduced in ``tests/integration/rabbitmq``.
"""

import secrets
import threading
from collections.abc import Sequence
from typing import Any

import dramatiq
import pika
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.errors import ConnectionClosed
from pika.exceptions import AMQPError

from service.errors import SettingsError
from service.transport.consumer import DocmillConsumer
from service.transport.declaring import declare
from service.transport.topology import Topology


class DocmillBroker(RabbitmqBroker):
    """Dramatiq's RabbitMQ broker on Docmill's topology.

    Confirms are on. There are no delay queues and none of Dramatiq's dead letter
    queues. Commands are normally sent by `RabbitmqTransport`, not by `enqueue`.

    Args:
        parameters: How to connect, one for each node; tried in random order.
        held: What is declared before something is consumed or enqueued.
        middleware: Dramatiq's middleware, in order.
    """

    def __init__(
        self,
        parameters: Sequence[pika.URLParameters],
        held: Topology,
        *,
        middleware: Sequence[dramatiq.Middleware] = (),
    ) -> None:
        super().__init__(confirm_delivery=True, middleware=list(middleware))
        self.parameters = list(parameters)
        self._held = held
        self._random = secrets.SystemRandom()
        self._taking = threading.Event()
        self._taking.set()

    @property
    def consumer_class(self) -> type[DocmillConsumer]:
        """The class that `consume` gives."""
        return DocmillConsumer

    @property
    def taking(self) -> bool:
        """Whether consumers, also those made later, take messages."""
        return self._taking.is_set()

    def take_no_more(self) -> None:
        """Leave what waits to others for good, also after a connection made anew."""
        self._taking.clear()

    def declare_queue(self, queue_name: str, *, ensure: bool = False) -> None:
        """Note a queue of the topology; it gets no delay queue.

        Raises:
            ConnectionClosed: It was to be ensured, and the broker does not answer.
            SettingsError: The topology has no such queue, or the broker's differs.
        """
        if queue_name not in self.queues:
            if all(queue_name != each.name for each in self._held.queues):
                raise SettingsError(f"there is no queue {queue_name!r}")
            self.emit_before("declare_queue", queue_name)
            self.queues.add(queue_name)
            self.queues_pending.add(queue_name)
            self.emit_after("declare_queue", queue_name)
        if ensure:
            self._ensure_queue(queue_name)

    def consume(
        self, queue_name: str, prefetch: int = 1, timeout: int = 5000
    ) -> dramatiq.Consumer:
        """Read a queue on the calling thread; `timeout` is in milliseconds.

        Raises:
            ConnectionClosed: The broker does not answer.
        """
        self._random.shuffle(self.parameters)
        self.declare_queue(queue_name, ensure=True)
        # Nobody would serve this thread's publishing connection from here on.
        del self.connection
        return self.consumer_class(self, queue_name, prefetch, timeout)

    def enqueue(
        self, message: dramatiq.Message[Any], *, delay: int | None = None
    ) -> dramatiq.Message[Any]:
        """Put a message on its queue, confirmed, on the calling thread's connection.

        Raises:
            ConnectionClosed: The broker did not take it.
            ValueError: It is to be delayed: only the aggregator keeps timers.
        """
        if delay is not None:
            raise ValueError("messages are not delayed by the broker")
        return super().enqueue(message)

    def forget(self, queue_name: str) -> None:
        """Declare the queue anew before it is used again: the broker lost it."""
        self.queues_pending.add(queue_name)

    def _ensure_queue(self, canonical_queue_name: str) -> None:
        if canonical_queue_name not in self.queues_pending:
            return
        try:
            declare(self.connection, self._held)
        except (AMQPError, OSError) as error:
            del self.connection
            raise ConnectionClosed(error) from None
        self.queues_pending.discard(canonical_queue_name)
