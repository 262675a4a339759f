import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dramatiq

from actors.watchdog import CONSUMER_DOWN_S, Watchdog
from service.transport.memory import MemoryBroker
from tests.support import ManualClock, eventually


@contextmanager
def watched(watchdog: Watchdog, *, queue: str) -> Iterator[dramatiq.Worker]:
    """Run a worker of the queue ``there`` that is told to serve `queue`."""
    broker = MemoryBroker()
    broker.declare_queue("there")
    broker.add_middleware(watchdog)
    worker = dramatiq.Worker(
        broker, queues={queue}, worker_threads=1, worker_timeout=50
    )
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def test_a_worker_is_ready_while_it_consumes_and_the_broker_is_there() -> None:
    there = threading.Event()
    watchdog = Watchdog(connected=there.is_set, clock=ManualClock())
    assert watchdog.healthy()
    assert not watchdog.ready()
    with watched(watchdog, queue="there"):
        assert not watchdog.ready()
        there.set()
        eventually(watchdog.ready)
        assert watchdog.healthy()
    assert not watchdog.ready()


def test_a_consumer_that_stays_away_from_a_broker_that_is_there_ends_the_process() -> (
    None
):
    clock, ended, asked = ManualClock(), threading.Event(), threading.Event()

    def connected() -> bool:
        asked.set()
        return True

    watchdog = Watchdog(connected=connected, clock=clock, end=ended.set)
    with watched(watchdog, queue="elsewhere"):
        assert asked.wait(10)

        def has_ended() -> bool:
            clock.advance(CONSUMER_DOWN_S + 1)
            return ended.wait(0.1)

        eventually(has_ended)
        assert watchdog.healthy()
        assert not watchdog.ready()


def test_a_broker_that_is_away_ends_nobody() -> None:
    clock, ended = ManualClock(), threading.Event()
    asked: list[int] = []

    def connected() -> bool:
        asked.append(1)
        clock.advance(CONSUMER_DOWN_S + 1)
        return False

    watchdog = Watchdog(connected=connected, clock=clock, end=ended.set)
    with watched(watchdog, queue="elsewhere"):
        eventually(lambda: len(asked) >= 3)
        assert not ended.is_set()
