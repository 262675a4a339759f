"""Broker and database go away amid a batch, and come back."""

import json
from collections.abc import Callable
from functools import partial

import httpx
import pytest

from tests.e2e.stack.support import JOBS, Client, measured
from tests.support import eventually
from tools.stack import Stack

DOCUMENTS = 400
"""Work for several seconds: an outage takes a second to bring about."""
BACK_S = 40

Tell = Callable[[str], None]

pytestmark = pytest.mark.timeout(180)


def begun(client: Client) -> str:
    job_id = client.batch(["250"] * DOCUMENTS, "SLEEP", maxConcurrent=10)
    client.wait_done(job_id, 5)
    return job_id


def test_a_batch_survives_a_restart_of_the_broker(
    stack: Stack, client: Client, tell: Tell
) -> None:
    job_id = begun(client)
    stack.rabbitmq.stop()
    done = client.done(job_id)
    assert done < DOCUMENTS, "the batch was over before it was disturbed"
    stack.rabbitmq.start()
    with measured(tell, "work again after the broker is back"):
        client.wait_done(job_id, done + 1)
    client.assert_all_ended_once(job_id, DOCUMENTS)


def test_a_batch_survives_a_crash_of_the_broker(
    stack: Stack, client: Client, tell: Tell
) -> None:
    job_id = begun(client)
    stack.rabbitmq.kill()
    stack.rabbitmq.start()
    done = client.done(job_id)
    assert done < DOCUMENTS, "the batch was over before it was disturbed"
    with measured(tell, "work again after the killed broker is back"):
        client.wait_done(job_id, done + 1)
    client.assert_all_ended_once(job_id, DOCUMENTS)


def test_a_batch_survives_the_loss_of_every_connection(
    stack: Stack, client: Client, tell: Tell
) -> None:
    job_id = begun(client)
    stack.rabbitmq.close_connections()
    done = client.done(job_id)
    assert done < DOCUMENTS, "the batch was over before it was disturbed"
    with measured(tell, "work again after all connections were closed by force"):
        client.wait_done(job_id, done + 1)
    client.assert_all_ended_once(job_id, DOCUMENTS)


def test_without_the_broker_jobs_are_accepted_and_start_when_it_is_back(
    stack: Stack, client: Client, tell: Tell
) -> None:
    ids = client.upload(["1"] * 10)
    stack.rabbitmq.stop()
    try:
        jobs = [client.submit(ids, "NOOP") for _ in range(3)]
        eventually(
            lambda: '"broker":"degraded"' in stack.health("gateway", "/readyz")[1]
        )
        assert stack.health("gateway", "/readyz")[0] == 200
        for name in ("aggregator-1", "aggregator-2", "documents-1", "batches-1"):
            eventually(partial(is_unready, stack, name))
            assert stack.health(name, "/livez")[0] == 200
        assert client.job(jobs[0])["status"] == "PENDING"
        with client.http.stream("GET", f"{JOBS}/{jobs[0]}/events") as stream:
            assert "snapshot" in next(stream.iter_text())
    finally:
        stack.rabbitmq.start()
    with measured(tell, "3 jobs ended after the broker is back"):
        for job_id in jobs:
            client.assert_all_ended_once(job_id, 10)


def test_without_the_database_requests_are_refused_until_it_is_back(
    stack: Stack, client: Client, tell: Tell
) -> None:
    if stack.postgresql is None:
        pytest.skip("SQLite is a file")
    ids = client.upload(["1"] * 10)
    job_id = begun(client)
    pids = {name: stack.pid(name) for name in stack.names}
    stack.postgresql.stop()
    try:
        answer = client.post(ids, "NOOP")
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) >= 1
        assert client.http.get(f"{JOBS}/{job_id}").status_code == 503
        assert stack.health("gateway", "/readyz")[0] == 503
        assert stack.health("gateway", "/livez")[0] == 200
        for name in ("aggregator-1", "aggregator-2", "batches-1"):
            eventually(partial(misses_store, stack, name), timeout_s=BACK_S)
            assert stack.health(name, "/livez")[0] == 200
    finally:
        stack.postgresql.start()
    with measured(tell, "requests accepted after the database is back"):
        again = eventually(lambda: accepted(client, ids), timeout_s=BACK_S)
    with measured(tell, "then work again"):
        assert again is not None
        client.assert_all_ended_once(str(again.json()["data"]["jobId"]), 10)
    client.assert_all_ended_once(job_id, DOCUMENTS)
    assert pids == {name: stack.pid(name) for name in stack.names}


def is_unready(stack: Stack, name: str) -> bool:
    return stack.health(name, "/readyz")[0] == 503


def misses_store(stack: Stack, name: str) -> bool:
    status, body = stack.health(name, "/readyz")
    return status == 503 and json.loads(body)["store"] == "down"


def accepted(client: Client, ids: list[str]) -> httpx.Response | None:
    answer = client.post(ids, "NOOP")
    return answer if answer.status_code == 202 else None
