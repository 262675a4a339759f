"""Processes files in a sandbox of this command's own: no queue, no store."""

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from actors.model_steps import ModelSandbox
from actors.sandbox import (
    Sandbox,
    SandboxJob,
    SandboxResult,
    remove_outputs,
)
from service.bootstrap import build_tools
from service.cli.making import model_steps, sandbox_limits, serves_scans
from service.cli.output import note, write_json, write_text
from service.cli.text import printable
from service.clock import SystemClock
from service.errors import (
    DocumentError,
    InvalidRequestError,
    UpstreamUnavailableError,
)
from service.ids import new_document_id
from service.processing.context import OcrPlace
from service.processing.options import ProcessingOptions
from service.processing.outputs import RESULT_OUTPUT, TEXT_OUTPUT, output_path
from service.processing.registry import build_registry
from service.settings import Settings

if TYPE_CHECKING:
    from service.processing.worker_steps import ModelSteps


def process_files(
    settings: Settings,
    files: Sequence[Path],
    *,
    job_type: str | None,
    options: ProcessingOptions,
    time_limit_s: float,
    text: bool,
) -> bool:
    """Write each file's result, or say why it has none; gives whether all have one.

    Args:
        settings: Of the sandbox.
        files: What to process.
        job_type: None = the default one.
        options: What is done to each.
        time_limit_s: Of each file, in seconds.
        text: Write the whole text of each instead.

    Raises:
        InvalidRequestError: The job type is not installed, or files inside the files
            are to become documents, for which there is no job here.
    """
    chosen = job_type or settings.default_type
    build_registry(settings.job_type_modules).get(chosen)
    if options.expand_attachments:
        raise InvalidRequestError(
            "expandAttachments makes documents of a job, and there is none here: use "
            "docmill submit."
        )
    all_well = True
    with (
        tempfile.TemporaryDirectory(prefix="docmill-") as folder,
        _sandbox(settings, Path(folder)) as sandbox,
    ):
        for path in files:
            job = _job(path, chosen, options, output_prefix=Path(folder) / "made")
            try:
                result = sandbox.run(
                    job, time_limit_s=time_limit_s, on_report=lambda _: None
                )
            except (DocumentError, UpstreamUnavailableError) as error:
                all_well = False
                note(f"{printable(str(path))}: {error.code}: {error.message}")
            else:
                all_well &= _write(path, job, result, text=text)
                remove_outputs(job.output_prefix)
    return all_well


@contextmanager
def _sandbox(settings: Settings, folder: Path) -> Iterator[ModelSandbox]:
    """Start a sandbox, with the configured model behind it if there is one."""
    here = serves_scans(settings)
    memory_bytes = settings.child_memory_bytes
    limits = sandbox_limits(
        settings,
        ocr=OcrPlace.HERE if here else OcrPlace.NOWHERE,
        memory_bytes=max(memory_bytes, settings.ocr_memory_bytes if here else 0),
    )
    with (
        Sandbox(settings.job_type_modules, limits) as sandbox,
        _model(settings, folder) as steps,
    ):
        yield ModelSandbox(sandbox, steps, SystemClock())


@contextmanager
def _model(settings: Settings, folder: Path) -> Iterator["ModelSteps | None"]:
    """Give what asks the model; pictures are sent to it, for nobody serves them."""
    if not settings.model_url:
        yield None
        return
    alone = {"image_mode": "data", "data_dir": folder, "blob_url": ""}
    with model_steps(build_tools(settings.model_copy(update=alone))) as steps:
        yield steps


def _write(path: Path, job: SandboxJob, result: SandboxResult, *, text: bool) -> bool:
    data = bytes(result.data)
    if result.in_file:
        data = output_path(job.output_prefix, RESULT_OUTPUT).read_bytes()
    if not text:
        write_json(msgspec.Raw(data))
        return True
    if any(output.name == TEXT_OUTPUT for output in result.outputs):
        made = output_path(job.output_prefix, TEXT_OUTPUT)
        write_text(made.read_text(encoding="utf-8"))
        return True
    found = msgspec.json.decode(data)
    shown = found.get("text") or found.get("extraction", {}).get("text")
    if not shown or "preview" not in shown:
        note(f"{printable(str(path))}: its result has no text")
        return False
    write_text(shown["preview"])
    return True


def _job(
    path: Path, job_type: str, options: ProcessingOptions, *, output_prefix: Path
) -> SandboxJob:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return SandboxJob(
        job_type=job_type,
        document_id=new_document_id(SystemClock()),
        path=path.absolute(),
        name=printable(path.name),
        size_bytes=path.stat().st_size,
        sha256=digest,
        output_prefix=output_prefix,
        options=options,
    )
