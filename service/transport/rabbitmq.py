"""Transport between processes, over RabbitMQ."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Final
from weakref import WeakSet

from service.clock import Clock
from service.domain.model import JobId, Owner
from service.errors import SettingsError, TransientError
from service.logs import get_logger
from service.messages import (
    ENCODER,
    AcceptedFacts,
    Command,
    CommandRequested,
    Event,
    JobNotice,
    LogEntry,
    TaskCompleted,
    TaskFailed,
    TaskProgressed,
    TaskStarted,
    WorkerHeartbeat,
)
from service.transport import NoticeListener, OnConfirm
from service.transport.broker import DocmillBroker
from service.transport.declaring import declare_at
from service.transport.dramatiq_message import MILLISECONDS, encoded
from service.transport.link import parameters_of
from service.transport.mailbox import RabbitmqMailbox
from service.transport.notices import Notices
from service.transport.outgoing import Counter, Outgoing
from service.transport.publisher import Publisher
from service.transport.topology import (
    LIFECYCLE,
    PROGRESS,
    QueueType,
    Topology,
    topology,
)

PUBLISHER_HEARTBEAT_S: Final = 10.0
READER_HEARTBEAT_S: Final = 5.0
"""Short: what a stopped aggregator holds must soon be another's, and the broker
gives it up after two of these."""
WORKER_HEARTBEAT_S: Final = 30.0
"""Long: a busy worker may be late, and a cut connection means work done twice."""
FIRST_CONNECT_S: Final = 10.0
"""Longest wait for the first connection when starting."""
LOSSY: Final = (TaskProgressed, WorkerHeartbeat, CommandRequested)
"""Events of the moment: not kept for when the broker is back."""


class RabbitmqTransport:
    """`Transport` over RabbitMQ; one a process, made after it was forked.

    Args:
        urls: ``amqp://user:password@host:port/vhost``, several separated by ``;``.
        queue_type: Of the durable queues.
        clock: Time.
        count: Counts what went wrong, by kind.
        held: Another topology; for tests.

    Raises:
        SettingsError: A URL cannot be read.
    """

    def __init__(
        self,
        urls: str,
        *,
        clock: Clock,
        queue_type: QueueType | str = QueueType.CLASSIC,
        count: Counter = lambda _: None,
        held: Topology | None = None,
    ) -> None:
        self._urls = urls
        self._clock = clock
        self._count = count
        self._held = topology(queue_type) if held is None else held
        self._log = get_logger(__name__)
        try:
            parameters = parameters_of(urls, heartbeat_s=PUBLISHER_HEARTBEAT_S)
        except ValueError as error:
            raise SettingsError("DOCMILL_BROKER_URL is no AMQP address") from error
        self._parameters = parameters
        self._publisher = Publisher(parameters, self._held, count=count)
        self._notices = Notices(
            parameters_of(urls, heartbeat_s=PUBLISHER_HEARTBEAT_S), self._held
        )
        self._lock = threading.Lock()
        self._mailboxes: WeakSet[RabbitmqMailbox] = WeakSet()

    @property
    def connected(self) -> bool:
        """Whether messages go out and, where the mailbox is read, come in."""
        return self._publisher.connected and all(
            each.connected for each in self._readers()
        )

    @property
    def remote(self) -> bool:
        """The broker is."""
        return True

    def start(self) -> None:
        """Declare the topology and connect; without a broker, go on trying.

        Raises:
            SettingsError: The broker holds another topology.
        """
        # It reports every failed attempt as an error; `Link` says it once.
        logging.getLogger("pika").setLevel(logging.CRITICAL)
        try:
            declare_at(
                parameters_of(self._urls, heartbeat_s=PUBLISHER_HEARTBEAT_S),
                self._held,
            )
        except TransientError as error:
            self._log.warning("broker_away_at_start", error=error.message)
            self._publisher.start()
            return
        self._publisher.start()
        self._publisher.wait_connected(FIRST_CONNECT_S)

    def close(self) -> None:
        """Publish what waits if the broker takes it, and disconnect."""
        for mailbox in self._readers():
            mailbox.close()
        self._notices.close()
        self._publisher.close()

    def dramatiq_broker(self) -> DocmillBroker:
        """Give a broker for Dramatiq's worker on the same topology."""
        return DocmillBroker(
            parameters_of(self._urls, heartbeat_s=WORKER_HEARTBEAT_S), self._held
        )

    def publish_event(
        self, event: Event, *, on_confirm: OnConfirm | None = None
    ) -> None:
        """Have an event go to the aggregator with the next group."""
        body = ENCODER.encode(event)
        match event:
            case TaskStarted() if on_confirm is None:
                self._publisher.publish_start(body, event.task_id)
            case TaskCompleted() | TaskFailed():
                self._publisher.publish_event(
                    body, on_confirm, lossy=False, ends=event.task_id
                )
            case _:
                lossy = isinstance(event, LOSSY)
                self._publisher.publish_event(body, on_confirm, lossy=lossy)

    def mailbox(self) -> RabbitmqMailbox:
        """Give a reader of the aggregator's queue; it reads once it is drained."""
        mailbox = RabbitmqMailbox(
            parameters_of(self._urls, heartbeat_s=READER_HEARTBEAT_S),
            self._held,
            clock=self._clock,
            count=self._count,
        )
        with self._lock:
            self._mailboxes.add(mailbox)
        return mailbox

    def send(self, commands: Sequence[Command]) -> None:
        """Put commands on the queues of their actors and wait for all confirms.

        Raises:
            TransientError: Not all were confirmed; sending them again is harmless.
        """
        self._publisher.send([self._outgoing(command) for command in commands])

    def publish_notice(self, notice: JobNotice) -> None:
        """Tell the gateways that watch the job."""
        self._publisher.publish_notice(
            Outgoing(
                exchange=PROGRESS,
                routing_key=notice.job_id,
                body=ENCODER.encode(notice),
                persistent=False,
            )
        )

    def publish_lifecycle(self, entries: Sequence[LogEntry], owner: Owner) -> None:
        """Tell whoever bound a queue to the public exchange."""
        if not entries:
            return
        self._publisher.publish_notice(
            Outgoing(
                exchange=LIFECYCLE,
                routing_key="",
                body=ENCODER.encode(AcceptedFacts(owner=owner, rows=tuple(entries))),
                persistent=False,
            )
        )

    def subscribe(self, job_id: JobId, listener: NoticeListener) -> Callable[[], None]:
        """Hear a job's notices until the returned function is called."""
        return self._notices.subscribe(job_id, listener)

    def _readers(self) -> list[RabbitmqMailbox]:
        with self._lock:
            return list(self._mailboxes)

    def _outgoing(self, command: Command) -> Outgoing:
        expiration_ms = None
        if command.expires_at is not None:
            left_s = (command.expires_at - self._clock.now()).total_seconds()
            expiration_ms = max(1, round(left_s * MILLISECONDS))
        return Outgoing(
            exchange="",
            routing_key=command.queue,
            body=encoded(command),
            expiration_ms=expiration_ms,
        )
