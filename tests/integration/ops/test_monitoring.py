"""Dashboard, alerts and the figure KEDA scales on, over a real run of the service."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.client import Client
from tests.integration.ops.monitored import Prometheus, docmill, prometheus
from tools.stack.waiting import HOST

COMPONENTS = Path(__file__).parents[3] / "k8s" / "components"
DASHBOARD = json.loads(
    (COMPONENTS / "monitoring" / "dashboards" / "docmill.json").read_text()
)
ALERTS = msgspec.yaml.decode((COMPONENTS / "monitoring" / "alerts.yaml").read_bytes())
SCALED = msgspec.yaml.decode((COMPONENTS / "keda" / "scaled-object.yaml").read_bytes())
QUERIES = {
    f"{panel['title']} {panel['id']}{target['refId']}": target["expr"]
    for panel in DASHBOARD["panels"]
    for target in panel["targets"]
}
RULES = [rule for group in ALERTS["spec"]["groups"] for rule in group["rules"]]
WORK: tuple[tuple[str, dict[str, int]], ...] = (
    ("NOOP", {}),
    ("RAISE", {}),
    ("ABORT", {"retryAttempts": 1, "retryDelay": 100}),
)
"""Documents that succeed, fail, and fail after another attempt."""


@pytest.fixture(scope="module")
def scraped(
    prometheus_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    """A Prometheus that watched documents of every outcome."""
    folder = tmp_path_factory.mktemp("monitoring")
    files = [folder / f"{number}.txt" for number in range(5)]
    for file in files:
        file.write_text(file.name)
    with (
        docmill(folder) as port,
        prometheus(prometheus_server, folder, port) as running,
        Client(f"http://{HOST}:{port}") as client,
    ):
        # A counter's first sample says nothing of its rate, so everything runs twice.
        for _ in range(2):
            for job_type, options in WORK:
                job = client.submit(files, job_type=job_type, options=options)
                assert client.follow(job.id).status in {"COMPLETED", "FAILED"}
            running.wait_for_scrapes(2)
        yield running


def as_grafana_asks(query: str) -> str:
    return query.replace("$namespace", ".*").replace("$__rate_interval", "1m")


@pytest.mark.parametrize("title", QUERIES)
def test_every_query_of_the_dashboard_gives_data(
    scraped: Prometheus, title: str
) -> None:
    assert scraped.query(as_grafana_asks(QUERIES[title]))


def test_what_the_dashboard_shows_is_what_happened(scraped: Prometheus) -> None:
    def one(expression: str) -> float:
        [series] = scraped.query(expression)
        return float(series["value"][1])

    assert one('sum(docmill_documents_total{outcome="completed"})') == 10
    assert one('sum(docmill_documents_total{outcome="failed"})') == 20
    assert one('docmill_failures_total{code="internal"}') == 10
    assert one("docmill_leader") == 1
    assert one("docmill_backlog_documents") == 0
    [failed] = [
        panel["targets"][0]["expr"]
        for panel in DASHBOARD["panels"]
        if panel["title"] == "Failed"
    ]
    assert 0 < one(as_grafana_asks(failed)) < 1


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_is_quiet_while_all_is_well(
    scraped: Prometheus, rule: dict[str, Any]
) -> None:
    expression = rule["expr"]
    if "failed" in expression:  # Two thirds of these documents are made to fail.
        expression = expression.replace("> 0.2", "> 0.9")
    assert scraped.query(expression) == []


def test_the_figure_to_scale_on_is_one_number(scraped: Prometheus) -> None:
    [trigger] = SCALED["spec"]["triggers"]
    assert len(scraped.query(trigger["metadata"]["query"])) == 1


def test_without_a_leader_there_is_no_figure_to_scale_on(scraped: Prometheus) -> None:
    [trigger] = SCALED["spec"]["triggers"]
    query = trigger["metadata"]["query"].replace("== 1", "== 2")
    assert scraped.query(query) == []


def test_the_rules_are_well_formed(promtool: str, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_bytes(msgspec.yaml.encode(ALERTS["spec"]))
    checked = subprocess.run(
        [promtool, "check", "rules", "--lint-fatal", str(rules)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def fires(alert: str, series: dict[str, str], *, after: str) -> dict[str, Any]:
    """Describe a test of promtool: the alert fires with this input."""
    [rule] = [rule for rule in RULES if rule["alert"] == alert]
    return {
        "interval": "15s",
        "input_series": [
            {"series": name, "values": values} for name, values in series.items()
        ],
        "alert_rule_test": [
            {
                "eval_time": after,
                "alertname": alert,
                "exp_alerts": [
                    {
                        "exp_labels": rule["labels"] | {"namespace": "a"},
                        "exp_annotations": rule["annotations"],
                    }
                ],
            }
        ],
    }


def of(metric: str, *, pod: str = "one", more: str = "") -> str:
    return f'{metric}{{namespace="a", pod="{pod}"{more}}}'


CASES = {
    "DocmillNoLeader": fires(
        "DocmillNoLeader",
        {of("docmill_leader"): "0x40", of("docmill_leader", pod="two"): "0x40"},
        after="5m",
    ),
    "DocmillBooksWrong": fires(
        "DocmillBooksWrong",
        {of("docmill_books_violations_total"): "0 1x20"},
        after="4m",
    ),
    # What a replaced leader said last does not count.
    "DocmillNoWorkers": fires(
        "DocmillNoWorkers",
        {
            of("docmill_leader"): "1x40",
            of("docmill_backlog_documents"): "5x40",
            of("docmill_live_slots", more=', queue="documents"'): "0x40",
            of("docmill_leader", pod="two"): "0x40",
            of("docmill_live_slots", pod="two", more=', queue="documents"'): "8x40",
        },
        after="8m",
    ),
    "DocmillBacklogOld": fires(
        "DocmillBacklogOld",
        {
            of("docmill_leader"): "1x80",
            of("docmill_backlog_oldest_seconds"): "1900x80",
        },
        after="15m",
    ),
    "DocmillManyFailures": fires(
        "DocmillManyFailures",
        {
            of("docmill_documents_total", more=', outcome="failed"'): "0+1x200",
            of("docmill_documents_total", more=', outcome="completed"'): "0+3x200",
        },
        after="30m",
    ),
    "DocmillFoldSlow": fires(
        "DocmillFoldSlow",
        {of("docmill_leader"): "1x40", of("docmill_mailbox_lag_seconds"): "11x40"},
        after="8m",
    ),
    "DocmillGatewayErrors": fires(
        "DocmillGatewayErrors",
        {
            of("docmill_http_requests_total", more=', status="503"'): "0+1x80",
            of("docmill_http_requests_total", more=', status="200"'): "0+9x80",
        },
        after="15m",
    ),
}


@pytest.mark.parametrize("alert", CASES)
def test_an_alert_fires(promtool: str, tmp_path: Path, alert: str) -> None:
    rules, cases = tmp_path / "rules.yaml", tmp_path / "cases.yaml"
    rules.write_bytes(msgspec.yaml.encode(ALERTS["spec"]))
    content = {
        "rule_files": [str(rules)],
        "evaluation_interval": "15s",
        "tests": [CASES[alert]],
    }
    cases.write_bytes(msgspec.yaml.encode(content))
    tested = subprocess.run(
        [promtool, "test", "rules", str(cases)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stdout + tested.stderr
