"""Brings notices of the jobs somebody watches to this process; lossy."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final

import msgspec
import pika

from service.domain.model import JobId
from service.logs import get_logger
from service.messages import JobNotice
from service.transport import NoticeListener
from service.transport.link import Link
from service.transport.topology import PROGRESS, QueueType, Topology

NOTICES_KEPT: Final = 10_000
"""Notices the broker keeps for a process that is slow; then the oldest go."""

_NOTICES = msgspec.json.Decoder(JobNotice)


class Notices:
    """One exclusive queue, bound by the ids of the jobs that are watched.

    Nothing is connected before the first `subscribe`. A lost connection is made again
    with the same bindings; what was said meanwhile is lost, and gateways also look into
    the store every 2 s.

    Args:
        parameters: One for each node.
        held: Declared at each connection.
    """

    def __init__(
        self, parameters: Sequence[pika.URLParameters], held: Topology
    ) -> None:
        self._link = Link(
            "notices", parameters, held, on_open=self._opened, on_lost=self._lost
        )
        self._log = get_logger(__name__)
        self._lock = threading.Lock()
        self._listeners: dict[JobId, list[NoticeListener]] = {}
        self._started = False
        # Only on the link's thread:
        self._channel: Any = None
        self._queue = ""
        self._bound: set[JobId] = set()

    def subscribe(self, job_id: JobId, listener: NoticeListener) -> Callable[[], None]:
        """Hear a job's notices until the returned function is called."""
        with self._lock:
            self._listeners.setdefault(job_id, []).append(listener)
            start, self._started = not self._started, True
        if start:
            self._link.start()
        self._link.call(partial(self._bind, job_id))

        def unsubscribe() -> None:
            with self._lock:
                listeners = self._listeners.get(job_id, [])
                with suppress(ValueError):
                    listeners.remove(listener)
                if not listeners:
                    self._listeners.pop(job_id, None)
            self._link.call(partial(self._bind, job_id))

        return unsubscribe

    def close(self) -> None:
        """Disconnect."""
        self._link.close()

    # From here on everything runs on the link's thread.

    def _opened(self, channel: Any) -> None:
        self._channel = channel
        channel.queue_declare(
            "",
            exclusive=True,
            arguments={
                "x-queue-type": str(QueueType.CLASSIC),
                "x-max-length": NOTICES_KEPT,
                "x-overflow": "drop-head",
            },
            callback=self._declared,
        )

    def _declared(self, frame: Any) -> None:
        self._queue = frame.method.queue
        self._channel.basic_consume(
            self._queue, on_message_callback=self._heard, auto_ack=True
        )
        with self._lock:
            watched = tuple(self._listeners)
        for job_id in watched:
            self._bind(job_id)

    def _lost(self) -> None:
        self._channel, self._queue = None, ""
        self._bound.clear()

    def _bind(self, job_id: JobId) -> None:
        """Bind or unbind a job's notices, as somebody watches it now or not."""
        if not self._queue or not self._channel.is_open:
            return
        with self._lock:
            watched = job_id in self._listeners
        if watched and job_id not in self._bound:
            self._bound.add(job_id)
            self._channel.queue_bind(self._queue, PROGRESS, routing_key=job_id)
        elif not watched and job_id in self._bound:
            self._bound.discard(job_id)
            self._channel.queue_unbind(self._queue, PROGRESS, routing_key=job_id)

    def _heard(self, _channel: Any, _method: Any, _: Any, body: bytes) -> None:
        try:
            notice = _NOTICES.decode(body)
        except msgspec.MsgspecError as error:
            self._log.warning("undecodable_notice", problem=str(error))
            return
        with self._lock:
            listeners = tuple(self._listeners.get(notice.job_id, ()))
        for listener in listeners:
            listener(notice)
