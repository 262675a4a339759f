"""What a rule of quality is."""

from dataclasses import dataclass
from typing import Literal

from service.processing.results import Severity


@dataclass(frozen=True, slots=True)
class Bound:
    """The value from which something is an issue."""

    value: float
    unit: str
    side: Literal["from", "under"]
    """Whether values from it on, or under it, are an issue."""

    def broken_by(self, measured: float) -> bool:
        """Say whether a value is an issue."""
        if self.side == "from":
            return measured >= self.value
        return measured < self.value


@dataclass(frozen=True, slots=True)
class Rule:
    """When something is an issue, and how bad it is."""

    code: str
    severity: Severity
    penalty: float
    """Points of 100 for the whole document; one page takes its share of it."""
    message: str
    bound: Bound | None
    """None = there is nothing to measure: it is so, or it is not."""
    source: str
    """Where the bound comes from."""

    def broken_by(self, measured: float | None) -> bool:
        """Say whether a value is an issue; one that was not measured is none."""
        if measured is None or self.bound is None:
            return False
        return self.bound.broken_by(measured)


def fact(code: str, severity: Severity, penalty: float, message: str) -> Rule:
    """Give a rule about something that is so or is not."""
    return Rule(code, severity, penalty, message, None, "a fact the reader finds")


def at_least(value: float, unit: str) -> Bound:
    """Give a bound that is broken from `value` on."""
    return Bound(value, unit, "from")


def under(value: float, unit: str) -> Bound:
    """Give a bound that is broken under `value`."""
    return Bound(value, unit, "under")
