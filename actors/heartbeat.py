"""Says every few seconds that a worker lives and what it is doing."""

import threading

from actors.middleware import AtWork
from service.clock import Clock
from service.domain.model import LOCAL_OWNER
from service.ids import new_message_id
from service.messages import WorkerHeartbeat
from service.transport import Transport

EVERY_S = 5.0
"""Three fit into the 15 s after which a worker counts as gone."""


class Heartbeat:
    """The heartbeat of one worker on one queue."""

    def __init__(
        self,
        transport: Transport,
        *,
        clock: Clock,
        worker_id: str,
        queue: str,
        slots: int,
        at_work: AtWork,
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._worker_id = worker_id
        self._queue = queue
        self._slots = slots
        self._at_work = at_work
        self._stopping = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name=f"heartbeat-{queue}", daemon=True
        )

    def start(self) -> None:
        """Begin, with a first beat at once."""
        self._thread.start()

    def take_no_more(self) -> None:
        """Go on for what is at work, but say that nothing may be released to it."""
        self._slots = 0
        self.say_goodbye()

    def stop(self) -> None:
        """Say good-bye and stop."""
        self._stopping.set()
        self._thread.join()
        self.say_goodbye()

    def say_goodbye(self) -> None:
        """Say that nothing may be released to this worker any more."""
        self._beat(slots=0)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._beat(slots=self._slots)
            self._stopping.wait(EVERY_S)

    def _beat(self, *, slots: int) -> None:
        self._transport.publish_event(
            WorkerHeartbeat(
                message_id=new_message_id(),
                owner=LOCAL_OWNER,
                occurred_at=self._clock.now(),
                worker_id=self._worker_id,
                queue=self._queue,
                slots=slots,
                busy=self._at_work.ids(),
            )
        )
