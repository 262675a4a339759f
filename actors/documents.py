"""The actor `process_document`: fetch, run in the sandbox, keep the result, report."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from actors import attachments
from actors.middleware import Publish, say
from actors.model_steps import Runs
from actors.reply import INLINE_BYTES, about
from actors.sandbox import SandboxJob, SandboxResult, remove_outputs
from service.blob_keys import new_run, output_key, outputs_key
from service.blobs import Blobs
from service.clock import Clock
from service.errors import (
    DOCUMENT_CODES,
    DocumentError,
    NotFoundError,
    OcrElsewhereError,
)
from service.messages import (
    JSON_NULL,
    ProcessDocument,
    TaskCompleted,
    TaskProgressed,
)
from service.processing.outputs import RESULT_OUTPUT, StrPath, output_path
from service.processing.reports import StepReport

REPORT_EVERY_S = 0.1
"""A document's progress is published at most this often, and not at all while it is
younger than this."""
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
            DocumentError: It cannot be processed, or its file is gone.
            OcrElsewhereError: It is to be handed on.
            ProcessingStoppedError: The worker is stopping.
            TransientError: The blobs failed.
        """
        work = _Execution(command, self._work_dir, self._clock.monotonic())
        try:
            outcome = self._run(work, self._path(work))
            completed = self._completed(work, outcome)
        except OcrElsewhereError:
            self._publish(
                TaskProgressed(**about(command, self._clock), step="ocr", fraction=0.0)
            )
            raise
        finally:
            remove_outputs(work.prefix)  # the copy too, and what no result names
        say(self._publish, completed)

    def _path(self, work: "_Execution") -> StrPath:
        key = work.command.blob_key
        try:
            path = self._blobs.local_path(key)
            if path is None:
                return self._blobs.fetch(key, output_path(work.prefix, COPY))
        except (
            NotFoundError
        ) as error:  # nothing of ours removes it before its tasks end
            code = "document_missing"
            raise DocumentError(DOCUMENT_CODES[code], code=code) from error
        return path

    def _run(self, work: "_Execution", path: StrPath) -> SandboxResult:
        command = work.command
        left_s = command.time_limit_s - (self._clock.monotonic() - work.began_s)
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
                output_prefix=work.prefix,
                options=command.processing,
                output_key=work.outputs,
            ),
            time_limit_s=left_s,
            on_report=reporter.report,
            should_stop=should_stop,
        )

    def _completed(self, work: "_Execution", outcome: SandboxResult) -> TaskCompleted:
        return TaskCompleted(
            **about(work.command, self._clock),
            **self._kept(work, outcome),
            worker_id=self._worker_id,
            processing_s=self._clock.monotonic() - work.began_s,
            steps=outcome.steps,
            media_type=outcome.media_type,
        )

    def _kept(self, work: "_Execution", outcome: SandboxResult) -> dict[str, Any]:
        """Store what came of a document, and give what is said of where it is."""
        files, others = attachments.split(outcome.outputs, work.command)
        added = attachments.store(
            files, work.command, work.run, prefix=work.prefix, blobs=self._blobs
        )
        stored: dict[str, Path | bytes] = {
            output_key(work.outputs, each.name): output_path(work.prefix, each.name)
            for each in others
        }
        result_key = output_key(work.outputs, RESULT_OUTPUT)
        size_bytes = len(outcome.data)
        if outcome.in_file:
            size_bytes = output_path(work.prefix, RESULT_OUTPUT).stat().st_size
        elif size_bytes > INLINE_BYTES:
            stored[result_key] = bytes(outcome.data)
        self._blobs.put_all(stored)
        large = result_key in stored
        return {
            "result": JSON_NULL if large else outcome.data,
            "result_key": result_key if large else None,
            "result_bytes": size_bytes,
            "outputs_key": work.outputs if stored else None,
            "added": added,
        }


class _Execution:
    """One try at a document, with names for all that it writes.

    Attributes:
        command: What is to be done.
        run: Names this execution: no other one writes where it does.
        prefix: Its files begin with this path. No folder: most documents need no file.
        outputs: The keys of what it stores begin with this.
        began_s: When it began.
    """

    def __init__(
        self, command: ProcessDocument, work_dir: Path, began_s: float
    ) -> None:
        self.command = command
        self.run = new_run(command.generation)
        self.prefix = f"{work_dir}/{self.run}"
        self.outputs = outputs_key(command.job_id, command.task_id, self.run)
        self.began_s = began_s


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
