"""Everything that crosses between the parts, behind one protocol.

`memory` serves one process; `rabbitmq` serves many. Only the kind of delivery differs,
never the meaning: at least once, in no promised order.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from service.domain.model import JobId, Owner
from service.messages import Command, Event, JobNotice, LogEntry

NoticeListener = Callable[[JobNotice], None]
"""Called on a thread of the transport; must only hand the notice on."""
OnConfirm = Callable[[bool], None]
"""Called once with True when the broker has an event, with False when it is given up.

On a thread of the transport, or before `publish_event` returns; must not block.
"""


class Mailbox(Protocol):
    """The aggregator's one queue of events."""

    def drain(self, *, limit: int, timeout_s: float) -> list[Event]:
        """Wait for events and give what one read delivers, oldest first.

        Returns as soon as there is anything; never waits to fill up. Everything given
        stays unacknowledged until `ack`. The first call begins the reading, and so
        does the first after `close`: a standby that does not drain takes nothing.

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

    def caught_up(self) -> bool:
        """Say whether everything that lay in the queue a moment ago was drained."""
        ...

    def close(self) -> None:
        """Stop reading; what was not acknowledged is for the next reader."""
        ...


class Transport(Protocol):
    """Ways in and out of one process. Every method may be called on any thread."""

    @property
    def connected(self) -> bool:
        """Whether the broker takes what is published, as far as is known."""
        ...

    @property
    def remote(self) -> bool:
        """Whether `send` may have to wait for somebody outside the process."""
        ...

    def publish_event(
        self, event: Event, *, on_confirm: OnConfirm | None = None
    ) -> None:
        """Hand an event to the aggregator; never waits for the broker, never raises."""
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

    def publish_lifecycle(self, entries: Sequence[LogEntry], owner: Owner) -> None:
        """Tell anybody who listens what was committed; lossy, never raises."""
        ...

    def subscribe(self, job_id: JobId, listener: NoticeListener) -> Callable[[], None]:
        """Hear a job's notices until the returned function is called."""
        ...

    def close(self) -> None:
        """Send what waits as far as the broker takes it at once, and disconnect."""
        ...
