"""Metrics that dashboard, alerts and KEDA name, held against those that exist."""

import json
import re
from collections.abc import Iterator

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from service.domain.model import Outcome
from service.metrics import Metrics
from tests.unit.ops.manifests import K8S, all_values

MONITORING = K8S / "components" / "monitoring"
DASHBOARD = json.loads((MONITORING / "dashboards" / "docmill.json").read_text())
ALERTS = msgspec.yaml.decode((MONITORING / "alerts.yaml").read_bytes())
SCALED = msgspec.yaml.decode(
    (K8S / "components" / "keda" / "scaled-object.yaml").read_bytes()
)
ENDINGS = {
    "counter": ("_total",),
    "gauge": ("",),
    "histogram": ("_bucket", "_sum", "_count"),
}
SHOWN = (
    "docmill_documents_total",
    "docmill_failures_total",
    "docmill_retries_total",
    "docmill_backlog_documents",
    "docmill_backlog_oldest_seconds",
    "docmill_document_processing_seconds_bucket",
    "docmill_in_flight",
    "docmill_in_flight_limit",
    "docmill_live_slots",
    "docmill_mailbox_lag_seconds",
    "docmill_books_violations_total",
    "docmill_leader",
)
"""What the dashboard is there for."""


def declared() -> set[str]:
    registry = CollectorRegistry()
    Metrics(registry)
    return {
        family.name + ending
        for family in registry.collect()
        for ending in ENDINGS[family.type]
    }


def named(content: object) -> Iterator[str]:
    for value in all_values(content):
        if isinstance(value, str):
            yield from re.findall(r"\bdocmill_\w+", value)


@pytest.mark.parametrize("content", [DASHBOARD, ALERTS, SCALED], ids=len)
def test_every_metric_that_is_named_exists(content: object) -> None:
    histograms = {name.removesuffix("_count") for name in declared()}
    found = set(named(content))
    assert found
    assert found <= declared() | histograms


def test_the_dashboard_shows_what_matters() -> None:
    assert set(SHOWN) <= set(named(DASHBOARD))


def test_outcomes_that_are_asked_for_exist() -> None:
    asked = re.findall(r'outcome!?=~?\\?"([\w|]+)', json.dumps([DASHBOARD, ALERTS]))
    assert asked
    ends = {"completed", "failed", "timeout", "cancelled"} | set(Outcome)
    for outcomes in asked:
        assert set(outcomes.split("|")) <= ends


def test_panels_have_their_own_ids_and_places() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        covered = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not covered & taken
        assert place["x"] + place["w"] <= 24
        taken |= covered


def test_every_alert_says_what_to_do() -> None:
    for group in ALERTS["spec"]["groups"]:
        for rule in group["rules"]:
            assert rule["labels"]["severity"] in {"critical", "warning"}
            assert rule["annotations"].keys() == {"summary", "description"}
