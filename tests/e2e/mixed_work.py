"""Made-up job types: documents that say themselves what they do; a slow finish."""

import os
import re
import select
from dataclasses import replace

from service.processing.batch.finish import finish
from service.processing.batch.finishing import FinishContext
from service.processing.context import StepContext
from service.processing.registry import JobType, Registry, Step
from service.processing.results import BatchResult

FINISHING_S = 2.0


def register(registry: Registry) -> None:
    """Add them."""
    steps = (Step("mixed", _mixed),)
    registry.register(JobType("MIXED", steps))
    registry.register(JobType("SLOW_FINISH", steps, finish=_finish_slowly))
    registry.register(JobType("BROKEN_FINISH", steps, finish=_finish_badly))


def _finish_slowly(context: FinishContext) -> BatchResult:
    """Wait for so long that somebody can interfere."""
    select.select([], [], [], FINISHING_S)
    return finish(replace(context, read=lambda: iter(())))


def _finish_badly(context: FinishContext) -> BatchResult:
    """Fail as a bug of ours does."""
    message = f"secret: {context.job_id}"
    raise ZeroDivisionError(message)


def _mixed(context: StepContext) -> None:
    """Loop in C for ever, die, or wait for as many milliseconds as it says."""
    match context.source.path.read_text(encoding="utf-8"):
        case "spin":
            re.fullmatch(r"(a+)+", "a" * 100 + "b")
        case "abort":
            os.abort()
        case milliseconds:
            select.select([], [], [], int(milliseconds) / 1000)
