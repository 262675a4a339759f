"""The broker goes away, refuses, or is in need: nothing is lost, nobody hangs."""

import itertools
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

from service.clock import SystemClock
from service.errors import TransientError
from service.messages import (
    Command,
    Event,
    JobNotice,
    TaskCompleted,
    TaskReturned,
    WorkerHeartbeat,
)
from service.transport import Mailbox
from service.transport.outgoing import WAITING_EVENTS
from service.transport.rabbitmq import RabbitmqTransport
from tests.contract.transport_contract import (
    JOB,
    NOW,
    OWNER,
    drain,
    process_document,
    start_batch,
    started,
)
from tests.integration.rabbitmq.conftest import HireCrew
from tests.servers.rabbitmq import RabbitmqServer
from tests.support import eventually

NOWHERE = "amqp://guest:guest@127.0.0.1:9/x"
"""The discard port: nobody listens there."""


def all_of(mailbox: Mailbox, number: int, kind: Any = Event) -> Callable[[], bool]:
    """Say when each of `number` tasks was heard of, as often as it likes."""
    seen: set[str] = set()
    wanted = {started(each).task_id for each in range(number)}

    def arrived() -> bool:
        events = mailbox.drain(limit=500, timeout_s=0.1)
        mailbox.ack()
        seen.update(getattr(e, "task_id", "") for e in events if isinstance(e, kind))
        return seen >= wanted

    return arrived


def test_a_killed_broker_loses_nothing_and_everybody_comes_back(
    own_rabbitmq: RabbitmqServer,
    rabbitmq_url: str,
    transport: RabbitmqTransport,
    mailbox: Mailbox,
    hire: HireCrew,
) -> None:
    heard: list[JobNotice] = []
    transport.subscribe(JOB, heard.append)
    crew = hire(lambda _: None, threads=4)
    eventually(crew.watchdog.ready)
    notice = JobNotice(job_id=JOB, owner=OWNER)
    transport.send([process_document(number) for number in range(100)])
    ended = all_of(mailbox, 100, TaskCompleted | TaskReturned)
    ended()
    own_rabbitmq.node.kill()
    try:
        eventually(lambda: not transport.connected)
        eventually(lambda: not crew.watchdog.ready())
        with pytest.raises(TransientError):
            transport.send([start_batch()])
        confirmed: list[bool] = []
        for number in range(100):
            transport.publish_event(started(number), on_confirm=confirmed.append)
        transport.publish_notice(notice)
        # What had arrived and was not acknowledged is forgotten: it comes again.
        eventually(lambda: mailbox.drain(limit=10, timeout_s=0.05) == [])
        assert not mailbox.caught_up()
        assert crew.watchdog.healthy()
    finally:
        own_rabbitmq.node.start()
    eventually(ended, timeout_s=30)
    eventually(lambda: confirmed == [True] * 100)
    eventually(crew.watchdog.ready, timeout_s=20)
    assert not crew.ended.is_set()
    transport.send([start_batch()])

    def hears() -> bool:
        transport.publish_notice(notice)
        return bool(heard)

    eventually(hears, timeout_s=20)


def test_cut_connections_lose_no_event(
    own_rabbitmq: RabbitmqServer,
    rabbitmq_vhost: str,
    transport: RabbitmqTransport,
    mailbox: Mailbox,
) -> None:
    number = 3_000
    confirmed: list[bool] = []
    cut = threading.Thread(
        target=own_rabbitmq.node.close_all_connections, args=(rabbitmq_vhost,)
    )
    arrived = all_of(mailbox, number)
    pause = threading.Event()
    cut.start()
    for each in range(number):
        transport.publish_event(started(each), on_confirm=confirmed.append)
        if not each % 50:
            pause.wait(0.05)
            arrived()
    cut.join()
    eventually(arrived, timeout_s=20)
    eventually(lambda: confirmed == [True] * number)
    eventually(mailbox.caught_up)


def test_cut_connections_lose_no_document(
    own_rabbitmq: RabbitmqServer,
    rabbitmq_vhost: str,
    transport: RabbitmqTransport,
    mailbox: Mailbox,
    hire: HireCrew,
) -> None:
    begun, cut = itertools.count(1), threading.Event()

    def half_before_the_cut(_: Command) -> None:
        if next(begun) > 50:
            cut.wait(30)

    hire(half_before_the_cut, threads=2)
    transport.send([process_document(number) for number in range(100)])
    assert drain(mailbox, 10)
    mailbox.nack()
    own_rabbitmq.node.close_all_connections(rabbitmq_vhost)
    cut.set()
    eventually(all_of(mailbox, 100), timeout_s=30)
    eventually(lambda: own_rabbitmq.count(rabbitmq_vhost, "documents") == 0)


def test_an_alarm_of_the_broker_delays_and_loses_nothing(
    own_rabbitmq: RabbitmqServer,
    transport: RabbitmqTransport,
    mailbox: Mailbox,
    hire: HireCrew,
) -> None:
    go_on = threading.Event()

    def wait(_: Command) -> None:
        go_on.wait(30)

    hire(wait)
    transport.send([process_document(1), process_document(2)])
    assert drain(mailbox, 2)
    mailbox.ack()
    confirmed: list[bool] = []
    with own_rabbitmq.node.memory_alarm():
        go_on.set()
        transport.publish_event(started(0), on_confirm=confirmed.append)
        eventually(lambda: not transport.connected)
        with pytest.raises(TransientError):
            transport.send([start_batch()])
        assert mailbox.drain(limit=10, timeout_s=0.3) == []
        assert confirmed == []
    ended: list[str] = []

    def all_ended() -> bool:
        ended.extend(
            event.task_id
            for event in mailbox.drain(limit=10, timeout_s=0.1)
            if isinstance(event, TaskCompleted)
        )
        return len(ended) == 2

    eventually(all_ended, timeout_s=30)
    eventually(lambda: confirmed == [True])
    mailbox.ack()
    transport.send([start_batch()])


def test_commands_that_an_alarm_holds_up_are_refused_at_once(
    own_rabbitmq: RabbitmqServer, transport: RabbitmqTransport
) -> None:
    def send() -> None:
        transport.send([start_batch()])

    with own_rabbitmq.node.memory_alarm(), pytest.raises(TransientError):
        eventually(send)  # The alarm comes a moment after it was asked for.
    eventually(lambda: transport.connected)


def test_an_event_without_a_queue_is_refused_and_the_queue_made_again(
    rabbitmq_server: RabbitmqServer,
    rabbitmq_vhost: str,
    rabbitmq_url: str,
) -> None:
    counted: list[str] = []
    transport = RabbitmqTransport(
        rabbitmq_url, clock=SystemClock(), count=counted.append
    )
    transport.start()
    with rabbitmq_server.channel(rabbitmq_vhost) as channel:
        channel.queue_delete("docmill.aggregator")
    confirmed: list[bool] = []
    transport.publish_event(started(1), on_confirm=confirmed.append)
    eventually(lambda: confirmed == [False])
    assert counted == ["unroutable"]
    transport.publish_event(started(2), on_confirm=confirmed.append)
    eventually(lambda: confirmed == [False, True])
    mailbox = transport.mailbox()
    assert drain(mailbox, 1) == [started(2)]
    transport.close()


def test_a_mailbox_whose_queue_is_deleted_reads_the_new_one(
    rabbitmq_server: RabbitmqServer,
    rabbitmq_vhost: str,
    transport: RabbitmqTransport,
    mailbox: Mailbox,
) -> None:
    transport.publish_event(started(1))
    assert drain(mailbox, 1)
    mailbox.ack()
    with rabbitmq_server.channel(rabbitmq_vhost) as channel:
        channel.queue_delete("docmill.aggregator")

    def arrives() -> bool:
        transport.publish_event(started(2))
        return mailbox.drain(limit=1, timeout_s=0.2) == [started(2)]

    eventually(arrives)


def test_an_idle_publisher_still_publishes(rabbitmq_url: str, mailbox: Mailbox) -> None:
    transport = RabbitmqTransport(f"{rabbitmq_url}?heartbeat=1", clock=SystemClock())
    transport.start()
    mailbox.drain(limit=1, timeout_s=4)  # Twice what a silent connection lives.
    confirmed: list[bool] = []
    transport.publish_event(started(1), on_confirm=confirmed.append)
    eventually(lambda: confirmed == [True])
    assert drain(mailbox, 1) == [started(1)]
    transport.close()


def test_without_a_broker_what_waits_is_bounded_and_given_up_at_the_end() -> None:
    counted: list[str] = []
    transport = RabbitmqTransport(NOWHERE, clock=SystemClock(), count=counted.append)
    transport.start()
    assert not transport.connected
    confirmed: list[bool] = []
    beat = WorkerHeartbeat(
        message_id="m",
        owner=OWNER,
        occurred_at=NOW,
        worker_id="w",
        queue="documents",
        slots=1,
    )
    transport.publish_event(beat, on_confirm=confirmed.append)
    assert confirmed == [False]
    for _ in range(WAITING_EVENTS):
        transport.publish_event(started(1), on_confirm=confirmed.append)
    assert confirmed == [False]
    transport.publish_event(started(1), on_confirm=confirmed.append)
    assert confirmed == [False, False]
    assert counted == ["given_up", "given_up"]
    with pytest.raises(TransientError):
        transport.send([start_batch()])
    transport.close()
    assert confirmed == [False] * (WAITING_EVENTS + 2)
    transport.publish_event(started(1), on_confirm=confirmed.append)
    assert len(confirmed) == WAITING_EVENTS + 3


def test_another_address_is_tried_when_one_is_dead(rabbitmq_url: str) -> None:
    with ExitStack() as closing:
        for _ in range(3):
            transport = RabbitmqTransport(
                f"{NOWHERE}; {rabbitmq_url}", clock=SystemClock()
            )
            closing.callback(transport.close)
            transport.start()
            assert transport.connected


def test_what_was_published_last_is_safe_after_closing(
    rabbitmq_url: str, mailbox: Mailbox
) -> None:
    transport = RabbitmqTransport(rabbitmq_url, clock=SystemClock())
    transport.start()
    for number in range(2_000):
        transport.publish_event(started(number))
    transport.close()
    assert len(drain(mailbox, 2_000)) == 2_000
    mailbox.ack()
