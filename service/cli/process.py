"""Processes files in a sandbox of this command's own: no queue, no store."""

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

from actors.sandbox import Sandbox, SandboxJob, SandboxLimits
from service.cli.output import note, write_json
from service.cli.text import printable
from service.clock import SystemClock
from service.errors import DocumentError
from service.ids import new_document_id
from service.processing.registry import build_registry
from service.settings import Settings


def process_files(
    settings: Settings,
    files: Sequence[Path],
    *,
    job_type: str | None,
    time_limit_s: float,
) -> bool:
    """Write each file's result, or say why it has none; gives whether all have one.

    Raises:
        InvalidRequestError: The job type is not installed.
    """
    chosen = job_type or settings.default_type
    build_registry(settings.job_type_modules).get(chosen)
    limits = SandboxLimits(
        memory_bytes=settings.child_memory_bytes,
        recycle_after=settings.recycle_after,
        kill_slack_s=settings.kill_slack_s,
        max_pages=settings.max_pages,
    )
    all_well = True
    with (
        tempfile.TemporaryDirectory(prefix="docmill-") as folder,
        Sandbox(settings.job_type_modules, limits) as sandbox,
    ):
        for path in files:
            job = _job(path, chosen, text_path=Path(folder) / "text")
            try:
                result = sandbox.run(
                    job, time_limit_s=time_limit_s, on_report=lambda _: None
                )
            except DocumentError as error:
                all_well = False
                note(f"{printable(str(path))}: {error.code}: {error.message}")
            else:
                write_json(result.data)
    return all_well


def _job(path: Path, job_type: str, *, text_path: Path) -> SandboxJob:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return SandboxJob(
        job_type=job_type,
        document_id=new_document_id(SystemClock()),
        path=path.absolute(),
        name=printable(path.name),
        size_bytes=path.stat().st_size,
        sha256=digest,
        text_path=text_path,
    )
