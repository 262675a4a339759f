"""What the models said of one document, and what that cost."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from service.clock import Clock
from service.domain.model import StepTiming
from service.processing.llm.client import ModelConfig
from service.processing.llm.problems import ModelError, Usage
from service.processing.results import ModelUse

_MILLISECONDS = 1_000


class Findings:
    """Collected step by step, on one thread.

    Attributes:
        parts: New values of the result's parts, by their names on the wire.
        limits: Codes of limits that cut off what the models were shown.
        timings: Of the steps so far.
        reason: The first reason to do without a model, if there was one.
    """

    def __init__(self) -> None:
        self.parts: dict[str, Any] = {}
        self.limits: list[str] = []
        self.timings: tuple[StepTiming, ...] = ()
        self.reason: str | None = None
        self._used = False
        self._first: ModelConfig | None = None
        self._usage = Usage()

    @contextmanager
    def measured(self, step: str, config: ModelConfig, clock: Clock) -> Iterator[None]:
        """Note how long a step took and how it ended."""
        began_s = clock.monotonic()
        self._first = self._first or config
        try:
            yield
        except ModelError as error:
            self.reason = self.reason or error.trouble.value
            if error.usage is not None:
                self.add_usage(error.usage)
            raise
        else:
            if not self._used:
                self._first, self._used = config, True
        finally:
            elapsed_ms = round((clock.monotonic() - began_s) * _MILLISECONDS)
            self.timings += (StepTiming(name=step, milliseconds=elapsed_ms),)

    def add_usage(self, usage: Usage) -> None:
        """Add what one answer cost."""
        self._usage += usage

    def model_use(self) -> ModelUse:
        """Give it as results have it; the model is the first that was of use."""
        config = self._first
        spent = self._usage != Usage()
        return ModelUse(
            used=self._used,
            model=config.name if config else None,
            host=config.host if config else None,
            latency_ms=sum(each.milliseconds for each in self.timings)
            if config
            else None,
            prompt_tokens=self._usage.prompt_tokens if spent else None,
            completion_tokens=self._usage.completion_tokens if spent else None,
            fallback_reason=self.reason,
        )
