"""Makes what a role has alone and the embedded service among others."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from actors.aggregator import Aggregator, Limits
from actors.sandbox import Sandbox, SandboxLimits
from service.bootstrap import Parts, Tools
from service.processing.context import OcrPlace
from service.processing.ocr import ocr_installed
from service.settings import Settings
from service.transport import Transport

if TYPE_CHECKING:
    from service.processing.worker_steps import ModelSteps  # loads the HTTP client


BATCH_THREADS = 2
"""One may plan a large job while the other plans a small one."""


def ocr_wanted(settings: Settings) -> bool:
    """Say whether documents that need OCR are handed on to its queue."""
    return settings.ocr == "on" or (settings.ocr == "auto" and ocr_installed())


def serves_scans(settings: Settings) -> bool:
    """Say whether text is to be recognised on this machine, where no role is named."""
    return settings.ocr != "off" and ocr_installed()


def make_sandbox(
    settings: Settings, temporary: Path, *, scans: bool = False
) -> Sandbox:
    """Give the sandbox of a worker, not started.

    Args:
        settings: Of the process.
        temporary: Where its temporary files go.
        scans: Whether it is the one in which text is recognised.
    """
    elsewhere = OcrPlace.ELSEWHERE if ocr_wanted(settings) else OcrPlace.NOWHERE
    memory_bytes = settings.child_memory_bytes
    return Sandbox(
        settings.job_type_modules,
        sandbox_limits(
            settings,
            ocr=OcrPlace.HERE if scans else elsewhere,
            memory_bytes=settings.ocr_memory_bytes if scans else memory_bytes,
        ),
        temp_parent=temporary,
    )


def sandbox_limits(
    settings: Settings, *, ocr: OcrPlace, memory_bytes: int
) -> SandboxLimits:
    """Give what the settings hold every child to."""
    looked_at = settings.model_url and settings.model_vision_name
    return SandboxLimits(
        ocr=ocr,
        ocr_max_pages=settings.ocr_max_pages,
        memory_bytes=memory_bytes,
        recycle_after=settings.recycle_after,
        kill_slack_s=settings.kill_slack_s,
        max_pages=settings.max_pages,
        picture_longest_px=settings.image_longest_px if looked_at else 0,
        picture_quality=settings.image_quality,
        max_pictures=settings.image_max_pages,
    )


@contextmanager
def model_steps(tools: Tools) -> Iterator["ModelSteps | None"]:
    """Give what asks the configured model, if any, about what sandboxes made."""
    steps = None
    if tools.settings.model_url:
        # Only here is the HTTP client loaded.
        from service.cli.making_models import make_model_steps

        steps = make_model_steps(tools)
    try:
        yield steps
    finally:
        if steps is not None:
            steps.close()


def make_aggregator(parts: Parts, transport: Transport, *, holder: str) -> Aggregator:
    """Give an aggregator that does nothing yet."""
    settings = parts.settings
    return Aggregator(
        store=parts.store,
        blobs=parts.blobs,
        transport=transport,
        clock=parts.clock,
        metrics=parts.metrics,
        limits=Limits(
            queue_ahead_s=settings.queue_ahead_s,
            most_ahead=settings.queue_ahead_max,
            release_expiry_s=settings.release_expiry_s,
            kill_slack_s=settings.kill_slack_s,
            retention_s=settings.retention_s,
            upload_grace_s=settings.upload_grace_s,
            max_documents=settings.max_documents_per_job,
        ),
        holder=holder,
    )
