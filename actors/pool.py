"""A plain thread pool for a queue, beside Dramatiq's worker in the same process.

Dramatiq allows one worker a process, and planning must never wait behind documents.
The same middleware runs around the same actors.
"""

import threading

import dramatiq
from dramatiq.middleware import SkipMessage

IDLE_MS = 200
"""How long a thread waits for a message before it looks whether to stop."""


class ThreadPool:
    """Threads that run the actors of one queue."""

    def __init__(self, broker: dramatiq.Broker, queue: str, *, threads: int) -> None:
        self._broker = broker
        self._queue = queue
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._serve, name=f"{queue}-{number}", daemon=True)
            for number in range(threads)
        ]

    def start(self) -> None:
        """Start taking messages."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish what is at work and stop."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        consumer = self._broker.consume(self._queue, prefetch=1, timeout=IDLE_MS)
        while not self._stopping.is_set():
            message = next(consumer)
            if message is not None:
                self._run(message)
                consumer.ack(message)

    def _run(self, message: dramatiq.MessageProxy) -> None:
        try:
            self._broker.emit_before("process_message", message)
            self._broker.get_actor(message.actor_name)(*message.args, **message.kwargs)
        except SkipMessage:
            self._broker.emit_after("skip_message", message)
        except BaseException as error:  # noqa: BLE001 - what Dramatiq's worker does too
            self._broker.emit_after("process_message", message, exception=error)
        else:
            self._broker.emit_after("process_message", message, result=None)
