"""Dramatiq middleware: lifecycle events around every task, and what its errors mean.

The actor itself publishes the success as its last act; a failure is published here. A
message is acknowledged only after its final event is safe: from the confirmation of
that event (`service.transport.settlement`), on which no thread waits.
"""

import threading
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import dramatiq
import msgspec
from dramatiq.middleware import Middleware, SkipMessage, TimeLimitExceeded

from actors.reply import about
from service.clock import Clock
from service.domain.model import TaskId
from service.domain.reasons import OCR, REDELIVERED, SHUTDOWN, UPSTREAM
from service.errors import (
    DOCUMENT_CODES,
    DocmillError,
    DocumentError,
    OcrElsewhereError,
    ProcessingStoppedError,
    TransientError,
    UpstreamUnavailableError,
)
from service.logs import get_logger
from service.messages import (
    BatchPlanned,
    Command,
    ProcessDocument,
    ProcessScan,
    TaskEvent,
    TaskFailed,
    TaskProgressed,
    TaskReturned,
    TaskStarted,
    command_from_builtins,
)
from service.transport import OnConfirm
from service.transport.settlement import (
    Settlement,
    belongs_to_another,
    settlement_of,
    was_delivered_before,
)


class Publish(Protocol):
    """Takes what is to be said of a task; never waits, never raises."""

    def __call__(
        self, event: TaskEvent, *, on_confirm: OnConfirm | None = None
    ) -> None:
        """Publish the event; `on_confirm` is told what became of it."""
        ...


@dataclass(frozen=True, slots=True)
class Running:
    """A task at work on the current thread.

    Attributes:
        command: What it was asked.
        began_s: Monotonic time of its start.
        settlement: Says when its message may be acknowledged.
    """

    command: Command
    began_s: float
    settlement: Settlement


CURRENT: ContextVar[Running | None] = ContextVar("docmill_running", default=None)
"""The task at work on this thread."""


def command_at_work(argument: Any) -> Command:
    """Give the command of the task at work on this thread, which was decoded before.

    Args:
        argument: The actor's, from which it was.
    """
    running = CURRENT.get()
    return command_from_builtins(argument) if running is None else running.command


def say(publish: Publish, event: TaskEvent) -> None:
    """Publish what the task at work on this thread has come to.

    Whatever moves the task settles its message too, once it is confirmed; the last
    thing said allows the message to be acknowledged.
    """
    running = CURRENT.get()
    if running is None or isinstance(event, TaskStarted | TaskProgressed):
        publish(event)
    else:
        _say_of(running.settlement, publish, event)


def _say_of(settlement: Settlement, publish: Publish, event: TaskEvent) -> None:
    last = not isinstance(event, BatchPlanned) or event.part + 1 == event.parts
    try:
        publish(event, on_confirm=settlement.expect(last=last))
    except BaseException:
        # Dramatiq's time limit strikes anywhere: nobody knows whether it was said.
        settlement.abandon()
        raise


class AtWork:
    """Ids of the tasks at work in this process, for its heartbeat."""

    def __init__(self) -> None:
        self._ids: set[TaskId] = set()
        self._lock = threading.Lock()

    def add(self, task_id: TaskId) -> None:
        """Note the start of a task."""
        with self._lock:
            self._ids.add(task_id)

    def remove(self, task_id: TaskId) -> None:
        """Note the end of a task."""
        with self._lock:
            self._ids.discard(task_id)

    def ids(self) -> tuple[TaskId, ...]:
        """Give the tasks at work now."""
        with self._lock:
            return tuple(self._ids)


class Lifecycle(Middleware):
    """Publishes ``task.started`` before a task and its failure after it."""

    def __init__(
        self, *, publish: Publish, clock: Clock, worker_id: str, at_work: AtWork
    ) -> None:
        self._publish = publish
        self._clock = clock
        self._worker_id = worker_id
        self._at_work = at_work
        self._log = get_logger(__name__)

    @property
    def actor_options(self) -> set[str]:
        """Let actors name errors that Dramatiq need not log as unexpected."""
        return {"throws"}

    def before_process_message(
        self, broker: dramatiq.Broker, message: dramatiq.MessageProxy
    ) -> None:
        """Say that the task starts; drop a message that is past its expiry.

        A document whose message the broker delivers again is not run: nobody knows
        what it did to its first worker. It is handed back, and the aggregator releases
        it anew or gives it up. Planning and finishing may run again. Nothing is said of
        a message whose connection was lost before it was begun: it is another's.

        Raises:
            SkipMessage: The message is void or another's, or its task was handed back.
        """
        CURRENT.set(None)
        if belongs_to_another(message):
            raise SkipMessage("its connection is gone")
        settlement = settlement_of(message)
        command = self._decode(message)
        if command is None:
            message.fail()
            raise SkipMessage("not a command of this version")
        if command.expires_at is not None and self._clock.now() >= command.expires_at:
            settlement.void()
            raise SkipMessage("expired")
        if was_delivered_before(message) and isinstance(command, ProcessDocument):
            _say_of(settlement, self._publish, self._returned(command, REDELIVERED))
            raise SkipMessage("redelivered")
        CURRENT.set(
            Running(
                command=command,
                began_s=self._clock.monotonic(),
                settlement=settlement,
            )
        )
        self._at_work.add(command.task_id)
        self._publish(
            TaskStarted(**about(command, self._clock), worker_id=self._worker_id)
        )

    def after_process_message(
        self,
        broker: dramatiq.Broker,
        message: dramatiq.MessageProxy,
        *,
        result: object = None,
        exception: BaseException | None = None,
    ) -> None:
        """Publish what an error means for the task, unless its end was said before."""
        running = CURRENT.get()
        CURRENT.set(None)
        if running is None:
            return
        self._at_work.remove(running.command.task_id)
        if exception is not None and not running.settlement.ended:
            verdict = self._verdict(running, exception)
            _say_of(running.settlement, self._publish, verdict)

    def _decode(self, message: dramatiq.MessageProxy) -> Command | None:
        try:
            return command_from_builtins(message.args[0])
        except (msgspec.ValidationError, IndexError) as error:
            self._log.error(
                "undecodable_message", message_id=message.message_id, problem=str(error)
            )
            return None

    def _verdict(self, running: Running, exception: BaseException) -> TaskEvent:
        command = running.command
        if isinstance(exception, ProcessingStoppedError):
            return self._returned(command, SHUTDOWN)
        if isinstance(exception, OcrElsewhereError):
            return self._returned(command, OCR, queue=ProcessScan.queue)
        if isinstance(exception, UpstreamUnavailableError):
            return self._returned(command, UPSTREAM, until=exception.until)
        code, retryable, retry_after_s = classify(exception)
        if code == "internal":
            self._log.error(
                "task_failed_unexpectedly",
                job_id=command.job_id,
                message_id=command.message_id,
                exc_info=exception,
            )
        return TaskFailed(
            **about(command, self._clock),
            worker_id=self._worker_id,
            code=code,
            message=DOCUMENT_CODES[code],
            retryable=retryable,
            retry_after_s=retry_after_s,
            processing_s=self._clock.monotonic() - running.began_s,
        )

    def _returned(
        self,
        command: Command,
        reason: str,
        *,
        until: datetime | None = None,
        queue: str | None = None,
    ) -> TaskReturned:
        return TaskReturned(
            **about(command, self._clock),
            worker_id=self._worker_id,
            reason=reason,
            until=until,
            queue=queue,
        )


def classify(error: BaseException) -> tuple[str, bool, float | None]:
    """Give what an error means: code, whether to try again, and when (seconds).

    The aggregator decides; this only says what is known here. A reason that lies in
    the document is never retried.
    """
    match error:
        case DocumentError():
            return _known(error), error.retryable, None
        case TransientError():
            return "upstream_unavailable", True, error.retry_after_s
        case TimeLimitExceeded():
            return "document_timeout", False, None
        case MemoryError():
            return "out_of_memory", True, None
        case _:
            return "internal", False, None


def _known(error: DocmillError) -> str:
    return error.code if error.code in DOCUMENT_CODES else "internal"
