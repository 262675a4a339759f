"""From the milliseconds of a request to the options of a job, and back to a refusal."""

from collections.abc import Iterator
from typing import Final

from msgspec import UNSET

from gateway.problems import FieldProblem
from gateway.requests import MAX_TIMEOUT_MS, OptionsRequest, ProcessingRequest
from service.domain.model import JobOptions
from service.domain.options import ProcessingOptions
from service.errors import InvalidRequestError
from service.processing.job_types import MODEL_TYPES
from service.processing.options import page_ranges, refused_language
from service.settings import Settings

DEFAULT_CONCURRENT: Final = 5
DEFAULT_TIMEOUT_MS: Final = 300_000
REMOTE_VISION_RETRIES: Final = 1
"""Further attempts of a job that does not say, where each may cost money."""


def job_options(
    request: OptionsRequest,
    processing: ProcessingRequest,
    settings: Settings,
    *,
    documents: int,
    job_type: str,
) -> JobOptions:
    """Give a job's options in seconds, with what was left out filled in.

    The time limit of a job that names none is enough for all documents at theirs.
    """
    concurrent = request.max_concurrent
    if concurrent is UNSET:
        concurrent = default_concurrent(settings)
    timeout_ms = request.timeout
    if timeout_ms is UNSET:
        rounds_ms = -(-documents * request.document_timeout // concurrent)
        timeout_ms = min(max(DEFAULT_TIMEOUT_MS, rounds_ms), MAX_TIMEOUT_MS)
    attempts = request.retry_attempts
    if attempts is UNSET:
        attempts = settings.default_retry_attempts
        asks = job_type in MODEL_TYPES and processing.model != "off"
        if asks and settings.vision_is_remote:
            attempts = min(attempts, REMOTE_VISION_RETRIES)
    return JobOptions(
        max_concurrent=concurrent,
        timeout_s=timeout_ms / 1000,
        document_timeout_s=request.document_timeout / 1000,
        retry_attempts=attempts,
        retry_delay_s=request.retry_delay / 1000,
        processing=ProcessingOptions(
            ocr=processing.ocr,
            ocr_languages=tuple(processing.ocr_languages),
            pages=processing.pages,
            tables=processing.tables,
            expand_attachments=processing.expand_attachments,
            model=processing.model,
        ),
    )


def default_concurrent(settings: Settings) -> int:
    """Give the `maxConcurrent` of a job that names none."""
    return min(DEFAULT_CONCURRENT, settings.max_concurrent_limit)


def refused_options(
    request: OptionsRequest, processing: ProcessingRequest, settings: Settings
) -> list[FieldProblem]:
    """Find options of the right form that cannot be carried out here."""
    found = []
    limit = settings.max_concurrent_limit
    if request.max_concurrent is not UNSET and request.max_concurrent > limit:
        found.append(
            FieldProblem(
                pointer="/options/maxConcurrent",
                code="out_of_range",
                detail=f"At most {limit} here.",
            )
        )
    retention_ms = round(settings.retention_s * 1000)
    if request.retention not in {UNSET, retention_ms}:
        found.append(
            FieldProblem(
                pointer="/options/retention",
                code="not_available_yet",
                detail=f"Only {retention_ms} is available for options/retention yet.",
            )
        )
    return [*found, *_refused_processing(processing)]


def _refused_processing(processing: ProcessingRequest) -> Iterator[FieldProblem]:
    try:
        page_ranges(processing.pages or "1")
    except InvalidRequestError as error:
        yield FieldProblem(
            pointer="/processing/pages", code="out_of_range", detail=error.message
        )
    for place, language in enumerate(processing.ocr_languages):
        refusal = refused_language(language)
        if refusal is not None:
            yield FieldProblem(
                pointer=f"/processing/ocrLanguages/{place}",
                code="unknown_language",
                detail=refusal,
            )
