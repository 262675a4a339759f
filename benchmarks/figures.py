"""What a benchmark found, and how it is shown."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

_PLACES = 3
"""Significant digits shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a figure's median has to reach."""

    value: float
    at_least: bool

    def met_by(self, figure: float) -> bool:
        """Say whether `figure` is good enough."""
        return figure >= self.value if self.at_least else figure <= self.value

    def __str__(self) -> str:
        """Give it as a table cell."""
        return f"{'≥' if self.at_least else '≤'} {self.value:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured quantity, repeated, beside what it is compared with."""

    name: str
    unit: str
    values: tuple[float, ...]
    baseline: str
    """What `baseline_values` are of, measured in the same run."""
    baseline_values: tuple[float, ...]
    baseline_unit: str = ""
    """Empty: the same unit."""
    target: Target | None = None

    @property
    def median(self) -> float:
        """The figure."""
        return statistics.median(self.values)

    @property
    def met(self) -> bool | None:
        """Whether the median reaches the target; None without one."""
        return None if self.target is None else self.target.met_by(self.median)


def at_least(value: float) -> Target:
    """Give a target from below."""
    return Target(value=value, at_least=True)


def at_most(value: float) -> Target:
    """Give a target from above."""
    return Target(value=value, at_least=False)


def percentile(values: Sequence[float], share: float) -> float:
    """Give the smallest value that `share` (0-1) of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def show(benchmark: str, figures: Sequence[Figure]) -> None:
    """Print a benchmark's figures as a table."""
    table = Table(title=benchmark, title_justify="left", title_style="bold")
    table.add_column("figure")
    for name in ("min", "median", "max"):
        table.add_column(name, justify="right")
    table.add_column("unit")
    table.add_column("target")
    table.add_column("baseline in the same run (min / median / max)")
    for figure in figures:
        table.add_row(
            figure.name,
            *_spread(figure.values),
            figure.unit,
            _verdict(figure),
            _baseline(figure),
        )
    Console(width=150).print(table)


def as_json(figures: Sequence[Figure]) -> list[dict[str, Any]]:
    """Give figures as JSON-ready values."""
    return [
        {
            "name": figure.name,
            "unit": figure.unit,
            "values": list(figure.values),
            "median": figure.median,
            "target": None if figure.target is None else str(figure.target),
            "met": figure.met,
            "baseline": figure.baseline,
            "baselineUnit": figure.baseline_unit or figure.unit,
            "baselineValues": list(figure.baseline_values),
        }
        for figure in figures
    ]


def _spread(values: Sequence[float]) -> tuple[str, str, str]:
    return _short(min(values)), _short(statistics.median(values)), _short(max(values))


def _verdict(figure: Figure) -> str:
    if figure.target is None:
        return "-"
    return f"{figure.target}: {'met' if figure.met else 'NOT MET'}"


def _baseline(figure: Figure) -> str:
    spread = " / ".join(_spread(figure.baseline_values))
    return f"{figure.baseline}: {spread} {figure.baseline_unit or figure.unit}"


def _short(value: float) -> str:
    if value == 0:
        return "0"
    places = _PLACES - 1 - math.floor(math.log10(abs(value)))
    return f"{value:.{max(0, places)}f}"
