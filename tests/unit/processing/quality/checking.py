"""Runs ``QUALITY_CHECK`` over content that a test makes."""

from pathlib import Path
from typing import Any

from service.processing.options import DEFAULT_OPTIONS, ProcessingOptions
from service.processing.pipeline import Limits, Outcome
from tests.unit.processing.running import extract


def check(
    path: Path,
    *,
    limits: Limits | None = None,
    options: ProcessingOptions = DEFAULT_OPTIONS,
) -> Outcome:
    return extract(path, job_type="QUALITY_CHECK", limits=limits, options=options)


def checked(
    folder: Path, name: str, content: bytes, *, limits: Limits | None = None
) -> Outcome:
    path = folder / name
    path.write_bytes(content)
    return check(path, limits=limits)


def codes(outcome: Outcome) -> list[str]:
    return [issue["code"] for issue in outcome.data["issues"]]


def issue(outcome: Outcome, code: str) -> dict[str, Any]:
    """Give the only issue of that code."""
    (found,) = (each for each in outcome.data["issues"] if each["code"] == code)
    assert isinstance(found, dict)
    return found
