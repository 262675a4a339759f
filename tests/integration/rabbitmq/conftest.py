from collections.abc import Callable, Iterator
from typing import Any

import pytest

from service.messages import Event, TaskCompleted, TaskFailed, TaskReturned
from service.transport import Mailbox
from service.transport.rabbitmq import RabbitmqTransport
from tests.integration.rabbitmq.crew import CLOCK, Crew, Work
from tests.servers.rabbitmq import RabbitmqServer

HireCrew = Callable[..., Crew]
FINAL = TaskCompleted | TaskFailed | TaskReturned


class Listener:
    """Collects what workers say."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self.events: list[Event] = []

    def ends(self) -> list[Any]:
        self.events += self._mailbox.drain(limit=500, timeout_s=0.05)
        self._mailbox.ack()
        return [event for event in self.events if isinstance(event, FINAL)]

    def tasks(self, kind: Any = FINAL) -> set[str]:
        return {end.task_id for end in self.ends() if isinstance(end, kind)}


@pytest.fixture
def transport(rabbitmq_url: str) -> Iterator[RabbitmqTransport]:
    """A process that sends commands and reads the mailbox."""
    transport = RabbitmqTransport(rabbitmq_url, clock=CLOCK)
    transport.start()
    yield transport
    transport.close()


@pytest.fixture
def mailbox(transport: RabbitmqTransport) -> Mailbox:
    return transport.mailbox()


@pytest.fixture
def hire(rabbitmq_url: str) -> Iterator[HireCrew]:
    """Makes workers that are stopped at the end."""
    crews: list[Crew] = []

    def make(work: Work, *, threads: int = 2, queue: str = "documents") -> Crew:
        crew = Crew(rabbitmq_url, work, threads=threads, queue=queue)
        crews.append(crew)
        return crew.start()

    yield make
    for crew in crews:
        crew.stop()


@pytest.fixture
def listener(mailbox: Mailbox) -> Listener:
    return Listener(mailbox)


@pytest.fixture
def left(rabbitmq_server: RabbitmqServer, rabbitmq_vhost: str) -> Callable[[], int]:
    """Counts the documents that nobody was given, closed consumers' included."""
    return lambda: rabbitmq_server.count(rabbitmq_vhost, "documents")
