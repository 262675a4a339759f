"""A sandbox whose results a model may add to, in the worker's own process."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import msgspec

from actors.sandbox import SandboxJob, SandboxResult, remove_outputs
from service.clock import Clock
from service.errors import DOCUMENT_CODES, DocumentError
from service.processing.job_types import MODEL_TYPES
from service.processing.llm.patience import Patience
from service.processing.outputs import (
    MAX_PICTURES,
    PICTURE_OUTPUT,
    RESULT_OUTPUT,
    TEXT_OUTPUT,
    OutputFile,
    output_path,
)
from service.processing.reports import StepReport

if TYPE_CHECKING:
    from service.processing.worker_steps import ModelSteps  # loads the HTTP client

_PICTURES = tuple(PICTURE_OUTPUT.format(place + 1) for place in range(MAX_PICTURES))
SANDBOX_SHARE = 0.5
"""Share of such a document's work that is done when the sandbox is."""


def _never() -> bool:
    return False


class Runs(Protocol):
    """Processes one document and waits for it, as `Sandbox.run` does."""

    def run(
        self,
        job: SandboxJob,
        *,
        time_limit_s: float,
        on_report: Callable[[StepReport], None],
        should_stop: Callable[[], bool] = _never,
    ) -> SandboxResult:
        """Give the result."""
        ...


class ModelSandbox:
    """Runs documents in a sandbox, then asks the model about those that may.

    Args:
        sandbox: Which.
        steps: None = no model is configured.
        clock: Time.
    """

    def __init__(self, sandbox: Runs, steps: "ModelSteps | None", clock: Clock) -> None:
        self._sandbox = sandbox
        self._steps = steps
        self._clock = clock

    def run(
        self,
        job: SandboxJob,
        *,
        time_limit_s: float,
        on_report: Callable[[StepReport], None],
        should_stop: Callable[[], bool] = _never,
    ) -> SandboxResult:
        """Process one document and wait for it; as `Sandbox.run`.

        Raises:
            DocumentError: It cannot be processed, or not without a model.
            UpstreamUnavailableError: It insists on a model that is of no use now.
            ProcessingStoppedError: `should_stop` said so.
        """
        until_s = self._clock.monotonic() + time_limit_s
        steps = self._steps_for(job)
        if steps is None:
            return self._sandbox.run(
                job,
                time_limit_s=time_limit_s,
                on_report=on_report,
                should_stop=should_stop,
            )
        steps.check(job.options)
        progress = _Progress(on_report)
        result = self._sandbox.run(
            job,
            time_limit_s=time_limit_s,
            on_report=progress.sandbox,
            should_stop=should_stop,
        )
        patience = Patience(clock=self._clock, until_s=until_s, should_stop=should_stop)
        try:
            return _with_model(steps, job, result, patience, progress)
        except BaseException:
            remove_outputs(job.output_prefix)
            raise

    def _steps_for(self, job: SandboxJob) -> "ModelSteps | None":
        if job.job_type not in MODEL_TYPES or job.options.model == "off":
            return None
        if self._steps is None and job.options.model == "required":
            code = "model_unavailable"
            raise DocumentError(DOCUMENT_CODES[code], code=code)
        return self._steps


class _Progress:
    """Makes room for the model's steps after those of the sandbox."""

    def __init__(self, on_report: Callable[[StepReport], None]) -> None:
        self._on_report = on_report
        self._fraction = SANDBOX_SHARE

    def sandbox(self, report: StepReport) -> None:
        """Pass on what the sandbox says."""
        self._on_report(replace(report, fraction=report.fraction * SANDBOX_SHARE))

    def step(self, name: str) -> None:
        """Say that a step of the model begins."""
        self._on_report(StepReport(step=name, fraction=self._fraction))
        self._fraction += (1 - self._fraction) / 2


def _with_model(
    steps: "ModelSteps",
    job: SandboxJob,
    result: SandboxResult,
    patience: Patience,
    progress: _Progress,
) -> SandboxResult:
    place = {
        output.name: output_path(job.output_prefix, output.name)
        for output in result.outputs
    }
    pictures = [name for name in _PICTURES if name in place]
    found = place[RESULT_OUTPUT].read_bytes() if result.in_file else bytes(result.data)
    data, timings = steps.apply(
        found,
        text_path=place.get(TEXT_OUTPUT),
        picture_paths=tuple(place[name] for name in pictures),
        options=job.options,
        patience=patience,
        report=progress.step,
    )
    outputs = tuple(each for each in result.outputs if each.name not in pictures)
    for name in pictures:
        place[name].unlink()
    if result.in_file:
        place[RESULT_OUTPUT].write_bytes(data)
        outputs = tuple(_resized(each, len(data)) for each in outputs)
    return replace(
        result,
        data=result.data if result.in_file else msgspec.Raw(data),
        steps=result.steps + timings,
        outputs=outputs,
    )


def _resized(output: OutputFile, size_bytes: int) -> OutputFile:
    is_result = output.name == RESULT_OUTPUT
    return replace(output, size_bytes=size_bytes) if is_result else output
