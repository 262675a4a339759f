"""Everything that crosses between the parts, behind one protocol.

`memory` serves one process; a broker-backed transport serves many. Only the kind of
delivery differs, never the meaning: at least once, in no promised order.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from service.domain.model import JobId
from service.messages import Command, Event, JobNotice

NoticeListener = Callable[[JobNotice], None]
"""Called on the publisher's thread; must only hand the notice on."""


class Mailbox(Protocol):
    """The aggregator's one queue of events."""

    def drain(self, *, limit: int, timeout_s: float) -> list[Event]:
        """Wait for events and give what one read delivers, oldest first.

        Returns as soon as there is anything; never waits to fill up. Everything given
        stays unacknowledged until `ack`.

        Args:
            limit: Most events to give.
            timeout_s: Longest wait for the first one; then the list is empty.
        """
        ...

    def ack(self) -> None:
        """Acknowledge all that was drained since the last `ack` or `nack`."""
        ...

    def nack(self) -> None:
        """Put all that was drained since the last `ack` back, to be drained again."""
        ...


class Transport(Protocol):
    """Ways in and out of one process. Every method may be called on any thread."""

    def publish_event(self, event: Event) -> None:
        """Hand an event to the aggregator; returns once it is safe with the broker.

        Raises:
            TransientError: The broker did not confirm it.
        """
        ...

    def mailbox(self) -> Mailbox:
        """Give the aggregator's queue; there is one reader at a time."""
        ...

    def send(self, commands: Sequence[Command]) -> None:
        """Put commands on the queues of their actors, confirmed.

        Raises:
            TransientError: Not all were confirmed; sending them again is harmless.
        """
        ...

    def publish_notice(self, notice: JobNotice) -> None:
        """Tell watching gateways about a commit; lossy, never raises."""
        ...

    def subscribe(self, job_id: JobId, listener: NoticeListener) -> Callable[[], None]:
        """Hear a job's notices until the returned function is called."""
        ...
