"""Makes what a role has alone and the embedded service among others."""

from pathlib import Path

from actors.aggregator import Aggregator, Limits
from actors.sandbox import Sandbox, SandboxLimits
from service.bootstrap import Parts
from service.settings import Settings
from service.transport import Transport


def make_sandbox(settings: Settings, temporary: Path) -> Sandbox:
    """Give the sandbox of a document worker, not started."""
    return Sandbox(
        settings.job_type_modules,
        SandboxLimits(
            memory_bytes=settings.child_memory_bytes,
            recycle_after=settings.recycle_after,
            kill_slack_s=settings.kill_slack_s,
            max_pages=settings.max_pages,
        ),
        temp_parent=temporary,
    )


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
        ),
        holder=holder,
    )
