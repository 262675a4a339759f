"""The baseline of the stack: Dramatiq as it comes, sending and running messages."""

import multiprocessing
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event, Semaphore

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker

from benchmarks import processes
from tools.stack.rabbitmq import Rabbitmq
from tools.stack.waiting import HOST

_QUEUE = "empty"
_NAME = "bench"
"""Of its virtual host and user."""
_STARTS_S = 30.0
_ENDS_S = 120.0


class DramatiqRun:
    """Worker processes that wait for messages, and a process that sends them."""

    def __init__(
        self, members: list[BaseProcess], orders: Connection, ended: Semaphore
    ) -> None:
        self._members = members
        self._orders = orders
        self._ended = ended

    def run(self, messages: int) -> float:
        """Send messages, each confirmed; give the seconds until all have run.

        Raises:
            TimeoutError: They have not.
        """
        began = time.perf_counter()
        self._orders.send(messages)
        for _ in range(messages):
            if not self._ended.acquire(timeout=_ENDS_S):
                raise TimeoutError(_QUEUE)
        return time.perf_counter() - began

    def cpu_s(self) -> float:
        """Give the CPU seconds of the workers and the sender so far."""
        pids = [each.pid for each in self._members]
        return sum(processes.cpu_s(pid) for pid in pids if pid is not None)


@contextmanager
def dramatiq_workers(
    rabbitmq: Rabbitmq, workers: int, threads: int
) -> Iterator[DramatiqRun]:
    """Run Dramatiq's own workers on a virtual host of their own."""
    url = _own_url(rabbitmq)
    context = multiprocessing.get_context("spawn")
    ended, started, stopping = (
        context.Semaphore(0),
        context.Semaphore(0),
        context.Event(),
    )
    here, there = context.Pipe()
    members: list[BaseProcess] = [
        context.Process(target=_work, args=(url, threads, started, ended, stopping))
        for _ in range(workers)
    ]
    members.append(context.Process(target=_send, args=(url, ended, started, there)))
    try:
        for each in members:
            each.start()
        for _ in members:
            if not started.acquire(timeout=_STARTS_S):
                raise TimeoutError(_NAME)
        yield DramatiqRun(members, here, ended)
    finally:
        stopping.set()
        here.send(0)
        for each in members:
            each.join(_STARTS_S)
            each.kill()


def _own_url(rabbitmq: Rabbitmq) -> str:
    password = secrets.token_urlsafe(12)
    rabbitmq.control("add_vhost", _NAME)
    rabbitmq.control("add_user", _NAME, password)
    rabbitmq.control("set_permissions", "-p", _NAME, _NAME, ".*", ".*", ".*")
    return f"amqp://{_NAME}:{password}@{HOST}:{rabbitmq.port}/{_NAME}"


def _actor(url: str, ended: Semaphore) -> "dramatiq.Actor[[], None]":
    def nothing() -> None:
        ended.release()

    broker = RabbitmqBroker(url=url, confirm_delivery=True)
    return dramatiq.actor(broker=broker, queue_name=_QUEUE)(nothing)


def _work(
    url: str, threads: int, started: Semaphore, ended: Semaphore, stopping: Event
) -> None:
    worker = dramatiq.Worker(_actor(url, ended).broker, worker_threads=threads)
    worker.start()
    started.release()
    stopping.wait()
    worker.stop()


def _send(url: str, ended: Semaphore, started: Semaphore, orders: Connection) -> None:
    actor = _actor(url, ended)
    started.release()
    while messages := orders.recv():
        for _ in range(messages):
            actor.send()
