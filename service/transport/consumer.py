"""Reads a queue for Dramatiq's worker, and settles what was read."""

import threading
from collections import deque
from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import dramatiq
from dramatiq.errors import ConnectionClosed

from service.logs import get_logger
from service.transport.dramatiq_message import MILLISECONDS, message_in
from service.transport.line import Line
from service.transport.settlement import SettledMessage

if TYPE_CHECKING:
    from service.transport.broker import DocmillBroker

RETURN_AFTER_S: Final = 1.0
"""Pause before a message whose end was lost goes back: not a busy loop of refusals."""
LAST_CONFIRMS_S: Final = 5.0
"""Longest wait, when stopping, for the confirmation of what was said last."""


class Verdict(Enum):
    """What the broker is to do with a message."""

    DONE = auto()
    AGAIN = auto()
    REFUSE = auto()


class DocmillConsumer(dramatiq.Consumer):
    """Settles only what it received itself, and only when the end of it is safe.

    Messages are read on the thread that made this; `ack` and `nack` may come from any.

    Args:
        broker: Whose queue is read.
        queue_name: The queue.
        prefetch: Most messages that are unsettled at once.
        timeout: Longest wait for a message, in milliseconds.

    Raises:
        ConnectionClosed: The broker does not answer.
    """

    def __init__(
        self, broker: "DocmillBroker", queue_name: str, prefetch: int, timeout: int
    ) -> None:
        self._broker = broker
        self._queue_name = queue_name
        self._log = get_logger(__name__)
        self._lock = threading.Lock()
        # These two in order, and only on the own thread.
        self._held: dict[int, None] = {}
        self._arrived: deque[SettledMessage] = deque()
        self._due: dict[int, Verdict] = {}
        self._tells = False
        self._enough = prefetch * 3 // 4
        self._awaited = 0
        self._taken_all = threading.Event()
        self._reads = ""
        self._line = Line(broker.parameters, beat_s=timeout / MILLISECONDS)
        if broker.taking:
            channel = self._line.channel
            channel.basic_qos(prefetch_count=prefetch)
            channel.add_on_cancel_callback(self._cancelled)
            self._reads = channel.basic_consume(
                queue_name, on_message_callback=self._receive
            )

    @property
    def connected(self) -> bool:
        """Whether messages can come."""
        return self._line.is_open

    def __next__(self) -> SettledMessage | None:
        """Give the next message, or None when none came in time.

        Raises:
            ConnectionClosed: The connection is gone; make another consumer.
        """
        takes = self._broker.taking
        if not takes:
            self._only_settle()
        try:
            self._line.serve_for(self._arrived if takes else ())
        except ConnectionClosed:
            if self._line.lost_what_it_read:
                self._broker.forget(self._queue_name)
            raise
        return self._arrived.popleft() if takes and self._arrived else None

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
        """Wait a little for the last confirmations, then disconnect."""
        self._line.serve_until(lambda: not self._awaited, most_s=LAST_CONFIRMS_S)
        self._tell()
        self._line.close()

    def _only_settle(self) -> None:
        """Ask for no more messages; what nobody was given goes back."""
        if self._reads:
            self._line.channel.basic_cancel(
                self._reads, callback=lambda _: self._return_arrived()
            )
        elif not self._taken_all.is_set():
            self._return_arrived()
        self._reads = ""

    def _return_arrived(self) -> None:
        while self._arrived:
            tag = self._arrived.popleft().tag
            del self._held[tag]
            self._line.channel.basic_nack(tag, requeue=True)
        self._taken_all.set()

    def _cancelled(self, _frame: Any) -> None:
        """Give up: the broker cancelled, for the queue was deleted or moved."""
        self._broker.forget(self._queue_name)
        self._line.channel.close()

    def _receive(self, _channel: Any, method: Any, _: Any, body: bytes) -> None:
        """Take in a message; several come before the first is asked for."""
        tag = method.delivery_tag
        self._held[tag] = None
        try:
            message = message_in(body)
        except ValueError:
            self._log.error("undecodable_message", queue=self._queue_name)
            self._decide(tag, Verdict.REFUSE)
            return
        self._arrived.append(
            SettledMessage(
                message, redelivered=method.redelivered, tag=tag, received_by=self
            )
        )

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
        """Note a verdict and have it told to the broker on the own thread.

        Acknowledging is what brings new messages: it can wait, for others to go along,
        while more messages are here than the threads that work on them (of `prefetch`
        they are half) need next. The end of one of those comes back here.
        """
        with self._lock:
            self._due[tag] = verdict
            unsettled = len(self._held) - len(self._due)
            waits = verdict is Verdict.DONE and unsettled > self._enough
            calls = not (waits or self._tells)
            self._tells = self._tells or calls
        if calls:
            self._line.call(self._tell)

    def _tell(self) -> None:
        """Tell the broker everything that is due: what is done in one go if it can be.

        Runs on the own thread.
        """
        with self._lock:
            due, self._due = self._due, {}
            self._tells = False
        if not self.connected:
            return
        upto = 0
        for tag in self._held:
            if due.get(tag) is not Verdict.DONE:
                break
            upto = tag
        channel = self._line.channel
        with self._line.in_one_write():
            if upto:
                channel.basic_ack(upto, multiple=True)
            for tag, verdict in due.items():
                if verdict is Verdict.AGAIN:
                    self._line.call_later(RETURN_AFTER_S, partial(self._again, tag))
                    continue
                del self._held[tag]
                if verdict is Verdict.REFUSE:
                    channel.basic_nack(tag, requeue=False)
                elif tag > upto:
                    channel.basic_ack(tag)

    def _again(self, tag: int) -> None:
        if self.connected:
            del self._held[tag]
            self._line.channel.basic_nack(tag, requeue=True)
