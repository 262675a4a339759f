"""The built-in job types: which steps each has, and how its result is put together.

Light to import: the steps load their libraries when they first run.
"""

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from service.processing.context import StepContext
from service.processing.registry import JobType, Registry, Step
from service.processing.results import (
    Analysis,
    AnalysisResult,
    BatchDocument,
    BatchDocumentResult,
    BatchResult,
    Extraction,
    ExtractionResult,
    Part,
    Quality,
    QualityResult,
)

if TYPE_CHECKING:
    from service.processing.batch.finishing import FinishContext

MODEL_TYPES = frozenset({"FULL_ANALYSIS", "BATCH_ANALYSIS"})
"""Those whose results have a place for what a language model says."""
_HERE = "service.processing"


def _later(place: str) -> Callable[[StepContext], None]:
    """Give a step that loads its module when it runs: ``module:function``."""
    module, function = place.split(":")

    def run(context: StepContext) -> None:
        getattr(importlib.import_module(f"{_HERE}.{module}"), function)(context)

    return run


_SNIFF = Step("sniff", _later("extraction:sniff"), weight=0.1)
_EXTRACT = Step("extract", _later("extraction:extract"), weight=10.0)
_LANGUAGE = Step("language", _later("extraction:detect_language"), weight=0.5)
_CODES = Step("codes", _later("codes:read_codes"), weight=2.0)
_ENTITIES = Step("entities", _later("entities.step:find_entities"), weight=1.0)
_FIELDS = Step("fields", _later("fields.step:read_fields"), weight=1.0)
_QUALITY = Step("quality", _later("quality.step:judge"), weight=5.0)
_PREVIEWS = Step("previews", _later("previews:render"), weight=2.0)
_ANALYSE = Step("analyse", _later("analysis.step:analyse"), weight=1.0)
_PICTURE = Step("picture", _later("images.step:compress"), weight=0.5)
_FINGERPRINT = Step("fingerprint", _later("batch.fingerprint:take"), weight=0.2)

READING = (_SNIFF, _EXTRACT, _LANGUAGE)
"""What every type begins with that needs to know what is in a document."""

_EXTRACTION = (*READING, _CODES, _ENTITIES, _FIELDS)
_ANALYSIS = (*_EXTRACTION, _QUALITY, _ANALYSE, _PICTURE)


def register(registry: Registry) -> None:
    """Add the built-in job types, without loading the libraries their steps use."""
    registry.register(
        JobType(
            "DATA_EXTRACTION",
            (*_EXTRACTION, _PREVIEWS),
            compose=_extraction,
            result=ExtractionResult,
        )
    )
    registry.register(
        JobType(
            "QUALITY_CHECK",
            (
                Step("open", _later("quality.step:open_document"), weight=10.0),
                _LANGUAGE,
                _QUALITY,
            ),
            compose=_quality,
            result=QualityResult,
        )
    )
    registry.register(
        JobType(
            "FULL_ANALYSIS",
            (*_ANALYSIS, _PREVIEWS),
            compose=_analysis,
            result=AnalysisResult,
        )
    )
    registry.register(
        JobType(
            "BATCH_ANALYSIS",
            (*_ANALYSIS, _FINGERPRINT, _PREVIEWS),
            compose=_batch_document,
            result=BatchDocumentResult,
            finish=_finish_batch,
        )
    )


def _extraction(context: StepContext) -> Part:
    return Extraction(**context.extraction)


def _quality(context: StepContext) -> Quality:
    if context.quality is None:
        message = "the quality was not judged"
        raise LookupError(message)
    return context.quality


def _analysis(context: StepContext) -> Part:
    return Analysis(
        quality=_quality(context),
        extraction=Extraction(**context.extraction),
        **context.analysis,
    )


def _batch_document(context: StepContext) -> Part:
    return BatchDocument(
        quality=_quality(context),
        extraction=Extraction(**context.extraction),
        **context.analysis,
    )


def _finish_batch(context: "FinishContext") -> BatchResult:
    from service.processing.batch.finish import finish

    return finish(context)
