"""When a worker's message is acknowledged, and what becomes of it otherwise."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dramatiq

from actors.draining import take_no_more
from service.messages import (
    Command,
    ProcessDocument,
    TaskCompleted,
    TaskFailed,
    TaskReturned,
    TaskStarted,
)
from service.transport.rabbitmq import RabbitmqTransport
from tests.contract.transport_contract import process_document, start_batch
from tests.integration.rabbitmq.conftest import HireCrew, Listener
from tests.integration.rabbitmq.crew import Crew
from tests.servers.rabbitmq import RabbitmqServer
from tests.support import eventually

ROOT = Path(__file__).parents[3]


def test_a_document_is_acknowledged_once_its_end_is_safe(
    transport: RabbitmqTransport,
    listener: Listener,
    hire: HireCrew,
    left: Callable[[], int],
) -> None:
    crew = hire(lambda _: None)
    transport.send([process_document(number) for number in range(50)])
    eventually(lambda: len(listener.tasks(TaskCompleted)) == 50)
    crew.worker.stop()
    assert left() == 0


def test_acknowledgements_wait_while_there_is_enough_to_do(
    transport: RabbitmqTransport, left: Callable[[], int]
) -> None:
    transport.send([process_document(number) for number in range(9)])
    consumer = transport.dramatiq_broker().consume("documents", prefetch=8, timeout=200)
    given = [eventually(lambda: next(consumer)) for _ in range(8)]

    def settle_one() -> None:
        message = given.pop()
        assert message is not None
        message.settlement.void()
        consumer.ack(message)

    settle_one()  # Seven are left, and four threads would work on four of them.
    assert next(consumer) is None
    settle_one()
    given.append(eventually(lambda: next(consumer)))
    while given:
        settle_one()
    consumer.close()
    assert left() == 0


def test_a_worker_that_stops_leaves_what_it_had_not_begun_to_others(
    transport: RabbitmqTransport, listener: Listener, hire: HireCrew
) -> None:
    going_on = threading.Event()
    begun: list[Command] = []

    def work(command: Command) -> None:
        begun.append(command)
        assert going_on.wait(30)

    crew = hire(work)  # of two threads, so it is given four
    transport.send([process_document(number) for number in range(6)])
    eventually(lambda: len(begun) == 2 and crew.worker.work_queue.qsize() == 2)
    assert take_no_more(crew.worker) == 2
    other = hire(lambda _: None)
    eventually(lambda: len(listener.tasks()) == 4)
    ended = {type(end).__name__ for end in listener.ends()}
    assert ended == {"TaskCompleted", "TaskReturned"}, "given to somebody before"
    going_on.set()
    eventually(lambda: len(listener.tasks()) == 6)
    assert len(begun) == 2
    crew.worker.stop()
    other.worker.stop()


def test_an_error_is_reported_and_acknowledged(
    transport: RabbitmqTransport,
    listener: Listener,
    hire: HireCrew,
    left: Callable[[], int],
) -> None:
    def fail(_: Command) -> None:
        raise ValueError("a bug")

    crew = hire(fail)
    transport.send([process_document(1)])
    [end] = eventually(listener.ends)
    assert isinstance(end, TaskFailed)
    assert end.code == "internal"
    crew.worker.stop()
    assert left() == 0


def test_a_redelivered_document_is_handed_back_unrun(
    transport: RabbitmqTransport,
    listener: Listener,
    hire: HireCrew,
    left: Callable[[], int],
) -> None:
    transport.send([process_document(1)])
    deliver_and_drop(transport.dramatiq_broker(), "documents")
    ran: list[Command] = []
    crew = hire(ran.append)
    [end] = eventually(listener.ends)
    assert isinstance(end, TaskReturned)
    assert (end.reason, end.generation) == ("redelivered", 1)
    assert ran == []
    assert not any(isinstance(event, TaskStarted) for event in listener.events)
    crew.worker.stop()
    assert left() == 0


def test_redelivered_planning_runs_again(
    transport: RabbitmqTransport, listener: Listener, hire: HireCrew
) -> None:
    transport.send([start_batch()])
    deliver_and_drop(transport.dramatiq_broker(), "batches")
    ran: list[Command] = []
    hire(ran.append, queue="batches")
    eventually(lambda: len(ran) == 1)
    eventually(lambda: listener.tasks(TaskCompleted))


def test_a_document_whose_end_is_refused_is_not_acknowledged(
    rabbitmq_server: RabbitmqServer,
    rabbitmq_vhost: str,
    transport: RabbitmqTransport,
    listener: Listener,
    hire: HireCrew,
) -> None:
    rabbitmq_server.set_policy(
        rabbitmq_vhost,
        r"^docmill\.aggregator$",
        **{"max-length": 0, "overflow": "reject-publish"},
    )
    crew = hire(lambda _: None)
    eventually(lambda: rabbitmq_server.get(f"/policies/{rabbitmq_vhost}"))
    transport.send([process_document(1)])
    eventually(lambda: "refused" in crew.incidents)
    assert listener.ends() == []
    rabbitmq_server.clear_policy(rabbitmq_vhost)
    end = eventually(lambda: listener.ends())[0]
    assert isinstance(end, TaskReturned)
    assert end.reason == "redelivered"


def test_an_expired_document_comes_back_as_a_dead_letter(
    transport: RabbitmqTransport, listener: Listener
) -> None:
    at_once = ProcessDocument(
        **{
            **_fields(process_document(1)),
            "expires_at": process_document(1).occurred_at,
        }
    )
    transport.send([at_once])
    [end] = eventually(listener.ends)
    assert isinstance(end, TaskReturned)
    assert (end.reason, end.until) == ("dead_lettered", None)


def test_a_command_that_workers_refuse_waits_before_it_comes_back(
    transport: RabbitmqTransport, listener: Listener
) -> None:
    transport.send([process_document(1)])
    consumer = transport.dramatiq_broker().consume("documents", timeout=200)
    message = eventually(lambda: next(consumer))
    assert message is not None
    consumer.nack(message)
    next(consumer)
    [end] = eventually(listener.ends)
    consumer.close()
    assert end.reason == "dead_lettered"
    assert end.until > end.occurred_at


def test_killed_workers_lose_no_document(
    rabbitmq_url: str,
    transport: RabbitmqTransport,
    listener: Listener,
    hire: HireCrew,
    left: Callable[[], int],
) -> None:
    number = 200
    transport.send([process_document(each) for each in range(number)])
    command = [sys.executable, "-m", "tests.integration.rabbitmq.doomed"]
    doomed = subprocess.Popen([*command, rabbitmq_url, "100"], cwd=ROOT)
    try:
        eventually(lambda: len(listener.tasks(TaskCompleted)) > 20, timeout_s=30)
    finally:
        doomed.kill()
        doomed.wait()
    crew = hire(lambda _: None)
    eventually(lambda: len(listener.tasks()) == number, timeout_s=30)
    returned = listener.tasks(TaskReturned)
    assert 1 <= len(returned) <= 2 * 4  # What was prefetched: twice its threads.
    crew.worker.stop()
    assert left() == 0


def test_a_stopping_worker_loses_nothing_that_it_fetched_ahead(
    transport: RabbitmqTransport,
    listener: Listener,
    hire: HireCrew,
    left: Callable[[], int],
) -> None:
    pause = threading.Event()
    begun = threading.Event()

    def slow(_: Command) -> None:
        begun.set()
        pause.wait(0.3)

    crew = hire(slow)
    transport.send([process_document(number) for number in range(10)])
    assert begun.wait(10)
    crew.worker.stop()
    ended = len(eventually(listener.ends))
    assert ended + left() == 10
    hire(lambda _: None)
    eventually(lambda: len(listener.tasks()) == 10)


def test_a_dead_worker_thread_ends_the_process(hire: HireCrew) -> None:
    crew: Crew = hire(lambda _: None)
    eventually(crew.watchdog.ready)
    assert crew.watchdog.healthy()
    crew.worker.workers[0].stop()
    assert crew.ended.wait(10)
    assert not crew.watchdog.healthy()


def test_a_worker_that_was_stopped_is_not_ended(hire: HireCrew) -> None:
    crew: Crew = hire(lambda _: None)
    eventually(crew.watchdog.ready)
    crew.worker.stop()
    assert crew.watchdog.healthy()
    assert not crew.watchdog.ready()
    assert not crew.ended.is_set()


def deliver_and_drop(broker: dramatiq.Broker, queue: str) -> None:
    """Receive a message and die."""
    consumer = broker.consume(queue, timeout=200)
    eventually(lambda: next(consumer))
    consumer.close()


def _fields(command: ProcessDocument) -> dict[str, Any]:
    return {name: getattr(command, name) for name in command.__struct_fields__}
