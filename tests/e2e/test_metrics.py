"""What Prometheus would read after a batch."""

from collections.abc import Iterator

from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.support import Service
from tests.support import eventually

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scrape(service: Service) -> Series:
    answer = service.http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")

    def samples() -> Iterator[tuple[tuple[str, frozenset[tuple[str, str]]], float]]:
        for family in text_string_to_metric_families(answer.text):
            for sample in family.samples:
                yield (sample.name, frozenset(sample.labels.items())), sample.value

    return dict(samples())


def value(series: Series, name: str, **labels: str) -> float:
    return series.get((f"docmill_{name}", frozenset(labels.items())), 0.0)


def settled(service: Service) -> Series:
    """Give the series once its gauges, set every second, say that nothing goes on."""
    found = scrape(service)
    busy = (
        value(found, "open_streams"),
        value(found, "in_flight", queue="documents"),
        value(found, "tasks", status="out"),
    )
    return {} if any(busy) else found


def test_the_main_series_after_a_batch(service: Service) -> None:
    before = eventually(lambda: settled(service))
    contents = ["5", "5", "abort", "spin", "5"]
    job_id = service.batch(
        contents, "MIXED", retryAttempts=1, retryDelay=5, documentTimeout=3000
    )
    service.events(job_id)
    after = eventually(lambda: settled(service))

    def grown(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    def ended(outcome: str) -> float:
        return grown("documents_total", job_type="MIXED", outcome=outcome)

    assert (ended("completed"), ended("failed"), ended("timeout")) == (3, 1, 1)
    assert grown("failures_total", code="crashed") == 1
    assert grown("failures_total", code="document_timeout") == 1
    assert grown("retries_total", code="crashed") == 1
    assert grown("jobs_total", outcome="partial") == 1
    assert value(after, "books_violations_total") == 0
    assert value(after, "live_slots", queue="documents") >= 5
    assert value(after, "leader") == 1
    attempts = grown("document_processing_seconds_count", job_type="MIXED")
    assert attempts >= len(contents)
    route = {"method": "POST", "route": "/api/v1/documents/batch-process"}
    assert grown("http_requests_total", status="202", **route) == 1
    assert grown("uploaded_bytes_total") == sum(map(len, contents))


def test_no_label_holds_an_id(service: Service) -> None:
    service.ended(service.batch(["x"], "NOOP"))
    text = service.http.get("/metrics").text
    assert "job_0" not in text
    assert "doc_0" not in text


def test_the_service_is_live_and_ready(service: Service) -> None:
    assert service.http.get("/livez").json() == {"status": "live"}
    assert service.http.get("/readyz").json() == {
        "status": "ready",
        "broker": "ok",
        "aggregator": "ok",
        "files": "ok",
    }
