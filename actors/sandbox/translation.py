"""From a caller's words to those of a child, and back."""

import os
from pathlib import Path

import structlog

from actors.sandbox.values import SandboxJob, SandboxResult
from actors.sandbox.wire import OCR_ELSEWHERE, Assignment, Done, Failed
from service.errors import ChildDiedError, DocumentError, OcrElsewhereError
from service.processing.outputs import OutputFile

_log = structlog.get_logger(__name__)


def assignment_of(job: SandboxJob, temp_dir: Path, time_limit_s: float) -> Assignment:
    """Give what a child is told of a document."""
    return Assignment(
        job_type=job.job_type,
        document_id=job.document_id,
        path=os.path.abspath(job.path),  # noqa: PTH100 - see `StrPath`
        name=job.name,
        size_bytes=job.size_bytes,
        sha256=job.sha256,
        declared_media_type=job.declared_media_type,
        output_prefix=os.path.abspath(job.output_prefix),  # noqa: PTH100 - as above
        output_key=job.output_key,
        options=job.options,
        temp_dir=str(temp_dir.absolute()),
        time_limit_s=time_limit_s,
    )


def result_of(
    answer: Done | Failed, job: SandboxJob, outputs: tuple[OutputFile, ...]
) -> SandboxResult:
    """Give what a child found, with its files, which were checked.

    Raises:
        DocumentError: The document cannot be processed; the code says why.
        OcrElsewhereError: It is to be handed on.
        ChildDiedError: The child had no memory left, and said so.
    """
    if isinstance(answer, Done):
        return SandboxResult(
            data=answer.data,
            status=answer.status,
            media_type=answer.media_type,
            steps=answer.steps,
            outputs=outputs,
            in_file=answer.in_file,
        )
    if answer.code == "internal":
        _log.error(
            "document_step_failed", document_id=job.document_id, where=answer.detail
        )
    if answer.code == "out_of_memory":
        raise ChildDiedError(answer.message, code=answer.code)
    if answer.code == OCR_ELSEWHERE:
        raise OcrElsewhereError(answer.message)
    raise DocumentError(answer.message, code=answer.code)
