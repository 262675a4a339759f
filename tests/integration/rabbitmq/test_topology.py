"""What is declared, who may use it, and what is done with what nobody can read."""

import json
from collections.abc import Iterator

import pytest

from service.clock import SystemClock
from service.domain.model import JobId
from service.errors import SettingsError
from service.messages import ENCODER, JobNotice, TaskReturned
from service.transport.dramatiq_message import as_message
from service.transport.rabbitmq import RabbitmqTransport
from service.transport.topology import PERMISSIONS, QueueType, definitions, topology
from tests.contract.transport_contract import (
    JOB,
    OWNER,
    drain,
    process_document,
    row,
    start_batch,
    started,
    take,
)
from tests.servers.rabbitmq import RabbitmqServer
from tests.support import eventually

CLOCK = SystemClock()


class Role:
    """A user with one role's permissions."""

    def __init__(self, server: RabbitmqServer, vhost: str) -> None:
        self._server = server
        self._vhost = vhost
        self._transports: list[RabbitmqTransport] = []

    def play(self, name: str) -> RabbitmqTransport:
        user = f"{self._vhost}-{name}"
        self._server.put(f"/users/{user}", {"password": "secret", "tags": ""})
        self._server.put(
            f"/permissions/{self._vhost}/{user}",
            {
                kind: getattr(PERMISSIONS[name], kind)
                for kind in ("configure", "write", "read")
            },
        )
        url = self._server.url(self._vhost, user=(user, "secret"))
        transport = RabbitmqTransport(url, clock=CLOCK)
        self._transports.append(transport)
        return transport

    def close(self) -> None:
        for transport in self._transports:
            transport.close()


@pytest.fixture
def roles(rabbitmq_server: RabbitmqServer, rabbitmq_vhost: str) -> Iterator[Role]:
    roles = Role(rabbitmq_server, rabbitmq_vhost)
    yield roles
    roles.close()


@pytest.mark.parametrize("queue_type", QueueType)
def test_the_broker_holds_exactly_the_topology(
    rabbitmq_server: RabbitmqServer,
    rabbitmq_vhost: str,
    rabbitmq_url: str,
    queue_type: QueueType,
) -> None:
    for _ in range(2):
        transport = RabbitmqTransport(rabbitmq_url, clock=CLOCK, queue_type=queue_type)
        transport.start()
        transport.close()
    wanted = definitions(queue_type, vhost=rabbitmq_vhost)
    held = rabbitmq_server.get(f"/definitions/{rabbitmq_vhost}")
    assert {each["name"]: each["arguments"] for each in held["queues"]} == {
        each["name"]: each["arguments"] for each in wanted["queues"]
    }
    assert {(each["name"], each["type"]) for each in held["exchanges"]} == {
        (each["name"], each["type"]) for each in wanted["exchanges"]
    }
    assert {(each["source"], each["destination"]) for each in held["bindings"]} == {
        (each["source"], each["destination"]) for each in wanted["bindings"]
    }


def test_a_queue_of_another_form_is_refused_by_name_and_argument(
    rabbitmq_url: str,
) -> None:
    transport = RabbitmqTransport(rabbitmq_url, clock=CLOCK)
    transport.start()
    transport.close()
    other = RabbitmqTransport(rabbitmq_url, clock=CLOCK, queue_type="quorum")
    with pytest.raises(SettingsError, match=r"'docmill\.aggregator'.*'x-queue-type'"):
        other.start()


def test_an_address_that_is_none_is_refused_without_its_password() -> None:
    with pytest.raises(SettingsError) as refused:
        RabbitmqTransport("amqp://guest:secret@host:port/x", clock=CLOCK)
    assert "secret" not in str(refused.value)


def test_each_role_does_its_work_with_the_least_permissions(
    transport: RabbitmqTransport, roles: Role
) -> None:
    gateway, aggregator = roles.play("gateway"), roles.play("aggregator")
    documents, batches = roles.play("documents"), roles.play("batches")
    for each in (gateway, aggregator, documents, batches):
        each.start()
        assert each.connected
    heard: list[JobNotice] = []
    gateway.subscribe(JOB, heard.append)
    gateway.send([start_batch()])
    aggregator.send([process_document(1)])
    [_] = take(batches.dramatiq_broker(), "batches", 1)
    [_] = take(documents.dramatiq_broker(), "documents", 1)
    documents.publish_event(started(1))
    mailbox = aggregator.mailbox()
    assert drain(mailbox, 1) == [started(1)]
    mailbox.ack()

    def hears() -> bool:
        aggregator.publish_notice(JobNotice(job_id=JOB, owner=OWNER))
        return bool(heard)

    eventually(hears)
    aggregator.publish_lifecycle([row()], OWNER)
    assert aggregator.connected


def test_who_may_not_declare_needs_it_to_be_there(roles: Role) -> None:
    with pytest.raises(SettingsError, match=r"no 'docmill\.events'"):
        roles.play("documents").start()


def test_what_cannot_be_read_is_parked_and_stops_nothing(
    rabbitmq_server: RabbitmqServer, rabbitmq_vhost: str, rabbitmq_url: str
) -> None:
    counted: list[str] = []
    transport = RabbitmqTransport(rabbitmq_url, clock=CLOCK, count=counted.append)
    transport.start()
    good = ENCODER.encode(started(1)).decode()
    with rabbitmq_server.channel(rabbitmq_vhost) as channel:
        for body in ("no json", f'[{{"type":"task.unheard_of"}},{good}]', '["x"]'):
            channel.basic_publish("docmill.events", "", body.encode())
        channel.basic_publish("docmill.dead", "", b'{"args":[{"type":"other"}]}')
    transport.publish_event(started(2))
    mailbox = transport.mailbox()
    assert drain(mailbox, 2) == [started(1), started(2)]
    mailbox.ack()
    eventually(lambda: rabbitmq_server.count(rabbitmq_vhost, "docmill.parked") == 4)
    assert counted == ["undecodable"] * 4
    assert rabbitmq_server.count(rabbitmq_vhost, "docmill.dead") == 0
    transport.close()


def test_a_message_that_is_none_is_a_dead_letter_and_the_worker_goes_on(
    rabbitmq_server: RabbitmqServer, rabbitmq_vhost: str, transport: RabbitmqTransport
) -> None:
    with rabbitmq_server.channel(rabbitmq_vhost) as channel:
        channel.basic_publish("", "documents", b"no message")
    transport.send([process_document(1)])
    [message] = take(transport.dramatiq_broker(), "documents", 1)
    assert message.message_id == "m1"
    assert transport.mailbox().drain(limit=1, timeout_s=0.5) == []
    eventually(lambda: rabbitmq_server.count(rabbitmq_vhost, "docmill.parked") == 1)


def test_programs_outside_hear_what_was_committed(
    rabbitmq_server: RabbitmqServer, rabbitmq_vhost: str, transport: RabbitmqTransport
) -> None:
    with rabbitmq_server.channel(rabbitmq_vhost) as channel:
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(queue, "docmill.lifecycle")
        transport.publish_lifecycle([row()], OWNER)
        body = eventually(lambda: channel.basic_get(queue, auto_ack=True)[2])
    facts = json.loads(body)
    assert facts["owner"] == OWNER
    assert [JobId(each["jobId"]) for each in facts["rows"]] == [JOB]


def test_a_quorum_queue_gives_up_on_a_command_after_its_delivery_limit(
    rabbitmq_url: str,
) -> None:
    held = topology(QueueType.QUORUM)
    limits = {each.name: each.arguments["x-delivery-limit"] for each in held.queues}
    transport = RabbitmqTransport(rabbitmq_url, clock=CLOCK, queue_type="quorum")
    transport.start()
    transport.send([process_document(1)])
    broker = transport.dramatiq_broker()
    for _ in range(int(limits["documents"]) + 1):
        take(broker, "documents", 1)
    [event] = drain(transport.mailbox(), 1)
    assert isinstance(event, TaskReturned)
    assert event.reason == "dead_lettered"
    transport.close()


def test_the_broker_delays_nothing(transport: RabbitmqTransport) -> None:
    broker = transport.dramatiq_broker()
    with pytest.raises(SettingsError):
        broker.declare_queue("elsewhere")
    message = as_message(process_document(1))
    with pytest.raises(ValueError, match="not delayed"):
        broker.enqueue(message, delay=1_000)
    broker.enqueue(message)
    [taken] = take(broker, "documents", 1)
    assert taken.message_id == "m1"
    assert broker.get_declared_delay_queues() == set()
    broker.close()
