"""Each process is killed amid a batch: every accepted document ends exactly once."""

import time
from collections.abc import Callable

import pytest

from service.store.lease import LEASE_S
from tests.e2e.stack.support import Client, measured
from tests.support import eventually
from tools.stack import Stack

TAKEOVER_S = 2 * LEASE_S
"""So long may nobody lead."""
DOCUMENTS = 60

Tell = Callable[[str], None]

pytestmark = pytest.mark.timeout(180)


def begun(client: Client, *, documents: int = DOCUMENTS, each_ms: int = 250) -> str:
    """Submit a batch and wait until it is well under way."""
    job_id = client.batch([str(each_ms)] * documents, "SLEEP", maxConcurrent=10)
    client.wait_done(job_id, 5)
    assert client.done(job_id) < documents, "it is over before it is disturbed"
    return job_id


def test_documents_of_a_killed_worker_are_done_by_another(
    stack: Stack, client: Client, tell: Tell
) -> None:
    job_id = begun(client, each_ms=400)
    stack.kill("documents-1")
    with measured(tell, "all documents ended after kill -9 of one of two workers"):
        client.assert_all_ended_once(job_id, DOCUMENTS)


def test_without_any_worker_documents_wait_for_the_next(
    stack: Stack, client: Client, tell: Tell
) -> None:
    job_id = begun(client)
    stack.kill("documents-1")
    stack.kill("documents-2")
    stack.start("documents-2")
    done = client.done(job_id)
    with measured(tell, "work again after kill -9 of all workers and a new start"):
        client.wait_done(job_id, done + 1)
    client.assert_all_ended_once(job_id, DOCUMENTS)


def test_a_standby_takes_over_from_a_killed_leader(
    stack: Stack, client: Client, tell: Tell
) -> None:
    job_id = begun(client)
    leader = stack.leader()
    assert leader is not None
    stack.kill(leader)
    began_s = time.monotonic()
    with measured(tell, "work again after kill -9 of the leading aggregator"):
        eventually(stack.leader, timeout_s=TAKEOVER_S)
        took_s = time.monotonic() - began_s
        client.wait_done(job_id, client.done(job_id) + 1)
    tell(f"takeover after kill -9 of the leading aggregator: {took_s:.1f} s")
    client.assert_all_ended_once(job_id, DOCUMENTS)


def test_a_leader_that_is_stopped_leaves_at_once(
    stack: Stack, client: Client, tell: Tell
) -> None:
    job_id = begun(client)
    leader = stack.leader()
    assert leader is not None
    with measured(tell, "takeover after SIGTERM of the leading aggregator"):
        assert stack.terminate(leader) == 0
        eventually(stack.leader, timeout_s=LEASE_S - 1)
    client.assert_all_ended_once(job_id, DOCUMENTS)


def test_a_paused_leader_that_is_revived_changes_nothing(
    stack: Stack, client: Client, tell: Tell
) -> None:
    job_id = begun(client, documents=120)
    old = stack.leader()
    assert old is not None
    stack.pause(old)
    (other,) = {"aggregator-1", "aggregator-2"} - {old}
    try:
        with measured(tell, "takeover from a leader that stands still"):
            eventually(lambda: leads(stack, other), timeout_s=30)
        client.wait_done(job_id, client.done(job_id) + 5)
    finally:
        stack.resume(old)
    client.assert_all_ended_once(job_id, 120)
    eventually(lambda: not leads(stack, old))
    assert leads(stack, other)
    eventually(lambda: "leadership_lost" in stack.log(old).read_text())


def leads(stack: Stack, name: str) -> bool:
    return '"leader"' in stack.health(name, "/readyz")[1]


def test_a_killed_gateway_loses_nothing_and_is_back_at_once(
    stack: Stack, client: Client, tell: Tell
) -> None:
    job_id = begun(client)
    ids = client.upload(["1"] * 5)
    just_before = client.submit(ids, "NOOP")
    stack.kill("gateway")
    stack.start("gateway")
    with measured(tell, "answers after kill -9 of the gateway and a new start"):
        stack.wait_ready("gateway")
    client.assert_all_ended_once(job_id, DOCUMENTS)
    client.assert_all_ended_once(just_before, 5)


def test_a_killed_batch_worker_holds_up_no_planning(
    stack: Stack, client: Client, tell: Tell
) -> None:
    ids = client.upload(["1"] * 10)
    stack.kill("batches-1")
    with measured(tell, "20 jobs ended after kill -9 of one of two batch workers"):
        jobs = [client.submit(ids, "NOOP") for _ in range(20)]
        for job_id in jobs:
            client.assert_all_ended_once(job_id, 10)


def test_a_stopped_worker_finishes_what_is_at_work(
    stack: Stack, client: Client, tell: Tell
) -> None:
    job_id = begun(client, each_ms=1_000, documents=30)
    with measured(tell, "SIGTERM of a worker with documents of 1 s at work"):
        assert stack.terminate("documents-1") == 0
    client.assert_all_ended_once(job_id, 30)
    assert {task["attempts"] for task in client.tasks(job_id)} == {1}


def test_a_stopped_worker_hands_back_what_takes_too_long(
    stack: Stack, client: Client, tell: Tell
) -> None:
    job_id = client.batch(
        ["7000"] * 6, "SLEEP", maxConcurrent=6, documentTimeout=60_000
    )
    eventually(lambda: client.job(job_id)["counts"]["processing"] == 6, timeout_s=20)
    with measured(tell, "SIGTERM of a worker with documents of 7 s, drain 2 s"):
        assert stack.terminate("documents-1") == 0
    client.assert_all_ended_once(job_id, 6)
    assert {task["attempts"] for task in client.tasks(job_id)} == {1}
