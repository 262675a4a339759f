"""The actor `process_document`: fetch, run in the sandbox, keep the result, report."""

import threading
from dataclasses import replace
from pathlib import Path

from actors import attachments
from actors.middleware import Publish, say
from actors.model_steps import Runs
from actors.reply import INLINE_BYTES, about
from actors.sandbox import SandboxJob, SandboxResult, remove_outputs
from service.blobs import Blobs, output_key, outputs_key, result_key
from service.clock import Clock
from service.errors import DocumentError, OcrElsewhereError
from service.ids import new_message_id
from service.messages import (
    JSON_NULL,
    ProcessDocument,
    TaskCompleted,
    TaskProgressed,
)
from service.processing.context import RESULT_OUTPUT, StepReport, output_path

REPORT_EVERY_S = 0.1
"""A document's progress is published at most this often (CONTRACT: ten a second), and
not at all while it is younger than this."""
COPY = "DOCUMENT"
"""Where a document of a remote store lies: no output may be called so."""


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
        sandbox: Runs,
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
            OcrElsewhereError: It is to be handed on.
            ProcessingStoppedError: The worker is stopping.
            TransientError: The blobs failed.
        """
        began_s = self._clock.monotonic()
        # No folder of its own: most documents need no file here.
        prefix = Path(f"{self._work_dir}/{new_message_id()}")
        copy_path = output_path(prefix, COPY)
        try:
            path = self._blobs.fetch(command.blob_key, copy_path)
            outcome = self._run(command, path, prefix, began_s)
            completed = self._completed(command, outcome, prefix, began_s)
        except OcrElsewhereError:
            self._publish(
                TaskProgressed(**about(command, self._clock), step="ocr", fraction=0.0)
            )
            raise
        finally:
            remove_outputs(prefix)  # the copy too, and what no result names
        say(self._publish, completed)

    def _run(
        self, command: ProcessDocument, path: Path, prefix: Path, began_s: float
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
                output_prefix=prefix,
                options=command.processing,
                output_key=outputs_key(command.job_id, command.task_id),
            ),
            time_limit_s=left_s,
            on_report=reporter.report,
            should_stop=should_stop,
        )

    def _completed(
        self,
        command: ProcessDocument,
        outcome: SandboxResult,
        prefix: Path,
        began_s: float,
    ) -> TaskCompleted:
        job_id, task_id = command.job_id, command.task_id
        size_bytes, stored_as = len(outcome.data), None
        files, others = attachments.split(outcome.outputs, command)
        added = attachments.store(files, command, prefix=prefix, blobs=self._blobs)
        for output in others:
            path = output_path(prefix, output.name)
            if output.name == RESULT_OUTPUT:
                size_bytes, stored_as = path.stat().st_size, result_key(job_id, task_id)
                self._blobs.put_file(stored_as, path)
            else:
                self._blobs.put_file(output_key(job_id, task_id, output.name), path)
        if stored_as is None and size_bytes > INLINE_BYTES:
            stored_as = result_key(job_id, task_id)
            self._blobs.put_bytes(stored_as, bytes(outcome.data))
        return TaskCompleted(
            **about(command, self._clock),
            worker_id=self._worker_id,
            processing_s=self._clock.monotonic() - began_s,
            steps=outcome.steps,
            media_type=outcome.media_type,
            result=outcome.data if stored_as is None else JSON_NULL,
            result_key=stored_as,
            result_bytes=size_bytes,
            added=added,
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
        held = self._newest
        if held is not None and report.message is None:
            report = replace(report, message=held.message)
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
                message=report.message,
            )
        )
