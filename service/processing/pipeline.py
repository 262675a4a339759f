"""Runs the steps of a job type over one document; knows nothing of formats."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from service.clock import Clock
from service.domain.model import StepTiming
from service.processing.context import (
    Limits,
    OcrPlace,
    OutputFile,
    Source,
    StepContext,
    StepReport,
)
from service.processing.options import DEFAULT_OPTIONS, ProcessingOptions
from service.processing.registry import JobType, Step
from service.processing.results import Result, SourceInfo, Status, timestamp

__all__ = ["Limits", "Outcome", "Source", "StepContext", "StepReport", "run_pipeline"]

PAGE_REPORT_INTERVAL_S = 0.05
"""Pages are reported at most this often: more is conflated away downstream."""


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
    output_prefix: Path,
    *,
    output_key: str | None = None,
    options: ProcessingOptions = DEFAULT_OPTIONS,
    ocr: OcrPlace = OcrPlace.NOWHERE,
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

    Raises:
        DocumentError: The document cannot be processed; its code says why.
        OcrElsewhereError: It is to be handed on.
        MemoryError: It needs more memory than there is.
    """
    progress = _Progress(job_type, report, clock)
    started_at = clock.now()
    context = StepContext(
        source,
        replace(limits, **job_type.limits) if job_type.limits else limits,
        output_prefix=output_prefix,
        progress=progress,
        output_key=output_key,
        options=options,
        today=started_at.date(),
        ocr=ocr,
    )
    timings = []
    for step in job_type.steps:
        progress.begin(step)
        context.step = step.name
        began = clock.monotonic()
        step.run(context)
        elapsed_ms = round((clock.monotonic() - began) * 1000)
        timings.append(StepTiming(name=step.name, milliseconds=elapsed_ms))
    own = job_type.compose(context)
    status = _status(context)
    result = Result(
        job_type=job_type.name,
        document_id=source.document_id,
        source=_source_info(context),
        status=status,
        errors=tuple(context.errors),
        issues=tuple(context.issues),
        limits_hit=tuple(context.limits_hit),
        log=tuple(context.logged),
        timings_ms={timing.name: timing.milliseconds for timing in timings},
        engines=tuple(context.engines),
        started_at=timestamp(started_at),
        finished_at=timestamp(clock.now()),
    )
    return Outcome(
        data=msgspec.to_builtins(result) | msgspec.to_builtins(own),
        status=status,
        media_type=context.media_type,
        steps=tuple(timings),
        outputs=tuple(context.outputs),
    )


class _Progress:
    """Turns steps and pages into shares of the whole document."""

    def __init__(
        self, job_type: JobType, report: Callable[[StepReport], None], clock: Clock
    ) -> None:
        self._total = sum(step.weight for step in job_type.steps) or 1.0
        self._report = report
        self._clock = clock
        self._done = 0.0
        self._weight = 0.0
        self._newest = StepReport(step="", fraction=0.0)
        self._reported_at = -PAGE_REPORT_INTERVAL_S

    def begin(self, step: Step) -> None:
        """Report that `step` starts, all before it being done."""
        self._done += self._weight
        self._weight = step.weight
        self._send(
            StepReport(step=step.name, fraction=min(self._done / self._total, 1.0))
        )
        self._reported_at = -PAGE_REPORT_INTERVAL_S

    def page(self, number: int, of: int) -> None:
        """Report a page of the present step, unless one was reported just now."""
        if self._due():
            share = (number - 1) / of if of > 0 else 0.0
            self._send(replace(self._at(share), page=number, pages=of))

    def part(self, name: str) -> None:
        """Report a part of the present step under its own name, at once."""
        self._send(replace(self._newest, step=name, page=None, pages=None))
        self._reported_at = -PAGE_REPORT_INTERVAL_S

    def share(self, done: float) -> None:
        """Report how much of the present step is done, unless it just was."""
        if self._due():
            self._send(self._at(done))

    def said(self, message: str) -> None:
        """Report what a step says, at once."""
        self._send(replace(self._newest, message=message))

    def _due(self) -> bool:
        now = self._clock.monotonic()
        due = now - self._reported_at >= PAGE_REPORT_INTERVAL_S
        if due:
            self._reported_at = now
        return due

    def _at(self, share: float) -> StepReport:
        inside = self._weight * min(max(share, 0.0), 1.0)
        fraction = min((self._done + inside) / self._total, 1.0)
        return replace(self._newest, fraction=max(fraction, self._newest.fraction))

    def _send(self, newest: StepReport) -> None:
        self._newest = replace(newest, message=None)
        self._report(newest)


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
