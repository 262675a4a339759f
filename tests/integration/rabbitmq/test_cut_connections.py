"""What a worker does when its connection is cut, or an end is cut short."""

import threading
from collections.abc import Callable

from dramatiq.middleware import TimeLimitExceeded

from actors.draining import take_no_more
from actors.middleware import say
from actors.reply import about
from service.messages import Command, TaskCompleted, TaskEvent, TaskReturned
from service.transport import OnConfirm
from service.transport.consumer import DocmillConsumer
from service.transport.rabbitmq import RabbitmqTransport
from tests.contract.transport_contract import process_document
from tests.integration.rabbitmq.conftest import HireCrew, Listener
from tests.integration.rabbitmq.crew import CLOCK
from tests.servers.rabbitmq import RabbitmqServer
from tests.support import eventually


def test_what_was_fetched_before_a_cut_connection_is_left_to_the_broker(
    own_rabbitmq: RabbitmqServer,
    rabbitmq_vhost: str,
    transport: RabbitmqTransport,
    listener: Listener,
    hire: HireCrew,
    left: Callable[[], int],
) -> None:
    going_on = threading.Event()
    begun: list[Command] = []

    def work(command: Command) -> None:
        begun.append(command)
        assert going_on.wait(30)

    crew = hire(work)  # of two threads, so it is given four
    transport.send([process_document(number) for number in range(4)])
    eventually(lambda: len(begun) == 2 and crew.worker.work_queue.qsize() == 2)
    own_rabbitmq.node.close_all_connections(rabbitmq_vhost)
    eventually(lambda: not crew.watchdog.ready())
    eventually(crew.watchdog.ready, timeout_s=20)
    going_on.set()
    eventually(lambda: len(listener.tasks(TaskReturned)) == 4, timeout_s=20)
    assert len(begun) == 2
    crew.worker.stop()
    assert left() == 0


def test_a_stopping_worker_takes_nothing_on_a_connection_made_anew(
    own_rabbitmq: RabbitmqServer,
    rabbitmq_vhost: str,
    transport: RabbitmqTransport,
    hire: HireCrew,
    left: Callable[[], int],
) -> None:
    going_on = threading.Event()
    begun: list[Command] = []

    def work(command: Command) -> None:
        begun.append(command)
        assert going_on.wait(30)

    crew = hire(work)
    transport.send([process_document(number) for number in range(2)])
    eventually(lambda: len(begun) == 2)
    take_no_more(crew.worker)
    own_rabbitmq.node.close_all_connections(rabbitmq_vhost)
    eventually(lambda: not crew.watchdog.ready())
    eventually(crew.watchdog.ready, timeout_s=20)
    eventually(lambda: transport.connected)
    transport.send([process_document(number) for number in range(10, 14)])
    [thread] = crew.worker.consumers.values()
    assert isinstance(thread.consumer, DocmillConsumer)
    assert thread.consumer.wait_taken_all(wait_s=5)
    assert crew.worker.work_queue.qsize() == 0
    going_on.set()
    crew.worker.stop()
    assert len(begun) == 2
    assert left() == 6


def test_an_end_of_which_nobody_knows_whether_it_was_said_comes_again(
    transport: RabbitmqTransport, listener: Listener, hire: HireCrew
) -> None:
    def too_late(event: TaskEvent, *, on_confirm: OnConfirm | None = None) -> None:
        raise TimeLimitExceeded

    def work(command: Command) -> None:
        completed = TaskCompleted(
            **about(command, CLOCK), worker_id="crew", processing_s=0.0
        )
        say(too_late, completed)

    hire(work)
    transport.send([process_document(1)])
    [end] = eventually(listener.ends)
    assert isinstance(end, TaskReturned)
    assert end.reason == "redelivered"
