"""Transport inside one process: queues and callbacks, nothing durable.

A cache, nothing more: the store is the truth, and what is lost here with the process
is released again at the next start.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from queue import Empty, Queue
from typing import Any

import dramatiq
from dramatiq.brokers.stub import StubBroker

from service.domain.model import JobId, Owner
from service.messages import Command, Event, JobNotice, LogEntry, TaskStarted
from service.transport import NoticeListener, OnConfirm
from service.transport.dramatiq_message import MILLISECONDS, as_message

SOON_S = 0.05
"""A reader that waits no longer than this need not be woken for a start (ADR 0022)."""

__all__ = ["MILLISECONDS", "MemoryBroker", "MemoryTransport", "as_message"]


Take = Callable[[dramatiq.MessageProxy], None]


class MemoryBroker(StubBroker):
    """Dramatiq's in-memory broker, without the parts that grow for ever.

    The stock one keeps every rejected message in a list; here a rejected message is
    dropped, for the aggregator's sweep knows what became of its task.
    """

    def __init__(self) -> None:
        super().__init__(middleware=[])
        self._takers: dict[str, Take] = {}
        self._taken: set[str] = set()

    def give_to(self, queue_name: str, take: Take) -> None:
        """Hand messages of a queue to `take`, once somebody reads the queue.

        Saves the way over the reader's thread, which then has nothing to read.
        """
        self._takers[queue_name] = take

    def enqueue(
        self, message: dramatiq.Message[Any], *, delay: int | None = None
    ) -> dramatiq.Message[Any]:
        """Put a message on its queue as it is: nobody changes it, so no copy is made.

        Raises:
            NotImplementedError: It is to be delayed: only the aggregator has timers.
        """
        if delay is not None:
            raise NotImplementedError("messages are not delayed here")
        self.emit_before("enqueue", message, delay)
        if message.queue_name in self._taken:
            self._takers[message.queue_name](dramatiq.MessageProxy(message))
        else:
            self.queues[message.queue_name].put(message)
        self.emit_after("enqueue", message, delay)
        return message

    def consume(
        self, queue_name: str, prefetch: int = 1, timeout: int = 100
    ) -> dramatiq.Consumer:
        """Read a queue that was declared; `timeout` is in milliseconds."""

        def begin() -> None:
            if queue_name in self._takers:
                self._taken.add(queue_name)

        return _MemoryConsumer(self.queues[queue_name], timeout, begin)


class _MemoryConsumer(dramatiq.Consumer):
    """Gives messages of one queue; what was given is settled whatever happens."""

    def __init__(
        self,
        queue: Queue[dramatiq.Message[Any]],
        timeout: int,
        begin: Callable[[], None],
    ) -> None:
        self._queue = queue
        self._timeout_s = timeout / MILLISECONDS
        self._begin = begin

    def __next__(self) -> dramatiq.MessageProxy | None:
        """Give the next message, or None when none came in time."""
        self._begin()
        try:
            return dramatiq.MessageProxy(self._queue.get(timeout=self._timeout_s))
        except Empty:
            return None

    def ack(self, message: dramatiq.MessageProxy) -> None:
        """Forget the message, as it was forgotten when it was given."""

    nack = ack

    def requeue(self, messages: Iterable[dramatiq.MessageProxy]) -> None:
        """Drop what a stopping worker had prefetched: its process ends as well."""

    def close(self) -> None:
        """Nothing is held open."""


class MemoryMailbox:
    """The aggregator's queue in memory."""

    def __init__(self) -> None:
        self._waiting: deque[Event] = deque()
        self._unacknowledged: list[Event] = []
        self._arrived = threading.Condition()
        self._looks_soon = False

    def put(self, event: Event) -> None:
        """Add an event; a start does not wake a reader that looks soon anyway."""
        with self._arrived:
            self._waiting.append(event)
            if not (self._looks_soon and isinstance(event, TaskStarted)):
                self._arrived.notify()

    def drain(self, *, limit: int, timeout_s: float) -> list[Event]:
        """Give what is there, waiting up to `timeout_s` for the first event."""
        with self._arrived:
            if not self._waiting:
                self._looks_soon = timeout_s <= SOON_S
                self._arrived.wait(timeout_s)
            number = min(limit, len(self._waiting))
            events = [self._waiting.popleft() for _ in range(number)]
        self._unacknowledged += events
        return events

    def ack(self) -> None:
        """Forget what was drained."""
        self._unacknowledged.clear()

    def nack(self) -> None:
        """Put what was drained back in front."""
        with self._arrived:
            self._waiting.extendleft(reversed(self._unacknowledged))
        self._unacknowledged.clear()

    def caught_up(self) -> bool:
        """Say whether nothing waits."""
        return not self._waiting

    def close(self) -> None:
        """Put what was drained back; nothing is held open."""
        self.nack()


class MemoryTransport:
    """`Transport` within one process, over a `MemoryBroker`."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker
        self._mailbox = MemoryMailbox()
        self._listeners: dict[JobId, list[NoticeListener]] = {}
        self._lock = threading.Lock()

    @property
    def connected(self) -> bool:
        """Memory is always there."""
        return True

    @property
    def remote(self) -> bool:
        """Nothing is outside."""
        return False

    def publish_event(
        self, event: Event, *, on_confirm: OnConfirm | None = None
    ) -> None:
        """Hand an event to the aggregator, which has it at once."""
        self._mailbox.put(event)
        if on_confirm is not None:
            on_confirm(True)

    def mailbox(self) -> MemoryMailbox:
        """Give the aggregator's queue."""
        return self._mailbox

    def send(self, commands: Sequence[Command]) -> None:
        """Put commands on the queues of their actors."""
        for command in commands:
            self._broker.enqueue(as_message(command))

    def publish_notice(self, notice: JobNotice) -> None:
        """Call everyone who watches the job."""
        with self._lock:
            listeners = tuple(self._listeners.get(notice.job_id, ()))
        for listener in listeners:
            listener(notice)

    def publish_lifecycle(self, entries: Sequence[LogEntry], owner: Owner) -> None:
        """Tell nobody: there is no way to listen from outside the process."""

    def close(self) -> None:
        """Nothing is held open."""

    def subscribe(self, job_id: JobId, listener: NoticeListener) -> Callable[[], None]:
        """Hear a job's notices until the returned function is called."""
        with self._lock:
            self._listeners.setdefault(job_id, []).append(listener)

        def unsubscribe() -> None:
            with self._lock:
                listeners = self._listeners.get(job_id, [])
                if listener in listeners:
                    listeners.remove(listener)
                if not listeners:
                    self._listeners.pop(job_id, None)

        return unsubscribe
