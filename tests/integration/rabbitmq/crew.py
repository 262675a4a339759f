"""A worker process in small: Dramatiq on RabbitMQ around a function of the test."""

import threading
from collections.abc import Callable
from typing import Any

import dramatiq

from actors import app as actor_app
from actors.middleware import AtWork, Lifecycle, say
from actors.reply import about
from actors.watchdog import Watchdog
from actors.worker import Worker
from service.clock import SystemClock
from service.messages import (
    Command,
    ProcessDocument,
    TaskCompleted,
    command_from_builtins,
)
from service.transport.rabbitmq import RabbitmqTransport

CLOCK = SystemClock()
Work = Callable[[Command], None]


class Crew:
    """Runs `work` for every command of the two queues and reports its completion."""

    def __init__(
        self,
        url: str,
        work: Work,
        *,
        threads: int = 2,
        queue: str = ProcessDocument.queue,
    ) -> None:
        self.incidents: list[str] = []
        self.transport = RabbitmqTransport(
            url, clock=CLOCK, count=self.incidents.append
        )
        self.transport.start()
        self.broker = self.transport.dramatiq_broker()
        self.ended = threading.Event()
        self.watchdog = Watchdog(
            connected=lambda: self.transport.connected, clock=CLOCK, end=self.ended.set
        )
        publish = self.transport.publish_event
        lifecycle = Lifecycle(
            publish=publish, clock=CLOCK, worker_id="crew", at_work=AtWork()
        )
        for middleware in actor_app.middleware(lifecycle, self.watchdog):
            self.broker.add_middleware(middleware)

        def run(command: dict[str, Any]) -> None:
            decoded = command_from_builtins(command)
            work(decoded)
            completed = TaskCompleted(
                **about(decoded, CLOCK), worker_id="crew", processing_s=0.0
            )
            say(publish, completed)

        for name, its_queue in (
            ("process_document", ProcessDocument.queue),
            ("start_batch", "batches"),
            ("finish_batch", "batches"),
        ):
            dramatiq.actor(actor_name=name, queue_name=its_queue, broker=self.broker)(
                run
            )
        self.worker = Worker(self.broker, queue=queue, threads=threads, idle_s=0.1)

    def start(self) -> "Crew":
        """Begin to work."""
        self.broker.emit_after("process_boot")
        self.worker.start()
        return self

    def stop(self) -> None:
        """Finish what is at work, and disconnect."""
        self.worker.stop(timeout=20_000)
        self.broker.close()
        self.transport.close()
