import re

import pytest

from service.messages import ProcessDocument, ProcessScan, StartBatch
from service.transport.topology import (
    AGGREGATOR,
    PERMISSIONS,
    WORK_QUEUES,
    QueueType,
    definitions,
    topology,
)


@pytest.mark.parametrize("queue_type", QueueType)
def test_every_binding_and_dead_letter_leads_to_something_declared(
    queue_type: QueueType,
) -> None:
    held = topology(queue_type)
    exchanges = {each.name for each in held.exchanges}
    queues = {each.name for each in held.queues}
    assert {each.exchange for each in held.bindings} <= exchanges
    assert {each.queue for each in held.bindings} <= queues
    dead = {each.arguments.get("x-dead-letter-exchange") for each in held.queues}
    assert dead - {None} <= {each.exchange for each in held.bindings}


@pytest.mark.parametrize("queue_type", QueueType)
def test_no_queue_has_an_argument_that_loses_or_is_refused(
    queue_type: QueueType,
) -> None:
    for queue in topology(queue_type).queues:
        assert "x-max-priority" not in queue.arguments  # Quorum queues refuse it.
        assert "x-max-length" not in queue.arguments  # Which drops the oldest.
        limit = queue.arguments.get("x-delivery-limit")
        if queue_type is QueueType.QUORUM:
            assert isinstance(limit, int)
            assert limit > 0  # -1 drops at the first return before 4.0.
        else:
            assert limit is None


def test_the_event_exchange_feeds_one_queue_only() -> None:
    bound = [b.queue for b in topology().bindings if b.exchange == "docmill.events"]
    assert bound == [AGGREGATOR]


@pytest.mark.parametrize("queue_type", QueueType)
def test_definitions_say_the_same_as_the_topology(queue_type: QueueType) -> None:
    held = topology(queue_type)
    file = definitions(queue_type, vhost="v")
    assert [each["name"] for each in file["queues"]] == [q.name for q in held.queues]
    assert [each["name"] for each in file["exchanges"]] == [
        each.name for each in held.exchanges
    ]
    assert len(file["bindings"]) == len(held.bindings)
    assert all(each["vhost"] == "v" for kind in file.values() for each in kind)


def test_a_policy_bounds_only_the_queue_it_is_for() -> None:
    held = topology()
    [policy] = held.policies
    assert [q.name for q in held.queues if re.search(policy.pattern, q.name)] == [
        "docmill.parked"
    ]


@pytest.mark.parametrize("role", PERMISSIONS)
def test_no_role_but_the_aggregator_may_read_events_or_declare(role: str) -> None:
    permission = PERMISSIONS[role]
    leads = role == "aggregator"
    assert bool(re.search(permission.read, AGGREGATOR)) == leads
    assert bool(re.search(permission.configure, AGGREGATOR)) == leads


def test_a_worker_reads_its_own_queue_and_writes_events_alone() -> None:
    for role, queues in (
        ("documents", [ProcessDocument.queue, ProcessScan.queue]),
        ("batches", [StartBatch.queue]),
    ):
        permission = PERMISSIONS[role]
        readable = [each for each in WORK_QUEUES if re.search(permission.read, each)]
        assert readable == queues
        assert re.search(permission.write, "docmill.events")
        assert not re.search(permission.write, "docmill.eventsX")
        assert not re.search(permission.write, "amq.default")


def test_another_type_is_refused() -> None:
    with pytest.raises(ValueError, match="stream"):
        topology("stream")
