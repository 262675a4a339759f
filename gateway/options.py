"""From the milliseconds of a request to the options of a job, and back to a refusal."""

from typing import Final

from msgspec import UNSET

from gateway.problems import FieldProblem
from gateway.requests import MAX_TIMEOUT_MS, OptionsRequest
from service.domain.model import JobOptions
from service.settings import Settings

DEFAULT_TIMEOUT_MS: Final = 300_000


def job_options(
    request: OptionsRequest, settings: Settings, *, documents: int
) -> JobOptions:
    """Give a job's options in seconds, with what was left out filled in."""
    timeout_ms = request.timeout
    if timeout_ms is UNSET:
        timeout_ms = fitting_timeout_ms(request, documents=documents)
    attempts = request.retry_attempts
    if attempts is UNSET:
        attempts = settings.default_retry_attempts
    return JobOptions(
        max_concurrent=request.max_concurrent,
        timeout_s=timeout_ms / 1000,
        document_timeout_s=request.document_timeout / 1000,
        retry_attempts=attempts,
        retry_delay_s=request.retry_delay / 1000,
    )


def fitting_timeout_ms(request: OptionsRequest, *, documents: int) -> int:
    """Give the time limit of a job that names none: enough for all at their limit."""
    rounds = -(-documents * request.document_timeout // request.max_concurrent)
    return min(max(DEFAULT_TIMEOUT_MS, rounds), MAX_TIMEOUT_MS)


def over_limit(request: OptionsRequest, settings: Settings) -> list[FieldProblem]:
    """Find options within the contract but over this installation's limits."""
    limit = settings.max_concurrent_limit
    if request.max_concurrent <= limit:
        return []
    return [
        FieldProblem(
            pointer="/options/maxConcurrent",
            code="out_of_range",
            detail=f"At most {limit} here.",
        )
    ]
