"""The job type ``DATA_EXTRACTION``: text, pages, metadata, language, fields."""

import importlib
from collections.abc import Callable

from service.processing.context import StepContext
from service.processing.registry import JobType, Registry, Step

_STEPS = "service.processing.extraction"


def register(registry: Registry) -> None:
    """Add the job type, without loading the libraries its steps use."""
    registry.register(
        JobType(
            "DATA_EXTRACTION",
            (
                Step("sniff", _later("sniff"), weight=0.1),
                Step("extract", _later("extract"), weight=10.0),
                Step("language", _later("detect_language"), weight=0.5),
                Step("fields", _later("read_fields"), weight=0.5),
            ),
        )
    )


def _later(function: str) -> Callable[[StepContext], None]:
    def run(context: StepContext) -> None:
        getattr(importlib.import_module(_STEPS), function)(context)

    return run
