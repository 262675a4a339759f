"""Losses of Dramatiq's own classes, reproduced, each beside what ours do instead.

A reproduction that no longer loses anything says that Dramatiq has changed: then see
what of ours may go.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import dramatiq
import pytest
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Retries, TimeLimit

from actors import app as actor_app
from actors.middleware import AtWork, Lifecycle
from service.clock import SystemClock
from service.errors import TransientError
from service.messages import (
    Event,
    TaskCompleted,
    TaskFailed,
    TaskReturned,
    TaskStarted,
)
from service.transport import OnConfirm
from service.transport.dramatiq_message import as_message
from service.transport.memory import MemoryBroker
from service.transport.rabbitmq import RabbitmqTransport
from tests.contract.transport_contract import process_document
from tests.integration.rabbitmq.conftest import HireCrew
from tests.servers.rabbitmq import RabbitmqServer
from tests.support import eventually

CLOCK = SystemClock()
QUEUE = "documents"
MakeBroker = Callable[..., RabbitmqBroker]


@pytest.fixture
def stock(rabbitmq_url: str) -> Iterator[MakeBroker]:
    """Makes Dramatiq's own brokers."""
    brokers: list[RabbitmqBroker] = []

    def make(*middleware: dramatiq.Middleware, **options: Any) -> RabbitmqBroker:
        broker = RabbitmqBroker(
            url=rabbitmq_url, middleware=list(middleware), **options
        )
        brokers.append(broker)
        return broker

    yield make
    for broker in brokers:
        broker.close()


class TestAcknowledgingAfterAReconnect:
    """A slow document outlives its connection, and numbers begin again at 1."""

    def left_after(
        self,
        broker: dramatiq.Broker,
        send: Callable[[], None],
        server: RabbitmqServer,
        vhost: str,
    ) -> int:
        """Settle a message of a lost connection; give what the queue then holds."""
        first = broker.consume(QUEUE, prefetch=3, timeout=200)
        send()
        quick, slow, _ = (eventually(lambda: next(first)) for _ in range(3))
        assert quick is not None
        assert slow is not None
        confirm(quick)
        first.ack(quick)
        next(first)
        server.node.close_all_connections(vhost)
        with pytest.raises(dramatiq.errors.ConnectionClosed):
            eventually(lambda: next(first) and None)
        second = broker.consume(QUEUE, prefetch=3, timeout=200)
        for _ in range(2):
            eventually(lambda: next(second))
        confirm(slow)
        second.ack(slow)  # As Dramatiq's worker does: by the queue's consumer of now.
        next(second)
        second.close()
        return eventually(lambda: server.count(vhost, QUEUE))

    def test_the_stock_consumer_loses_another_message(
        self, own_rabbitmq: RabbitmqServer, rabbitmq_vhost: str, stock: MakeBroker
    ) -> None:
        broker = stock()

        def send() -> None:
            for number in range(3):
                broker.enqueue(message(number))

        assert self.left_after(broker, send, own_rabbitmq, rabbitmq_vhost) == 1

    def test_ours_settles_only_what_it_received_itself(
        self,
        own_rabbitmq: RabbitmqServer,
        rabbitmq_vhost: str,
        transport: RabbitmqTransport,
    ) -> None:
        broker = transport.dramatiq_broker()

        def send() -> None:
            transport.send([process_document(number) for number in range(3)])

        assert self.left_after(broker, send, own_rabbitmq, rabbitmq_vhost) == 2


class TestWhatFollowsAFailureIsRefused:
    """Dramatiq acknowledges a message whose retry could not be enqueued."""

    def test_the_stock_retries_lose_the_message(
        self, rabbitmq_server: RabbitmqServer, rabbitmq_vhost: str, stock: MakeBroker
    ) -> None:
        broker = stock(Retries(min_backoff=100), confirm_delivery=True)
        runs: list[int] = []

        def fail(number: int) -> None:
            runs.append(number)
            raise ValueError(number)

        actor = dramatiq.actor(queue_name=QUEUE, broker=broker)(fail)
        broker.declare_queue(QUEUE, ensure=True)
        rabbitmq_server.set_policy(
            rabbitmq_vhost,
            rf"^{QUEUE}\.DQ$",
            **{"max-length": 0, "overflow": "reject-publish"},
        )
        worker = dramatiq.Worker(broker, worker_threads=1, worker_timeout=100)
        worker.start()
        actor.send(1)
        eventually(lambda: runs)
        worker.stop()
        assert runs == [1]
        for queue in (QUEUE, f"{QUEUE}.DQ", f"{QUEUE}.XQ"):
            assert rabbitmq_server.count(rabbitmq_vhost, queue) == 0

    def test_ours_gives_the_message_back(
        self,
        rabbitmq_server: RabbitmqServer,
        rabbitmq_vhost: str,
        transport: RabbitmqTransport,
        hire: HireCrew,
    ) -> None:
        runs: list[object] = []

        def fail(command: object) -> None:
            runs.append(command)
            raise ValueError(command)

        rabbitmq_server.set_policy(
            rabbitmq_vhost,
            r"^docmill\.aggregator$",
            **{"max-length": 0, "overflow": "reject-publish"},
        )
        crew = hire(fail)
        transport.send([process_document(1)])
        eventually(lambda: runs)
        crew.worker.stop()
        assert len(runs) == 1
        assert rabbitmq_server.count(rabbitmq_vhost, QUEUE) == 1
        rabbitmq_server.clear_policy(rabbitmq_vhost)


class TestTheTimeLimitPassesDuringAHook:
    """The actor ends before its limit, and a hook after it takes long."""

    class SlowHook(dramatiq.Middleware):
        """Takes until after the limit, in steps of Python."""

        def __init__(self) -> None:
            self.ended = threading.Event()

        def after_process_message(self, *_: object, **__: object) -> None:
            pause = threading.Event()
            for _step in range(80):
                pause.wait(0.01)
            self.ended.set()

    def work(self, broker: dramatiq.Broker, *, fails: bool) -> dramatiq.Worker:
        """Begin with one message that ends at once and may take 400 ms."""
        self.runs: list[int] = []

        def process_document(*_: object) -> None:
            self.runs.append(1)
            if fails:
                raise ValueError

        dramatiq.actor(queue_name=QUEUE, broker=broker)(process_document)
        worker = dramatiq.Worker(broker, worker_threads=1, worker_timeout=50)
        broker.emit_after("process_boot")
        worker.start()
        broker.enqueue(message(1).copy(options={"time_limit": 400}))
        return worker

    @pytest.mark.filterwarnings(
        "ignore::pytest.PytestUnhandledThreadExceptionWarning"  # It is the loss.
    )
    def test_the_stock_order_loses_message_and_thread(self) -> None:
        hook = self.SlowHook()
        broker = StubBroker(middleware=[TimeLimit(interval=20), Retries(), hook])
        worker = self.work(broker, fails=True)
        eventually(lambda: not worker.workers[0].is_alive())
        assert not hook.ended.is_set()
        assert broker.queues[QUEUE].qsize() == 0
        worker.stop()

    @pytest.mark.parametrize("fails", [False, True])
    def test_in_our_order_it_harms_nothing(self, fails: bool) -> None:
        said: list[Event] = []

        def publish(event: Event, *, on_confirm: OnConfirm | None = None) -> None:
            said.append(event)

        lifecycle = Lifecycle(
            publish=publish, clock=CLOCK, worker_id="w", at_work=AtWork()
        )
        broker, hook = MemoryBroker(), self.SlowHook()
        for middleware in actor_app.middleware(lifecycle, hook):
            broker.add_middleware(middleware)
        worker = self.work(broker, fails=fails)
        assert hook.ended.wait(20)
        worker.stop()
        assert self.runs == [1]
        assert [type(event) for event in said] == [TaskStarted, TaskFailed][: 1 + fails]


class TestTheBrokerDoesNotTakeAMessage:
    """Without confirms, which Dramatiq leaves off, nobody hears of it.

    The same is lost after a silence in which the broker closed the connection
    (`test_outages.test_an_idle_publisher_still_publishes`), but not every time.
    """

    @pytest.fixture
    def full(
        self, rabbitmq_server: RabbitmqServer, rabbitmq_vhost: str
    ) -> Iterator[None]:
        rabbitmq_server.set_policy(
            rabbitmq_vhost,
            f"^{QUEUE}$",
            **{"max-length": 0, "overflow": "reject-publish"},
        )
        yield
        rabbitmq_server.clear_policy(rabbitmq_vhost)

    @pytest.mark.usefixtures("full")
    def test_the_stock_publisher_loses_it_in_silence(
        self, rabbitmq_server: RabbitmqServer, rabbitmq_vhost: str, stock: MakeBroker
    ) -> None:
        broker = stock()
        broker.declare_queue(QUEUE, ensure=True)
        broker.enqueue(message(1))
        assert rabbitmq_server.count(rabbitmq_vhost, QUEUE) == 0

    @pytest.mark.usefixtures("full")
    def test_ours_says_so(self, transport: RabbitmqTransport) -> None:
        with pytest.raises(TransientError):
            transport.send([process_document(1)])


class TestAWorkerStopsWithMessagesFetchedAhead:
    """In memory they are gone; on RabbitMQ they go back to the queue."""

    def test_the_stock_stub_broker_drops_them(self) -> None:
        broker = StubBroker(middleware=[])
        ran: list[int] = []
        begun, pause = threading.Event(), threading.Event()

        def work(number: int) -> None:
            ran.append(number)
            begun.set()
            pause.wait(0.2)

        actor = dramatiq.actor(queue_name=QUEUE, broker=broker)(work)
        for number in range(10):
            actor.send(number)
        worker = dramatiq.Worker(broker, worker_threads=2, worker_timeout=50)
        worker.start()
        assert begun.wait(5)
        pause.wait(0.1)
        worker.stop()
        assert len(ran) + broker.queues[QUEUE].qsize() < 10

    def test_ours_leaves_them_to_the_next_worker(
        self, transport: RabbitmqTransport, hire: HireCrew
    ) -> None:
        begun, pause = threading.Event(), threading.Event()

        def work(_: object) -> None:
            begun.set()
            pause.wait(0.2)

        crew = hire(work)
        transport.send([process_document(number) for number in range(10)])
        assert begun.wait(10)
        crew.worker.stop()
        hire(lambda _: None)
        mailbox = transport.mailbox()
        ended: set[str] = set()

        def all_ended() -> bool:
            events = mailbox.drain(limit=100, timeout_s=0.1)
            mailbox.ack()
            ended.update(
                event.task_id
                for event in events
                if isinstance(event, TaskCompleted | TaskReturned)
            )
            return len(ended) == 10

        eventually(all_ended)


def message(number: int) -> dramatiq.Message[Any]:
    """Give a command as Dramatiq's own classes take it."""
    return as_message(process_document(number))


def confirm(given: dramatiq.MessageProxy) -> None:
    """Say that the end of a message is safe, where somebody waits for that."""
    settlement = getattr(given, "settlement", None)
    if settlement is not None:
        settlement.void()
