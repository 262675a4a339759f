"""Ends a worker that cannot work any more, and says whether it can.

Dramatiq never replaces a worker thread that died, and a consumer may hang while the
process looks alive. A broker that is away is no reason to die: the worker is unready
until it is back.
"""

import os
import threading
from collections.abc import Callable
from typing import Final

import dramatiq

from service.clock import Clock
from service.logs import get_logger
from service.transport.consumer import DocmillConsumer

LOOK_S: Final = 1.0
"""How often it looks."""
CONSUMER_DOWN_S: Final = 60.0
"""A consumer without a connection for longer, while the process has one, hangs."""
EXIT_CODE: Final = 70
"""EX_SOFTWARE of sysexits.h."""


def end_process() -> None:
    """End at once, without waiting for threads that may never end."""
    os._exit(EXIT_CODE)


class Watchdog(dramatiq.Middleware):
    """Looks after the threads of Dramatiq's worker in this process.

    Args:
        connected: Whether the process has a connection to the broker at all.
        clock: Time.
        end: Ends the process.
    """

    def __init__(
        self,
        *,
        connected: Callable[[], bool],
        clock: Clock,
        end: Callable[[], None] = end_process,
    ) -> None:
        self._connected = connected
        self._clock = clock
        self._end = end
        self._log = get_logger(__name__)
        self._worker: dramatiq.Worker | None = None
        self._stopping = threading.Event()
        self._down_since_s: float | None = None

    def after_worker_boot(
        self, broker: dramatiq.Broker, worker: dramatiq.Worker
    ) -> None:
        """Begin to look."""
        self._worker = worker
        threading.Thread(target=self._run, name="watchdog", daemon=True).start()

    def before_worker_shutdown(
        self, broker: dramatiq.Broker, worker: dramatiq.Worker
    ) -> None:
        """Stop looking: threads end now, and should."""
        self._stopping.set()

    def healthy(self) -> bool:
        """Whether every thread lives that has to."""
        if self._stopping.is_set() or self._worker is None:
            return True
        threads = (*self._worker.workers, *self._worker.consumers.values())
        return all(thread.is_alive() for thread in threads)

    def ready(self) -> bool:
        """Whether messages come in and what is said of them goes out."""
        return (
            self._worker is not None
            and not self._stopping.is_set()
            and self.healthy()
            and self._connected()
            and self._consuming(self._worker)
        )

    def _consuming(self, worker: dramatiq.Worker) -> bool:
        consumers = [thread.consumer for thread in worker.consumers.values()]
        return bool(consumers) and all(
            each.connected if isinstance(each, DocmillConsumer) else each is not None
            for each in consumers
        )

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_S):
            if not self.healthy():
                self._log.critical("worker_thread_died")
            elif self._hangs():
                self._log.critical("consumer_hangs", seconds=CONSUMER_DOWN_S)
            else:
                continue
            if not self._stopping.is_set():
                self._end()
            return

    def _hangs(self) -> bool:
        """Say whether a consumer is down for long although the broker is there."""
        assert self._worker is not None
        if self._consuming(self._worker) or not self._connected():
            self._down_since_s = None
            return False
        now_s = self._clock.monotonic()
        if self._down_since_s is None:
            self._down_since_s = now_s
        return now_s - self._down_since_s > CONSUMER_DOWN_S
