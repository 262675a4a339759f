"""Runs a job type over a file without queue, store or child process: for tests."""

import hashlib
import mimetypes
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.clock import SystemClock
from service.processing.context import Limits, Source
from service.processing.options import DEFAULT_OPTIONS, ProcessingOptions
from service.processing.outputs import output_path
from service.processing.pipeline import run_pipeline
from service.processing.processors import Processor
from service.processing.reports import StepReport


@dataclass(frozen=True, slots=True)
class ProcessorRun:
    """What a processor made of a file."""

    result: dict[str, Any]
    """As clients get it, under its camelCase names."""
    log: tuple[str, ...]
    """What it said through ``context.log``."""
    reports: tuple[StepReport, ...]
    """What a stream would have shown."""
    outputs: dict[str, bytes]
    """The files beside the result, by name."""


def run_processor(
    processor: Processor,
    content: bytes | str,
    *,
    name: str = "document.txt",
    options: ProcessingOptions = DEFAULT_OPTIONS,
    limits: Limits | None = None,
) -> ProcessorRun:
    """Run a processor over a document in this process.

    Nothing limits its time or memory here, and a parser's crash is this process's.

    Args:
        processor: Made with ``@processor``.
        content: Of the document; text becomes UTF-8.
        name: Its file name.
        options: What a submitter may choose.
        limits: How much is read; None = the service's own.

    Raises:
        DocumentError: The processor refused the document.
        msgspec.ValidationError: What it gave is not of its result type.
    """
    data = content.encode() if isinstance(content, str) else content
    reports: list[StepReport] = []
    with tempfile.TemporaryDirectory(prefix="docmill-") as folder:
        path = Path(folder) / "document"
        path.write_bytes(data)
        prefix = Path(folder) / "made"
        outcome = run_pipeline(
            processor.job_type,
            Source(
                path=path,
                name=name,
                size_bytes=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
                declared_media_type=mimetypes.guess_type(name)[0],
                document_id="doc_test",
            ),
            limits or Limits(),
            reports.append,
            SystemClock(),
            prefix,
            options=options,
        )
        outputs = {
            each.name: output_path(prefix, each.name).read_bytes()
            for each in outcome.outputs
        }
    return ProcessorRun(
        result=outcome.data,
        log=tuple(line["message"] for line in outcome.data["log"]),
        reports=tuple(reports),
        outputs=outputs,
    )
