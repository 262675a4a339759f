from prometheus_client import CollectorRegistry, generate_latest

from service.metrics import Metrics

UNITS = ("_total", "_seconds", "_bytes", "_events")
COUNTS_OF_NOW = {
    "docmill_tasks",
    "docmill_backlog_documents",
    "docmill_in_flight",
    "docmill_in_flight_limit",
    "docmill_live_slots",
    "docmill_leader",
    "docmill_open_streams",
    "docmill_model_breaker",
}


def test_names_carry_the_prefix_and_a_unit() -> None:
    for family in Metrics(CollectorRegistry()).registry.collect():
        name = family.name + ("_total" if family.type == "counter" else "")
        assert name.startswith("docmill_")
        assert name.endswith(UNITS) or name in COUNTS_OF_NOW


def test_every_label_is_from_a_closed_set() -> None:
    closed = {
        *("job_type", "outcome", "code", "reason", "status", "queue"),
        *("method", "route", "held", "kind", "model"),
    }
    metrics = Metrics(CollectorRegistry())
    metrics.documents.labels(job_type="DATA_EXTRACTION", outcome="completed").inc()
    metrics.http_requests.labels(method="GET", route="/livez", status="200").inc()
    for family in metrics.registry.collect():
        for sample in family.samples:
            assert sample.labels.keys() <= closed | {"le"}


def test_two_sets_of_metrics_do_not_meet() -> None:
    one, other = Metrics(CollectorRegistry()), Metrics(CollectorRegistry())
    one.uploaded_bytes.inc(5)
    assert one.registry.get_sample_value("docmill_uploaded_bytes_total") == 5
    assert other.registry.get_sample_value("docmill_uploaded_bytes_total") == 0


def test_incidents_of_the_transport_are_counted_by_kind() -> None:
    metrics = Metrics(CollectorRegistry())
    for _ in range(2):
        metrics.count_incident("refused")
    value = metrics.registry.get_sample_value(
        "docmill_transport_incidents_total", {"kind": "refused"}
    )
    assert value == 2


def test_they_can_be_scraped() -> None:
    metrics = Metrics(CollectorRegistry())
    metrics.processing.labels(job_type="DATA_EXTRACTION").observe(0.2)
    text = generate_latest(metrics.registry).decode()
    assert (
        'docmill_document_processing_seconds_count{job_type="DATA_EXTRACTION"} 1.0'
        in text
    )
