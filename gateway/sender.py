"""Sends what starts a job, without anybody waiting for the broker."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from service.errors import TransientError
from service.logs import get_logger
from service.messages import StartBatch
from service.transport import Transport

MAX_WAITING: Final = 1_000
"""Messages kept while the broker hangs; more are left to the aggregator."""

_log = get_logger(__name__)


class Sender:
    """Sends, on a thread if that may take long. What it does not, the aggregator does.

    Args:
        transport: Where to.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="gateway-sender")
        self._room = threading.Semaphore(MAX_WAITING)

    def post(self, command: StartBatch) -> None:
        """Send soon; never blocks and never fails. Any thread."""
        if not self._transport.remote:
            self._send(command)
        elif not self._transport.connected:
            _log.info("start_batch_left_to_aggregator", job_id=command.job_id)
        elif self._room.acquire(blocking=False):
            sending = self._pool.submit(self._send, command)
            sending.add_done_callback(lambda _: self._room.release())
        else:
            _log.warning("start_batch_left_to_aggregator", job_id=command.job_id)

    def close(self) -> None:
        """Finish the message at hand and drop the rest: rows are the outbox."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _send(self, command: StartBatch) -> None:
        try:
            self._transport.send([command])
        except TransientError as error:
            _log.warning(
                "start_batch_unsent", job_id=command.job_id, error=error.message
            )
        except Exception:  # noqa: BLE001  # edge of a thread: logged, and it lives on
            _log.exception("start_batch_failed", job_id=command.job_id)
