"""Dramatiq's worker, with a cheaper queue in front of its threads."""

from queue import SimpleQueue
from typing import Any, Final

import dramatiq
from dramatiq.worker import _WorkQueueItem

from service.transport.dramatiq_message import MILLISECONDS

IDLE_S: Final = 0.25
"""How long an idle worker thread waits before it looks whether to stop."""


class Worker(dramatiq.Worker):
    """Runs the actors of one queue, in order of arrival.

    Args:
        broker: Has the actors.
        queue: The one to serve.
        threads: How many messages are at work at once.
        idle_s: How long an idle thread waits before it looks whether to stop.
    """

    def __init__(
        self,
        broker: dramatiq.Broker,
        *,
        queue: str,
        threads: int,
        idle_s: float = IDLE_S,
    ) -> None:
        super().__init__(
            broker,
            queues={queue},
            worker_threads=threads,
            worker_timeout=round(idle_s * MILLISECONDS),
        )
        self.work_queue = WorkQueue()  # type: ignore[assignment]

    def take(self, message: dramatiq.MessageProxy) -> None:
        """Have a message worked on; its queue must be read already. Any thread."""
        self.work_queue.put(_WorkQueueItem(0, message))


class WorkQueue(SimpleQueue[Any]):
    """Hands messages from the thread that reads them to those that work on them.

    Dramatiq's own sorts by the priorities of actors and of delays, of which there are
    none here, and takes its turns in Python: with several threads each message woke
    more than one of them.
    """

    def task_done(self) -> None:
        """Count nothing: nobody waits for the queue to be worked off."""
