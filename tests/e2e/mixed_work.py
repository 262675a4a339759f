"""A made-up job type whose documents differ: each says itself what it does."""

import os
import re
import select

from service.processing.context import StepContext
from service.processing.registry import JobType, Registry, Step


def register(registry: Registry) -> None:
    """Add it."""
    registry.register(JobType("MIXED", (Step("mixed", _mixed),)))


def _mixed(context: StepContext) -> None:
    """Loop in C for ever, die, or wait for as many milliseconds as it says."""
    match context.source.path.read_text(encoding="utf-8"):
        case "spin":
            re.fullmatch(r"(a+)+", "a" * 100 + "b")
        case "abort":
            os.abort()
        case milliseconds:
            select.select([], [], [], int(milliseconds) / 1000)
