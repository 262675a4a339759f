"""Reads a queue for Dramatiq's worker, and settles what was read."""

import threading
from contextlib import suppress
from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING, Final

import dramatiq
from dramatiq.brokers.rabbitmq import _RabbitmqConsumer
from dramatiq.errors import ConnectionClosed
from pika.exceptions import AMQPError, ConnectionWrongStateError

from service.logs import get_logger
from service.transport.dramatiq_message import MILLISECONDS, message_in
from service.transport.settlement import SettledMessage

if TYPE_CHECKING:
    from service.transport.broker import DocmillBroker

RETURN_AFTER_S: Final = 1.0
"""Pause before a message whose end was lost goes back: not a busy loop of refusals."""
LAST_CONFIRMS_S: Final = 5.0
"""Longest wait, when stopping, for the confirmation of what was said last."""
_BREATH_S: Final = 0.05
_NOT_FOUND: Final = 404


class Verdict(Enum):
    """What the broker is to do with a message."""

    DONE = auto()
    AGAIN = auto()
    REFUSE = auto()


class DocmillConsumer(_RabbitmqConsumer):
    """Settles only what it received itself, and only when the end of it is safe.

    Messages are read on the thread that made this; `ack` and `nack` may come from any.
    """

    def __init__(
        self, broker: "DocmillBroker", queue_name: str, prefetch: int, timeout: int
    ) -> None:
        super().__init__(  # type: ignore[no-untyped-call]  # Dramatiq has no types here
            broker, queue_name, prefetch, timeout
        )
        self._log = get_logger(__name__)
        self._lock = threading.Lock()
        self._held: dict[int, None] = {}  # In order, and only on the own thread.
        self._due: dict[int, Verdict] = {}
        self._awaited = 0
        self._pause_s = timeout / MILLISECONDS
        self._reads = False
        self._taken_all = threading.Event()

    @property
    def connected(self) -> bool:
        """Whether messages can come."""
        return bool(self.connection.is_open and self.channel.is_open)

    def __next__(self) -> SettledMessage | None:
        """Give the next message, or None when none came in time.

        Raises:
            ConnectionClosed: The connection is gone; make another consumer.
        """
        if not self.broker.taking:
            self._only_settle()
            return None
        self._reads = True
        try:
            method, _, body = next(self.iterator)
        except StopIteration:
            # The broker cancelled the consumer: its queue was deleted or moved.
            self.broker.forget(self.queue_name)
            raise ConnectionClosed(RuntimeError("consumer cancelled")) from None
        except (AssertionError, AMQPError) as error:
            if getattr(error, "reply_code", None) == _NOT_FOUND:
                self.broker.forget(self.queue_name)
            raise ConnectionClosed(error) from None
        if method is None:
            return None
        tag = method.delivery_tag
        self._held[tag] = None
        try:
            message = message_in(body or b"")
        except ValueError:
            self._log.error("undecodable_message", queue=self.queue_name)
            self._decide(tag, Verdict.REFUSE)
            return None
        return SettledMessage(
            message, redelivered=method.redelivered, tag=tag, received_by=self
        )

    def wait_taken_all(self, *, wait_s: float) -> bool:
        """Wait, after `DocmillBroker.take_no_more`, until nothing more comes.

        What was given can still be settled. Not to be called on the own thread.

        Args:
            wait_s: Longest wait.

        Returns:
            Whether that is so.
        """
        return self._taken_all.wait(wait_s)

    def give_back(self, message: dramatiq.MessageProxy) -> None:
        """Have a message that nobody began delivered again; any thread."""
        if self._is_own(message):
            assert isinstance(message, SettledMessage)
            self._decide(message.tag, Verdict.AGAIN)

    def ack(self, message: dramatiq.MessageProxy) -> None:
        """Acknowledge the message as soon as its end is safe, else give it back."""
        if not self._is_own(message):
            # Its connection is gone, and the broker delivers it again.
            self._log.info("settled_elsewhere", message_id=message.message_id)
            return
        assert isinstance(message, SettledMessage)
        with self._lock:
            self._awaited += 1
        message.settlement.when_settled(partial(self._settle, message))

    def nack(self, message: dramatiq.MessageProxy) -> None:
        """Refuse the message for good: it becomes a dead letter."""
        if self._is_own(message):
            assert isinstance(message, SettledMessage)
            self._decide(message.tag, Verdict.REFUSE)

    def close(self) -> None:
        """Wait a little for the last confirmations, then disconnect.

        Raises:
            ConnectionClosed: The connection was gone already.
        """
        turns = round(LAST_CONFIRMS_S / _BREATH_S)
        try:
            while turns and self._awaited and self.connected:
                turns -= 1
                self.connection.process_data_events(time_limit=_BREATH_S)
        except AMQPError as error:
            raise ConnectionClosed(error) from None
        super().close()  # type: ignore[no-untyped-call]  # as above

    def _only_settle(self) -> None:
        """Serve the connection without giving messages. Runs on the own thread."""
        try:
            if not self._taken_all.is_set():
                if self._reads:
                    self.channel.cancel()
                self._taken_all.set()
            self.connection.process_data_events(time_limit=self._pause_s)
        except AMQPError as error:
            raise ConnectionClosed(error) from None

    def _is_own(self, message: dramatiq.MessageProxy) -> bool:
        return isinstance(message, SettledMessage) and message.received_by is self

    def _settle(self, message: SettledMessage, good: bool) -> None:
        """Take the settlement's word, on whatever thread it comes."""
        with self._lock:
            self._awaited -= 1
        if not good:
            self._log.warning("message_given_back", message_id=message.message_id)
        self._decide(message.tag, Verdict.DONE if good else Verdict.AGAIN)

    def _decide(self, tag: int, verdict: Verdict) -> None:
        """Note a verdict and have it told to the broker on the own thread."""
        with self._lock:
            first = not self._due
            self._due[tag] = verdict
        if first:
            with suppress(ConnectionWrongStateError):  # The broker knows by itself.
                self.connection.add_callback_threadsafe(self._tell)

    def _tell(self) -> None:
        """Tell the broker everything that is due: what is done in one go if it can be.

        Runs on the own thread.
        """
        with self._lock:
            due, self._due = self._due, {}
        if not self.connected:
            return
        upto = 0
        for tag in self._held:
            if due.get(tag) is not Verdict.DONE:
                break
            upto = tag
        # Not by the blocking channel's own method, which waits until it is written: the
        # next look for messages writes it.
        ack = self.channel._impl.basic_ack  # noqa: SLF001 - pika is pinned
        if upto:
            ack(upto, multiple=True)
        for tag, verdict in due.items():
            if verdict is Verdict.AGAIN:
                self.connection.call_later(RETURN_AFTER_S, partial(self._again, tag))
                continue
            del self._held[tag]
            if verdict is Verdict.REFUSE:
                self.channel.basic_nack(tag, requeue=False)
            elif tag > upto:
                ack(tag)

    def _again(self, tag: int) -> None:
        if self.connected:
            del self._held[tag]
            self.channel.basic_nack(tag, requeue=True)
