"""Runs the steps of a job type over one document; knows nothing of formats."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from service.clock import Clock
from service.domain.model import StepTiming
from service.processing.context import Limits, OcrPlace, Source, StepContext
from service.processing.options import DEFAULT_OPTIONS, ProcessingOptions
from service.processing.outputs import OutputFile, StrPath
from service.processing.progress import PipelineProgress
from service.processing.registry import JobType
from service.processing.reports import StepReport
from service.processing.results import Result, SourceInfo, Status, timestamp

__all__ = ["Limits", "Outcome", "Source", "StepContext", "StepReport", "run_pipeline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one document."""

    data: dict[str, Any]
    """The whole result under its camelCase names, as JSON-ready builtins."""
    status: Status
    media_type: str
    steps: tuple[StepTiming, ...]
    outputs: tuple[OutputFile, ...]
    """Files that lie beside the prefix given for them."""


def run_pipeline(
    job_type: JobType,
    source: Source,
    limits: Limits,
    report: Callable[[StepReport], None],
    clock: Clock,
    output_prefix: StrPath,
    *,
    output_key: str | None = None,
    options: ProcessingOptions = DEFAULT_OPTIONS,
    ocr: OcrPlace = OcrPlace.NOWHERE,
    time_limit_s: float = math.inf,
) -> Outcome:
    """Run every step of `job_type` over `source` and give the result.

    Args:
        job_type: Whose steps to run, in order.
        source: The document; only read.
        limits: How much of it may be read.
        report: Told at the start of each step, and of pages inside one.
        clock: For timings and the result's times.
        output_prefix: Steps may write files whose names begin with this path.
        output_key: What the blobs of those files are called before their names.
        options: What the submitter chose.
        ocr: Where text is recognised in pictures.
        time_limit_s: After which the caller ends it; steps that can stop before.

    Raises:
        DocumentError: The document cannot be processed; its code says why.
        OcrElsewhereError: It is to be handed on.
        MemoryError: It needs more memory than there is.
        msgspec.ValidationError: What a guest's steps said of it has not the form that
            clients are promised.
    """
    progress = PipelineProgress(job_type, report, clock)
    started_at, ends_s = clock.now(), clock.monotonic() + time_limit_s
    context = StepContext(
        source,
        replace(limits, **job_type.limits) if job_type.limits else limits,
        output_prefix=output_prefix,
        progress=progress,
        output_key=output_key,
        options=options,
        today=started_at.date(),
        ocr=ocr,
        left_s=lambda: ends_s - clock.monotonic(),
    )
    for step in job_type.steps:
        progress.begin(step)
        context.step = step.name
        step.run(context)
    timings = progress.finish()
    own = job_type.compose(context)
    result = _result(
        job_type, context, timings, started_at=started_at, finished_at=clock.now()
    )
    data = msgspec.to_builtins(result) | msgspec.to_builtins(own)
    if job_type.guest:  # whose code no type checker of ours has seen
        msgspec.convert(data, job_type.result)
    return Outcome(
        data=data,
        status=result.status,
        media_type=context.media_type,
        steps=timings,
        outputs=tuple(context.outputs),
    )


def _result(
    job_type: JobType,
    context: StepContext,
    timings: tuple[StepTiming, ...],
    *,
    started_at: datetime,
    finished_at: datetime,
) -> Result:
    """Give what the results of all job types have."""
    return Result(
        job_type=job_type.name,
        document_id=context.source.document_id,
        source=_source_info(context),
        status=_status(context),
        errors=tuple(context.errors),
        issues=tuple(context.issues),
        limits_hit=tuple(context.limits_hit),
        log=tuple(context.logged),
        timings_ms={timing.name: timing.milliseconds for timing in timings},
        engines=tuple(context.engines),
        started_at=timestamp(started_at),
        finished_at=timestamp(finished_at),
    )


def _status(context: StepContext) -> Status:
    severe = any(issue.severity in {"error", "fatal"} for issue in context.issues)
    return "degraded" if severe or context.errors else "ok"


def _source_info(context: StepContext) -> SourceInfo:
    source = context.source
    return SourceInfo(
        filename=source.name,
        size_bytes=source.size_bytes,
        sha256=source.sha256,
        media_type_declared=source.declared_media_type,
        media_type_detected=context.media_type,
        extension_matches=context.extension_matches,
    )
