import pytest

from gateway.options import DEFAULT_TIMEOUT_MS, fitting_timeout_ms, job_options
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
    options = job_options(request, ProcessingRequest(), Settings(), documents=1)
    assert options.max_concurrent == 7
    assert options.timeout_s == 60
    assert options.document_timeout_s == 1.5
    assert options.retry_attempts == 0
    assert options.retry_delay_s == 0.25


def test_retries_left_out_are_those_of_the_settings() -> None:
    settings = Settings(default_retry_attempts=4)
    options = job_options(OptionsRequest(), ProcessingRequest(), settings, documents=1)
    assert options.retry_attempts == 4


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
    assert fitting_timeout_ms(OptionsRequest(), documents=documents) == expected
