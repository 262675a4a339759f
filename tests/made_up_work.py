"""Job types that do nothing real, for tests and benchmarks.

Given to the service as a job type module; the content of a document is their argument.
"""

import os
import re
import select
from pathlib import Path

from service.processing.context import StepContext
from service.processing.registry import JobType, Registry, Step

STEPS_PART_MS = 20
_BLOCK_BYTES = 8 * 1024 * 1024


def register(registry: Registry) -> None:
    """Add all of them."""
    for name, run in (
        ("NOOP", _noop),
        ("SLEEP", _sleep),
        ("SPIN_IN_C", _spin_in_c),
        ("ABORT", _abort),
        ("ABORT_ONCE", _abort_once),
        ("MEMORY", _memory),
        ("RAISE", _raise),
    ):
        registry.register(JobType(name, (Step(name.lower(), run),)))
    steps = tuple(
        Step(name, _pages, weight)
        for name, weight in (("first", 1.0), ("second", 2.0), ("third", 1.0))
    )
    registry.register(JobType("STEPS", steps))


def _noop(context: StepContext) -> None:
    """Do nothing: an "empty document" in figures."""


def _sleep(context: StepContext) -> None:
    """Block in C for as many milliseconds as the content says."""
    _block(int(_content(context)))


def _spin_in_c(context: StepContext) -> None:
    """Never come back from C code that holds the interpreter lock."""
    re.fullmatch(r"(a+)+", "a" * 100 + "b")


def _abort(context: StepContext) -> None:
    """Die as a library does that finds itself out of memory."""
    os.abort()


def _abort_once(context: StepContext) -> None:
    """Die unless the file that the content names is there; then do nothing."""
    marker = Path(_content(context))
    if not marker.exists():
        marker.touch()
        os.abort()


def _memory(context: StepContext) -> None:
    """Take memory without end, and touch it."""
    taken = []
    while True:
        taken.append(bytearray(_BLOCK_BYTES))


def _raise(context: StepContext) -> None:
    """Fail as a bug of ours does, its message quoting the document."""
    message = f"secret content: {_content(context)}"
    raise ZeroDivisionError(message)


def _pages(context: StepContext) -> None:
    """Report as many pages as the content says, each after a short wait."""
    pages = int(_content(context))
    for page in range(1, pages + 1):
        context.report_page(page, pages)
        _block(STEPS_PART_MS)


def _content(context: StepContext) -> str:
    return context.source.path.read_text(encoding="utf-8").strip()


def _block(milliseconds: int) -> None:
    select.select([], [], [], milliseconds / 1000)
