"""Batches through separate processes end as they do in one."""

from pathlib import Path

import pytest

from gateway.client import Client as ProjectClient
from service.cli.samples import UNEXPECTED, read_samples, verdict
from service.cli.tables import result_statuses
from tests.e2e.stack.conftest import BACKLOG_LIMIT
from tests.e2e.stack.support import JOBS, Client
from tests.support import eventually
from tools.stack import Stack

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.timeout(120)


def test_the_samples_end_as_expected(stack: Stack) -> None:
    samples = read_samples(ROOT / "samples")
    with ProjectClient(stack.url) as client:
        job = client.submit(samples.files, on_progress=lambda _: None)
        tasks = tuple(client.tasks(job.id))
        found = result_statuses(client, job.id, tasks)
        verdicts = {
            task.name: verdict(
                task.status,
                task.error.code if task.error else found.get(task.document_id, ""),
                samples.expected.get(task.name),
            )
            for task in tasks
        }
    assert set(verdicts) == set(samples.expected)
    wrong = {name: each for name, each in verdicts.items() if UNEXPECTED in each}
    assert wrong == {}


def test_a_batch_uses_the_workers_of_all_processes(client: Client) -> None:
    job_id = client.batch(["200"] * 40, "SLEEP", maxConcurrent=10)
    client.assert_all_ended_once(job_id, 40)
    assert len({task["workerId"] for task in client.tasks(job_id)}) == 2


def test_failures_keep_their_reasons_across_processes(client: Client) -> None:
    job_id = client.batch(["x"] * 2, "RAISE", retryAttempts=0)
    job = client.ended(job_id)
    assert (job["status"], job["failedDocuments"]) == ("FAILED", 2)
    assert {task["error"]["code"] for task in client.tasks(job_id)} == {"internal"}


def test_a_batch_analysis_ends_with_a_result_across_its_documents(
    client: Client,
) -> None:
    text = "Nine words that are in each of these documents."
    job_id = client.batch([text, text, ""], "BATCH_ANALYSIS")
    job = client.ended(job_id)
    assert (job["outcome"], job["batchError"]) == ("partial", None)
    result = job["batch"]["data"]
    assert (result["counts"]["ok"], result["counts"]["failed"]) == (2, 1)
    assert [pair["basis"] for pair in result["nearDuplicates"]] == ["bytes"]


def test_a_cancel_reaches_the_leader(client: Client) -> None:
    job_id = client.batch(["300"] * 300, "SLEEP", maxConcurrent=4)
    client.wait_done(job_id, 1)
    answer = client.http.post(f"{JOBS}/{job_id}/cancel")
    assert answer.status_code == 200, answer.text
    job = client.ended(job_id)
    assert job["status"] == "CANCELLED"
    assert 1 <= job["counts"]["completed"] < 300


def test_a_full_backlog_is_refused_and_says_when_to_come_again(
    client: Client,
) -> None:
    ids = client.upload(["500"] * (BACKLOG_LIMIT // 2))
    for _ in range(2):
        client.submit(ids, "SLEEP", maxConcurrent=1)
    refused = client.post(ids, "SLEEP", maxConcurrent=1)
    assert refused.status_code == 503
    assert refused.json()["type"] == "/problems/backlog-full"
    assert int(refused.headers["Retry-After"]) >= 1
    client.cancel_all()
    eventually(lambda: client.post(ids[:1], "NOOP").status_code == 202)


def test_every_member_shows_health_and_metrics(stack: Stack) -> None:
    for name in stack.names:
        assert stack.health(name, "/livez")[0] == 200, name
        status, body = stack.health(name, "/readyz")
        assert status == 200, name
        assert '"broker": "ok"' in body or '"broker":"ok"' in body, body
        assert "# HELP docmill_" in stack.health(name, "/metrics")[1]
    roles = [
        stack.health(name, "/readyz")[1]
        for name in stack.names
        if name.startswith("aggregator")
    ]
    assert sum('"leader"' in each for each in roles) == 1
    assert sum('"standby"' in each for each in roles) == 1


def test_only_the_processes_that_need_it_have_the_database(stack: Stack) -> None:
    place = f":{stack.postgresql.port}/" if stack.postgresql else "docmill.sqlite3"
    with_store = {name for name in stack.names if place in stack.environment_of(name)}
    without = {name for name in stack.names if name.startswith("documents")}
    assert with_store == set(stack.names) - without
