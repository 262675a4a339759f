"""When a command's message may be acknowledged: once its end is safe with the broker.

An actor's thread publishes what became of its task and goes on to the next one; the
confirmation of that event settles the message (ADR 0009).
"""

import threading
from collections.abc import Callable
from typing import Any, Protocol

import dramatiq

from service.transport import OnConfirm

Settle = Callable[[bool], None]
"""Told once: True to acknowledge, False to let it be delivered again."""


class Settlement:
    """What is known about the end of one message; safe on any thread.

    Acknowledged is only a message whose end was said (or which is void) and of which
    everything that was said is confirmed. One that was dropped half-way, by a dead
    thread or a bug, is not: it is delivered again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._unconfirmed = 0
        self._ended = False
        self._lost = False
        self._abandoned = False
        self._settle: Settle | None = None

    @property
    def ended(self) -> bool:
        """Whether the end was said, safe or not yet."""
        return self._ended

    def expect(self, *, last: bool) -> OnConfirm:
        """Give what the publishing of an event is to call.

        Args:
            last: It says how the task ended; nothing follows it.
        """
        with self._lock:
            self._unconfirmed += 1
            self._ended = self._ended or last
        return self._confirmed

    def void(self) -> None:
        """Say that nobody waits for this message any more."""
        self._ended = True

    def abandon(self) -> None:
        """Say that nobody knows whether the end was said: do not wait to hear of it."""
        with self._lock:
            self._abandoned = True
        self._tell()

    def when_settled(self, settle: Settle) -> None:
        """Say that the work is over, and whom to tell what that means."""
        with self._lock:
            self._settle = settle
        self._tell()

    def _confirmed(self, safe: bool) -> None:
        with self._lock:
            self._unconfirmed -= 1
            self._lost = self._lost or not safe
        self._tell()

    def _tell(self) -> None:
        with self._lock:
            waits = self._unconfirmed and not self._abandoned
            if self._settle is None or waits:
                return
            settle, self._settle = self._settle, None
            good = self._ended and not (self._lost or self._abandoned)
        settle(good)


class Receiver(Protocol):
    """What a message came through."""

    @property
    def connected(self) -> bool:
        """Whether the connection is still there on which messages came."""
        ...


class SettledMessage(dramatiq.MessageProxy):
    """A message that is settled by the confirmation of what was said about it.

    Attributes:
        redelivered: The broker gave it to somebody before.
        settlement: Says when it may be acknowledged.
        tag: The broker's number for the delivery, within its channel.
        received_by: The one consumer that may settle it: numbers begin again with
            every channel, so another one would settle another message.
    """

    def __init__(
        self,
        message: dramatiq.Message[Any],
        *,
        redelivered: bool,
        tag: int,
        received_by: Receiver,
    ) -> None:
        super().__init__(message)
        self.redelivered = redelivered
        self.tag = tag
        self.received_by = received_by
        self.settlement = Settlement()


def settlement_of(message: dramatiq.MessageProxy) -> Settlement:
    """Give the message's settlement; of one that needs none, one nobody asks."""
    if isinstance(message, SettledMessage):
        return message.settlement
    return Settlement()


def was_delivered_before(message: dramatiq.MessageProxy) -> bool:
    """Say whether the broker had given the message to a worker that is gone."""
    return isinstance(message, SettledMessage) and message.redelivered


def belongs_to_another(message: dramatiq.MessageProxy) -> bool:
    """Say whether the broker has taken the message back, with the connection."""
    return isinstance(message, SettledMessage) and not message.received_by.connected
