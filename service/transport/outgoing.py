"""What waits to be published, and in which groups it goes."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pika.spec import BasicProperties

from service.domain.model import TaskId
from service.transport import OnConfirm

GROUP_EVENTS = 200
"""Most events in one message to the aggregator (ADR 0010)."""
GROUP_BYTES = 256 * 1024
"""A group is closed by the event that reaches this."""
WAITING_EVENTS = 20_000
"""Most events kept while the broker is away; further ones are given up at once."""
WAITING_BYTES = 64 * 1024 * 1024
"""The same in bytes: a final event may carry a result of 32 KB."""

PERSISTENT = 2
TRANSIENT = 1
"""AMQP's delivery modes."""
NOTICES_WAITING = 1_000
"""Lossy messages kept for the thread; the oldest go first."""
NOTICES_UNCONFIRMED = 1_000
"""Lossy messages that a slow broker owes an answer to; further ones are dropped."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message for the broker.

    Attributes:
        exchange: Where to; empty for the default exchange.
        routing_key: As the exchange asks.
        body: The content.
        on_confirm: Told each what became of it.
        expiration_ms: After this the broker drops it; None means never.
        persistent: Survives a restart of the broker.
        is_group: A group of events, sent again when the connection is lost.
    """

    exchange: str
    routing_key: str
    body: bytes
    on_confirm: tuple[OnConfirm, ...] = ()
    expiration_ms: int | None = None
    persistent: bool = True
    is_group: bool = False

    @property
    def is_notice(self) -> bool:
        """Whether it may be lost."""
        return not self.persistent

    def properties(self, number: int) -> BasicProperties:
        """Give what is said beside the content; the number comes back if it does."""
        expiration = self.expiration_ms
        return BasicProperties(
            content_type="application/json",
            delivery_mode=PERSISTENT if self.persistent else TRANSIENT,
            correlation_id=str(number),
            expiration=None if expiration is None else str(expiration),
        )

    def tell(self, safe: bool) -> None:
        """Tell everybody concerned whether the broker has it."""
        for on_confirm in self.on_confirm:
            on_confirm(safe)


class Gathering:
    """Events that wait for their group. Not safe on several threads: the owner locks.

    Args:
        exchange: Where groups go.
    """

    def __init__(self, exchange: str) -> None:
        self._exchange = exchange
        # By numbers that count up, and so in order.
        self._events: dict[int, tuple[bytes, OnConfirm | None]] = {}
        self._number = 0
        self._starts: dict[TaskId, int] = {}
        self._again: deque[Outgoing] = deque()
        self._bytes = 0

    def __bool__(self) -> bool:
        """Say whether anything waits."""
        return bool(self._events or self._again)

    def add(
        self,
        body: bytes,
        on_confirm: OnConfirm | None,
        *,
        starts: TaskId | None = None,
    ) -> bool:
        """Keep an event; False when there is no room for it.

        Args:
            body: The event as JSON.
            on_confirm: Told what became of it.
            starts: The task whose start it is.
        """
        if len(self._events) >= WAITING_EVENTS or self._bytes >= WAITING_BYTES:
            return False
        self._number += 1
        self._events[self._number] = (body, on_confirm)
        self._bytes += len(body)
        if starts is not None:
            self._starts[starts] = self._number
        return True

    def drop_start(self, task_id: TaskId) -> None:
        """Forget a start that still waits: the end of the task says as much."""
        number = self._starts.pop(task_id, None)
        if number is not None:
            body, _ = self._events.pop(number)
            self._bytes -= len(body)

    def add_again(self, groups: Sequence[Outgoing]) -> None:
        """Keep groups that were sent and not confirmed, before everything else."""
        self._again.extendleft(reversed(groups))

    def take_groups(self, *, limit: int | None) -> list[Outgoing]:
        """Give the next groups, at most `limit` of them."""
        groups: list[Outgoing] = []
        while limit is None or len(groups) < limit:
            group = self.take()
            if group is None:
                break
            groups.append(group)
        return groups

    def take(self) -> Outgoing | None:
        """Give the next group, or None when nothing waits."""
        if self._again:
            return self._again.popleft()
        if not self._events:
            return None
        self._starts.clear()  # Those left behind, if any, are no longer looked for.
        bodies: list[bytes] = []
        told: list[OnConfirm] = []
        size = 0
        while self._events and len(bodies) < GROUP_EVENTS and size < GROUP_BYTES:
            body, on_confirm = self._events.pop(next(iter(self._events)))
            bodies.append(body)
            size += len(body)
            if on_confirm is not None:
                told.append(on_confirm)
        self._bytes -= size
        return Outgoing(
            exchange=self._exchange,
            routing_key="",
            body=b"[" + b",".join(bodies) + b"]",
            on_confirm=tuple(told),
            is_group=True,
        )


class Confirmations:
    """Waits until each of several messages was confirmed or given up.

    Args:
        number: How many there are.
    """

    def __init__(self, number: int) -> None:
        self._left = number
        self._safe = True
        self._lock = threading.Lock()
        self._done = threading.Event()
        if not number:
            self._done.set()

    def awaited(self, messages: Sequence[Outgoing]) -> list[Outgoing]:
        """Give the messages with this to be told what becomes of them."""
        return [replace(each, on_confirm=(self.note,)) for each in messages]

    def note(self, safe: bool) -> None:
        """Take in what became of one of them."""
        with self._lock:
            self._left -= 1
            self._safe = self._safe and safe
            if self._left <= 0 or not safe:
                self._done.set()

    def wait(self, timeout_s: float) -> bool:
        """Wait for all of them, and say whether the broker has them all."""
        return self._done.wait(timeout_s) and self._safe


Incident = Literal["undecodable", "unroutable", "refused", "given_up"]
"""An event nobody could read; a message without a queue; one the broker refused; an
event for which there was no room or no connection."""
Counter = Callable[[Incident], None]
"""Counts incidents by kind."""
