"""The actor `process_document`: fetch, run in the sandbox, keep the result, report."""

import threading
from pathlib import Path

import msgspec

from actors.middleware import Publish, say
from actors.reply import about
from actors.sandbox import Sandbox, SandboxJob, SandboxResult
from service.blobs import Blobs, result_key, text_key
from service.clock import Clock
from service.errors import DocumentError
from service.ids import new_message_id
from service.messages import (
    JSON_NULL,
    ProcessDocument,
    TaskCompleted,
    TaskProgressed,
)
from service.processing.context import StepReport

INLINE_BYTES = 32_768
"""A result up to this size travels in the final event (DESIGN §9)."""
REPORT_EVERY_S = 0.1
"""A document's progress is published at most this often (CONTRACT: ten a second), and
not at all while it is younger than this."""

_FILES = ("document", "text")


class DocumentWorker:
    """Processes documents on any number of threads.

    Args:
        publish: Takes what is to be said of a task.
        blobs: Has the documents and takes the results.
        sandbox: Runs the job types.
        clock: Time.
        worker_id: Who this is.
        work_dir: Folder for temporary files; its owner empties it at start.
        stopping: Set when documents at work are to be handed back.
    """

    def __init__(
        self,
        *,
        publish: Publish,
        blobs: Blobs,
        sandbox: Sandbox,
        clock: Clock,
        worker_id: str,
        work_dir: Path,
        stopping: threading.Event,
    ) -> None:
        self._publish = publish
        self._blobs = blobs
        self._sandbox = sandbox
        self._clock = clock
        self._worker_id = worker_id
        self._work_dir = work_dir
        self._stopping = stopping

    def process(self, command: ProcessDocument) -> None:
        """Process one document and publish its completion.

        Raises:
            DocumentError: It cannot be processed.
            ProcessingStoppedError: The worker is stopping.
            TransientError: The blobs failed.
        """
        began_s = self._clock.monotonic()
        # No folder of its own: most documents need neither of the two files.
        name = new_message_id()
        copy_path, text_path = (Path(f"{self._work_dir}/{name}.{e}") for e in _FILES)
        path = copy_path
        try:
            path = self._blobs.fetch(command.blob_key, copy_path)
            outcome = self._run(command, path, text_path, began_s)
            if outcome.has_text_file:
                try:
                    self._blobs.put_file(_text_key(command), text_path)
                finally:
                    text_path.unlink(missing_ok=True)
        finally:
            if path is copy_path:
                copy_path.unlink(missing_ok=True)
        say(self._publish, self._completed(command, outcome, began_s))

    def _run(
        self, command: ProcessDocument, path: Path, text_path: Path, began_s: float
    ) -> SandboxResult:
        left_s = command.time_limit_s - (self._clock.monotonic() - began_s)
        if left_s <= 0:
            raise DocumentError("fetching took too long", code="document_timeout")
        reporter = _Reporter(command, self._publish, self._clock)

        def should_stop() -> bool:
            reporter.flush()
            return self._stopping.is_set()

        return self._sandbox.run(
            SandboxJob(
                job_type=command.job_type,
                document_id=command.document_id,
                path=path,
                name=command.name,
                size_bytes=command.size_bytes,
                sha256=command.sha256,
                declared_media_type=command.declared_media_type,
                text_path=text_path,
            ),
            time_limit_s=left_s,
            on_report=reporter.report,
            should_stop=should_stop,
        )

    def _completed(
        self,
        command: ProcessDocument,
        outcome: SandboxResult,
        began_s: float,
    ) -> TaskCompleted:
        data = bytes(outcome.data)
        if outcome.has_text_file:
            data = _with_text_key(data, _text_key(command))
        stored_as = None
        if len(data) > INLINE_BYTES:
            stored_as = result_key(command.job_id, command.task_id)
            self._blobs.put_bytes(stored_as, data)
        return TaskCompleted(
            **about(command, self._clock),
            worker_id=self._worker_id,
            processing_s=self._clock.monotonic() - began_s,
            steps=outcome.steps,
            media_type=outcome.media_type,
            result=msgspec.Raw(data) if stored_as is None else JSON_NULL,
            result_key=stored_as,
            result_bytes=len(data),
        )


class _Reporter:
    """Publishes a document's newest progress, not too often and never late."""

    def __init__(
        self, command: ProcessDocument, publish: Publish, clock: Clock
    ) -> None:
        self._command = command
        self._publish = publish
        self._clock = clock
        self._newest: StepReport | None = None
        self._sent_s = clock.monotonic()

    def report(self, report: StepReport) -> None:
        """Take the newest report, and publish it unless one just was."""
        self._newest = report
        self.flush()

    def flush(self) -> None:
        """Publish what was held back, once it is time."""
        report, now_s = self._newest, self._clock.monotonic()
        if report is None or now_s - self._sent_s < REPORT_EVERY_S:
            return
        self._newest, self._sent_s = None, now_s
        self._publish(
            TaskProgressed(
                **about(self._command, self._clock),
                step=report.step,
                fraction=report.fraction,
                page=report.page,
                pages=report.pages,
            )
        )


def _text_key(command: ProcessDocument) -> str:
    return text_key(command.job_id, command.task_id)


def _with_text_key(data: bytes, key: str) -> bytes:
    """Give the result with the place of its full text filled in."""
    result = msgspec.json.decode(data)
    result["text"]["objectKey"] = key
    return msgspec.json.encode(result)
