"""How far a document is, and how long each step of it took."""

import operator
from collections.abc import Callable
from dataclasses import replace

from service.clock import Clock
from service.domain.model import StepTiming
from service.processing.registry import JobType, Step
from service.processing.reports import StepReport

PAGE_REPORT_INTERVAL_S = 0.05
"""Pages are reported at most this often: more is conflated away downstream."""
_PART_SHARE = 0.9
"""Of what is left of a document, how much is a part with a name of its own: it has one
because it takes longer than all the rest."""


class PipelineProgress:
    """Turns steps, their parts and pages into shares of the whole document."""

    def __init__(
        self, job_type: JobType, report: Callable[[StepReport], None], clock: Clock
    ) -> None:
        self._total = sum(step.weight for step in job_type.steps) or 1.0
        self._report = report
        self._clock = clock
        self._done = 0.0
        self._weight = 0.0
        self._floor = 0.0
        self._part_share: float | None = None
        self._newest = StepReport(step="", fraction=0.0)
        self._reported_at = -PAGE_REPORT_INTERVAL_S
        self._outer = self._timed = ""
        self._since_s = 0.0
        self._spent_s: dict[str, float] = {}

    def begin(self, step: Step) -> None:
        """Report that `step` starts, all before it being done."""
        self._time(step.name)
        self._done += self._weight
        self._weight = step.weight
        self._send(StepReport(step=step.name, fraction=self._fraction(0.0)))
        self._reported_at = -PAGE_REPORT_INTERVAL_S

    def finish(self) -> tuple[StepTiming, ...]:
        """Give how long each step and each part took, in the order they began."""
        self._time("")
        return tuple(
            StepTiming(name=name, milliseconds=round(spent_s * 1000))
            for name, spent_s in self._spent_s.items()
        )

    def page(self, number: int, of: int) -> None:
        """Report a page of the present step, unless one was reported just now.

        Raises:
            TypeError: One of the numbers is not whole.
        """
        number, of = int(operator.index(number)), int(operator.index(of))
        share = (number - 1) / of if of > 0 else 0.0
        newest = replace(
            self._newest,
            fraction=self._fraction(share),
            page=max(number, 0),
            pages=max(of, 0),
        )
        if self._due():
            self._send(newest)
        else:
            self._newest = newest

    def begin_part(self, name: str) -> None:
        """Report a part of the present step under its own name, at once."""
        self._outer = self._timed
        self._time(name)
        self._floor = self._newest.fraction
        self._part_share = _PART_SHARE
        self._send(StepReport(step=name, fraction=self._floor))
        self._reported_at = -PAGE_REPORT_INTERVAL_S

    def end_part(self) -> None:
        """Go back to the step that the part was of."""
        self._time(self._outer)
        self._floor, self._part_share = self._fraction(1.0), None
        self._send(StepReport(step=self._outer, fraction=self._floor))
        self._reported_at = -PAGE_REPORT_INTERVAL_S

    def share(self, done: float) -> None:
        """Report how much of the present step is done, unless it just was."""
        if self._due():
            self._send(replace(self._newest, fraction=self._fraction(done)))

    def said(self, message: str) -> None:
        """Report what a step says, at once."""
        self._send(replace(self._newest, message=message))

    def _time(self, name: str) -> None:
        """Count the time since the last call for what was at work, then for `name`."""
        now_s = self._clock.monotonic()
        if self._timed:
            self._spent_s[self._timed] += now_s - self._since_s
        if name:
            self._spent_s.setdefault(name, 0.0)
        self._timed, self._since_s = name, now_s

    def _due(self) -> bool:
        now = self._clock.monotonic()
        due = now - self._reported_at >= PAGE_REPORT_INTERVAL_S
        if due:
            self._reported_at = now
        return due

    def _fraction(self, share: float) -> float:
        """Give how far the document is with that share of what is at work done."""
        share = min(max(0.0, share), 1.0)  # in this order NaN is 0
        if self._part_share is not None:
            inside = self._part_share * share
        else:
            inside = min((self._done + self._weight * share) / self._total, 1.0)
        fraction = self._floor + (1.0 - self._floor) * inside
        return max(fraction, self._newest.fraction)

    def _send(self, newest: StepReport) -> None:
        said = newest.message is not None
        self._newest = replace(newest, message=None) if said else newest
        self._report(newest)
