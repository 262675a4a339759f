"""The child: reads documents one after the other until its worker goes away."""

import os
import resource
import shutil
import signal
import socket
import sys
import tempfile
import threading
import traceback
from pathlib import Path

import msgspec

from actors.sandbox.wire import (
    ASSIGNMENTS,
    DATA_BYTES_MAX,
    ENCODER,
    OCR_ELSEWHERE,
    RESULT_BYTES_MAX,
    Assignment,
    Done,
    Failed,
    FrameReader,
    Output,
    Report,
    Setup,
    send_frame,
)
from service.clock import Clock, SystemClock
from service.errors import DOCUMENT_CODES, DocumentError, OcrElsewhereError
from service.processing.context import Limits, Source
from service.processing.outputs import RESULT_OUTPUT, OutputFile, output_path
from service.processing.pipeline import run_pipeline
from service.processing.registry import Registry
from service.processing.reports import StepReport

_RSS_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024
_MESSAGE_CHARS = 500
_FRAMES_NAMED = 6
_OUT_OF_MEMORY = Failed(code="out_of_memory", message=DOCUMENT_CODES["out_of_memory"])


def serve(channel: socket.socket, registry: Registry, setup: Setup) -> None:
    """Answer every assignment that comes, until the other end is closed."""
    reader = FrameReader(channel)
    worker = _Reader(channel, registry, setup)
    while True:
        frame = reader.next()
        if frame is not None:
            if not worker.process(ASSIGNMENTS.decode(frame)):
                return
        elif not reader.read():
            return


class _Reader:
    """Processes documents and says what came of them."""

    def __init__(
        self, channel: socket.socket, registry: Registry, setup: Setup
    ) -> None:
        self._channel = channel
        self._registry = registry
        self._limits = Limits(
            max_pages=setup.max_pages,
            picture_longest_px=setup.picture_longest_px,
            picture_quality=setup.picture_quality,
            max_pictures=setup.max_pictures,
            max_ocr_pages=setup.ocr_max_pages,
        )
        self._ocr = setup.ocr
        self._kill_slack_s = setup.kill_slack_s
        self._clock: Clock = SystemClock()
        self._begins = False
        self._rss_at_start = _most_rss()

    def process(self, assignment: Assignment) -> bool:
        """Process one document, remove what it left, and send its answer.

        The alarm, at its default action, ends even an endless loop in C code when
        nobody is left to kill this process.

        Returns:
            Whether this process is fit for another document.
        """
        os.chdir(assignment.temp_dir)
        tempfile.tempdir = assignment.temp_dir
        signal.setitimer(
            signal.ITIMER_REAL, assignment.time_limit_s + self._kill_slack_s
        )
        answer = self._answer(assignment)
        fit = _tidy(assignment.temp_dir) and _alone()
        # Said with the answer: the worker must not use a child that is about to leave.
        answer = msgspec.structs.replace(answer, fit=fit)
        # Before the answer, which wakes the worker: nothing is left to do after it.
        signal.setitimer(signal.ITIMER_REAL, 0)
        send_frame(self._channel, ENCODER.encode(answer))
        return fit

    def _answer(self, assignment: Assignment) -> Done | Failed:
        try:
            return self._result(assignment)
        except MemoryError:
            return _OUT_OF_MEMORY
        except OcrElsewhereError as error:
            return self._failure(OCR_ELSEWHERE, error.message)
        except DocumentError as error:
            if error.code in DOCUMENT_CODES:
                return self._failure(error.code, error.message)
            return self._bug(error)
        except BaseException as error:  # noqa: BLE001  the edge; libraries call exit
            return self._bug(error)

    def _result(self, assignment: Assignment) -> Done:
        self._begins = True
        outcome = run_pipeline(
            self._registry.get(assignment.job_type),
            _source(assignment),
            self._limits,
            self._report,
            self._clock,
            assignment.output_prefix,
            output_key=assignment.output_key,
            options=assignment.options,
            ocr=self._ocr,
            time_limit_s=assignment.time_limit_s,
        )
        data = ENCODER.encode(outcome.data)
        if len(data) > RESULT_BYTES_MAX:
            message = "The result is larger than a result may be."
            raise DocumentError(message, code="too_large")
        outputs = tuple(map(_output, outcome.outputs))
        in_file = len(data) > DATA_BYTES_MAX
        if in_file:
            outputs += (_written(data, assignment),)
        return Done(
            data=msgspec.Raw(b"{}" if in_file else data),
            status=outcome.status,
            media_type=outcome.media_type,
            steps=outcome.steps,
            outputs=outputs,
            in_file=in_file,
            grown_bytes=self._grown_bytes(),
        )

    def _bug(self, error: BaseException) -> Failed:
        return self._failure("internal", DOCUMENT_CODES["internal"], _where(error))

    def _failure(self, code: str, message: str, detail: str = "") -> Failed:
        return Failed(
            code=code,
            message=message[:_MESSAGE_CHARS],
            detail=detail,
            grown_bytes=self._grown_bytes(),
        )

    def _grown_bytes(self) -> int:
        return _most_rss() - self._rss_at_start

    def _report(self, report: StepReport) -> None:
        if self._begins:  # the first step: the worker knows
            self._begins = False
            return
        packet = Report(
            step=report.step,
            fraction=report.fraction,
            page=report.page,
            pages=report.pages,
            message=report.message,
        )
        send_frame(self._channel, ENCODER.encode(packet))


def _source(assignment: Assignment) -> Source:
    return Source(
        path=Path(assignment.path),
        name=assignment.name,
        size_bytes=assignment.size_bytes,
        sha256=assignment.sha256,
        declared_media_type=assignment.declared_media_type,
        document_id=assignment.document_id,
    )


def _written(data: bytes, assignment: Assignment) -> Output:
    """Leave a result that is too large for the channel in a file."""
    output_path(assignment.output_prefix, RESULT_OUTPUT).write_bytes(data)
    return Output(
        name=RESULT_OUTPUT, media_type="application/json", size_bytes=len(data)
    )


def _output(file: OutputFile) -> Output:
    return Output(
        name=file.name,
        media_type=file.media_type,
        size_bytes=file.size_bytes,
        title=file.title,
    )


def _most_rss() -> int:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_maxrss * _RSS_UNIT_BYTES


def _tidy(folder: str) -> bool:
    """Remove what a document left in the temporary folder; false if that is gone.

    Done here and not by the worker, whose threads wait for each other at every system
    call; it removes the whole folder with the child.
    """
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path, ignore_errors=True)
                else:
                    Path(entry.path).unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _alone() -> bool:
    """Say whether a document left neither thread nor process, as only root may."""
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return threading.active_count() == 1
    return False


def _where(error: BaseException) -> str:
    """Name the kind and place of a bug, without what it says: that may be content."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES_NAMED:]
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames]
    return f"{type(error).__name__} in {' > '.join(places)}"[:_MESSAGE_CHARS]
