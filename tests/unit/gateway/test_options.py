from typing import Any

import pytest

from gateway.options import DEFAULT_TIMEOUT_MS, job_options, refused_options
from gateway.requests import MAX_TIMEOUT_MS, OptionsRequest, ProcessingRequest
from service.settings import Settings


def test_milliseconds_become_seconds() -> None:
    request = OptionsRequest(
        max_concurrent=7,
        timeout=60_000,
        document_timeout=1_500,
        retry_attempts=0,
        retry_delay=250,
    )
    options = job_options(
        request, ProcessingRequest(), Settings(), documents=1, job_type="X"
    )
    assert options.max_concurrent == 7
    assert options.timeout_s == 60
    assert options.document_timeout_s == 1.5
    assert options.retry_attempts == 0
    assert options.retry_delay_s == 0.25


def test_retries_left_out_are_those_of_the_settings() -> None:
    settings = Settings(default_retry_attempts=4)
    options = job_options(
        OptionsRequest(), ProcessingRequest(), settings, documents=1, job_type="X"
    )
    assert options.retry_attempts == 4


@pytest.mark.parametrize(
    ("url", "vision", "job_type", "model", "attempts"),
    [
        ("https://models.example/v1", "eye", "FULL_ANALYSIS", "auto", 1),
        ("https://models.example/v1", "eye", "BATCH_ANALYSIS", "required", 1),
        ("https://models.example/v1", "eye", "FULL_ANALYSIS", "off", 2),
        ("https://models.example/v1", "eye", "DATA_EXTRACTION", "auto", 2),
        ("https://models.example/v1", "", "FULL_ANALYSIS", "auto", 2),
        ("http://localhost:11434/v1", "eye", "FULL_ANALYSIS", "auto", 2),
        ("http://127.0.0.1:11434/v1", "eye", "FULL_ANALYSIS", "auto", 2),
        ("", "eye", "FULL_ANALYSIS", "auto", 2),
    ],
)
def test_a_job_is_retried_less_where_a_remote_model_looks_at_pictures(
    url: str, vision: str, job_type: str, model: Any, attempts: int
) -> None:
    settings = Settings(model_url=url, model_name="small", model_vision_name=vision)
    processing = ProcessingRequest(model=model)

    def of(request: OptionsRequest, chosen: Settings) -> int:
        made = job_options(request, processing, chosen, documents=1, job_type=job_type)
        return made.retry_attempts

    assert of(OptionsRequest(), settings) == attempts
    assert of(OptionsRequest(retry_attempts=3), settings) == 3
    never = settings.model_copy(update={"default_retry_attempts": 0})
    assert of(OptionsRequest(), never) == 0


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        (1, DEFAULT_TIMEOUT_MS),
        (50, DEFAULT_TIMEOUT_MS),
        (51, 306_000),
        (10_000, 60_000_000),
        (10_000_000, MAX_TIMEOUT_MS),
    ],
)
def test_a_large_job_gets_the_time_its_documents_may_take(
    documents: int, expected: int
) -> None:
    request, processing = OptionsRequest(), ProcessingRequest()
    options = job_options(
        request, processing, Settings(), documents=documents, job_type="NOOP"
    )
    assert options.timeout_s == expected / 1000


def test_only_the_retention_of_the_service_may_be_asked_for() -> None:
    settings = Settings(retention_s=3_600)

    def refused(retention_ms: int) -> list[str]:
        request = OptionsRequest(retention=retention_ms)
        problems = refused_options(request, ProcessingRequest(), settings)
        return [f"{each.pointer} {each.code}" for each in problems]

    assert refused(3_600_000) == []
    assert refused(86_400_000) == ["/options/retention not_available_yet"]


def test_codes_that_no_language_has_are_refused_each_by_name() -> None:
    processing = ProcessingRequest(ocr_languages=["de", "xx", "ru", "qq"])

    problems = refused_options(OptionsRequest(), processing, Settings())

    assert [each.pointer for each in problems] == [
        "/processing/ocrLanguages/1",
        "/processing/ocrLanguages/3",
    ]
    assert {each.code for each in problems} == {"unknown_language"}
    assert "'xx'" in problems[0].detail


@pytest.mark.parametrize(("limit", "expected"), [(3, 3), (5, 5), (1_000, 5)])
def test_a_job_that_names_no_concurrency_keeps_to_the_limit_of_the_settings(
    limit: int, expected: int
) -> None:
    settings = Settings(max_concurrent_limit=limit)
    request, processing = OptionsRequest(), ProcessingRequest()
    assert refused_options(request, processing, settings) == []
    options = job_options(request, processing, settings, documents=1, job_type="NOOP")
    assert options.max_concurrent == expected
