"""The worker's side of one child: gives it documents, waits, kills."""

import contextlib
import math
import select
import shutil
import signal
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from actors.sandbox.wire import (
    ENCODER,
    ENDED,
    KILL,
    STARTED,
    Assignment,
    Done,
    Failed,
    FrameReader,
    ProtocolError,
    Report,
    read_answer,
    send_frame,
)
from service.clock import Clock
from service.errors import (
    DOCUMENT_CODES,
    ChildDiedError,
    DocumentError,
    ProcessingStoppedError,
)
from service.processing.reports import StepReport

COMMON = ""
"""The kind of children that have run built-in job types only."""
SLICE_S = 0.5
"""Longest wait at a stretch: an exception raised into this thread gets through."""
START_LIMIT_S = 60.0
"""Longest wait for a child, the loading of all parsers included."""
_SLICE = struct.pack("ll", 0, round(SLICE_S * 1_000_000))
"""The same as the kernel's ``struct timeval``."""
_END_LIMIT_S = 5.0
_REPORTS_AT_ONCE = 100
_REPORTS_PER_S = 50
_MEMORY_SHARE = 5
"""A child that had grown by a fifth of its limit died of it: buffers double, and the
old one is kept until the new one is filled, so the refused step is up to four times
what was ever touched. What earlier documents left counts as grown too: it takes from
the same limit."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a child ended."""

    exit_code: int
    """Negative for a signal."""
    grown_bytes: int


class Child:
    """One child; used by one thread at a time, ended exactly once."""

    def __init__(
        self,
        ends: tuple[socket.socket, socket.socket],
        temp_dir: Path,
        *,
        memory_bytes: int,
        clock: Clock,
    ) -> None:
        self._work, self._control = ends
        self._reader = FrameReader(self._work)
        self._temp_dir = temp_dir
        self._memory_bytes = memory_bytes
        self._clock = clock
        self._poller = select.poll()
        self._poller.register(self._control, select.POLLIN)
        self.pid = 0
        self.kind = COMMON
        self.documents = 0
        self.grown_bytes = 0

    def start(self, should_stop: Callable[[], bool]) -> None:
        """Wait until the child runs.

        Raises:
            ChildDiedError: There is none: the server has died or could not fork.
            ProcessingStoppedError: `should_stop` said so.
        """
        self._temp_dir.mkdir(parents=True)
        until = self._clock.monotonic() + START_LIMIT_S
        while not self._poller.poll(SLICE_S * 1000):
            if should_stop():
                raise _stopped()
            if self._clock.monotonic() >= until:
                raise _died("crashed")
        started = _receive(self._control, STARTED.size)
        if started is None:
            raise _died("crashed")
        (self.pid,) = STARTED.unpack(started)
        self._poller.register(self._work, select.POLLIN)
        # So that one call waits for an answer and reads it.
        self._work.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _SLICE)

    @property
    def ready(self) -> bool:
        """Whether the idle child lives and has said nothing unasked."""
        return self._reader.empty and not self._poller.poll(0)

    @property
    def temp_dir(self) -> Path:
        """The child's folder for temporary files."""
        return self._temp_dir

    def work(
        self,
        assignment: Assignment,
        *,
        begins: StepReport,
        on_report: Callable[[StepReport], None],
        should_stop: Callable[[], bool],
    ) -> Done | Failed:
        """Have a document processed; after any exception the child is to be ended.

        Args:
            assignment: The document.
            begins: What is reported as soon as the child has it, without its saying so.
            on_report: Called on this thread, between waits.
            should_stop: Asked at least every half second.

        Raises:
            DocumentError: ``document_timeout``.
            ChildDiedError: The child died, or said what it must not say.
            ProcessingStoppedError: `should_stop` said so.
        """
        began = self._clock.monotonic()
        reports = 0
        try:
            send_frame(self._work, ENCODER.encode(assignment))
            on_report(begins)
            while True:
                spent_s = self._clock.monotonic() - began
                if spent_s >= assignment.time_limit_s:
                    raise _over_time()
                if should_stop():
                    raise _stopped()
                answer = self._next(assignment.time_limit_s - spent_s)
                if isinstance(answer, Done | Failed):
                    self.documents += 1
                    self.grown_bytes = answer.grown_bytes
                    return answer
                if answer and reports < _REPORTS_AT_ONCE + _REPORTS_PER_S * spent_s:
                    reports += 1
                    on_report(_step_report(answer))
        except ProtocolError as error:
            raise _died("crashed") from error
        except (BrokenPipeError, ConnectionResetError) as error:
            raise self._cause_of_death() from error

    def _next(self, wait_s: float) -> Report | Done | Failed | None:
        frame = self._reader.next()
        if frame is None:
            if wait_s < SLICE_S and not self._poller.poll(math.ceil(wait_s * 1000)):
                return None
            try:
                alive = self._reader.read()
            except BlockingIOError:
                return None
            if not alive:
                raise self._cause_of_death()
            frame = self._reader.next()
        return None if frame is None else read_answer(frame)

    def end(self) -> Ending | None:
        """Kill the child, wait until it is gone, and remove its temporary folder.

        Returns:
            How it ended; None when the server is gone too, or this was called before.
        """
        with self._work, self._control:
            ended = None
            with contextlib.suppress(OSError):
                self._control.send(KILL)
            with contextlib.suppress(OSError):
                self._control.settimeout(_END_LIMIT_S)
                if not self.pid:
                    _receive(self._control, STARTED.size)
                ended = _receive(self._control, ENDED.size)
        shutil.rmtree(self._temp_dir, ignore_errors=True)
        return Ending(*ENDED.unpack(ended)) if ended else None

    def _cause_of_death(self) -> DocumentError:
        ending = self.end()
        if ending is None or ending.exit_code == 0:
            return _died("crashed")
        if ending.exit_code == -signal.SIGALRM:
            return _over_time()
        starved = ending.grown_bytes * _MEMORY_SHARE >= self._memory_bytes
        return _died("out_of_memory" if starved else "crashed")


def _receive(control: socket.socket, size: int) -> bytes | None:
    message = control.recv(size, socket.MSG_WAITALL)
    return message if len(message) == size else None


def _step_report(report: Report) -> StepReport:
    return StepReport(
        step=report.step,
        fraction=report.fraction,
        page=report.page,
        pages=report.pages,
        message=report.message,
    )


def _died(code: str) -> ChildDiedError:
    return ChildDiedError(DOCUMENT_CODES[code], code=code)


def _over_time() -> DocumentError:
    code = "document_timeout"
    return DocumentError(DOCUMENT_CODES[code], code=code)


def _stopped() -> ProcessingStoppedError:
    return ProcessingStoppedError("Processing was stopped.")
