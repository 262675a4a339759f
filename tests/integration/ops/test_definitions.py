"""The files of `rabbitmq/` in a fresh node, and what each role's user may do there."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import (
    ChannelClosedByBroker,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

from service.messages import ProcessDocument, StartBatch
from service.transport.declaring import declare
from service.transport.definitions import MONITORING, USERS, definitions_file
from service.transport.topology import (
    AGGREGATOR,
    DEAD,
    EVENTS,
    LIFECYCLE,
    PARKED,
    PROGRESS,
    topology,
)
from tests.integration.ops.node import FILES, Broker, broker_with

ALERTS = Path(__file__).parents[3] / "k8s" / "components" / "monitoring"
REFUSED = 403
DOCUMENTS, BATCHES = ProcessDocument.queue, StartBatch.queue
PASSWORDS = {name: f"of {name}/&?" for name in (*USERS, MONITORING)}
LISTS = {
    "exchanges": ("name", "type", "durable", "arguments"),
    "queues": ("name", "durable", "auto_delete", "arguments"),
    "bindings": ("source", "destination", "destination_type", "routing_key"),
    "policies": ("name", "pattern", "apply-to", "definition"),
    "permissions": ("user", "vhost", "configure", "write", "read"),
    "users": ("name", "tags"),
    "vhosts": ("name",),
}
"""What is compared of each list of a definitions file."""


@pytest.fixture(scope="module")
def broker(
    rabbitmq_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broker]:
    """A fresh node with the file that `docmill definitions` made."""
    secrets = tmp_path_factory.mktemp("passwords")
    for name, password in PASSWORDS.items():
        (secrets / name).write_text(password + "\n")

    def make(path: Path) -> None:
        options = ["--passwords", str(secrets), "--output", str(path)]
        command = [sys.executable, "-m", "service.cli", "definitions", *options]
        subprocess.run(command, env={"PATH": os.defpath}, check=True, timeout=30)

    with broker_with(rabbitmq_root, make) as running:
        yield running


class User:
    """A connection of a user; every channel that the broker closes is replaced."""

    def __init__(self, connection: pika.BlockingConnection) -> None:
        self.connection = connection

    def may(self, act: Callable[[BlockingChannel], Any]) -> Any:
        channel = self.connection.channel()
        channel.confirm_delivery()
        answer = act(channel)
        channel.close()
        return answer

    def may_not(self, act: Callable[[BlockingChannel], Any]) -> None:
        with pytest.raises(ChannelClosedByBroker) as refused:
            self.may(act)
        assert refused.value.reply_code == REFUSED


@pytest.fixture
def log_in(broker: Broker) -> Iterator[Callable[[str], User]]:
    connections = []

    def connect(name: str) -> User:
        connection = broker.connect(name, PASSWORDS[name])
        connections.append(connection)
        return User(connection)

    yield connect
    for connection in connections:
        connection.close()


def publish(exchange: str, key: str = "") -> Callable[[BlockingChannel], Any]:
    """Publish a message that must reach a queue, and wait for the confirm."""
    return lambda channel: channel.basic_publish(exchange, key, b"{}", mandatory=True)


def take(queue: str) -> Callable[[BlockingChannel], Any]:
    """Consume until a message comes, and acknowledge it."""

    def consume(channel: BlockingChannel) -> bytes:
        for method, _, body in channel.consume(queue, inactivity_timeout=5):
            if method is not None:
                channel.basic_ack(method.delivery_tag)
            channel.cancel()
            return bytes(body or b"")
        raise AssertionError("the consumer was cancelled")

    return consume


def tell(exchange: str) -> Callable[[BlockingChannel], Any]:
    """Publish to whoever listens."""
    return lambda channel: channel.basic_publish(exchange, "job_1", b"{}")


def purge(queue: str) -> Callable[[BlockingChannel], Any]:
    return lambda channel: channel.queue_purge(queue)


def peek(queue: str) -> Callable[[BlockingChannel], Any]:
    return lambda channel: channel.basic_get(queue)


def durable(queue: str) -> Callable[[BlockingChannel], Any]:
    return lambda channel: channel.queue_declare(queue, durable=True)


def looked_at(content: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {
        kind: sorted(
            ({name: each[name] for name in names} for each in content[kind]),
            key=str,
        )
        for kind, names in LISTS.items()
    }


def test_a_fresh_node_holds_what_the_file_says_and_the_code_declares(
    broker: Broker, log_in: Callable[[str], User]
) -> None:
    def held() -> dict[str, list[dict[str, Any]]]:
        return looked_at(
            json.loads(broker.node.control("-q", "export_definitions", "-"))
        )

    expected = looked_at(json.loads(definitions_file()))
    assert held() == expected
    # The broker answers a declaration that differs in anything with an error.
    declare(log_in("docmill-aggregator").connection, topology())
    assert held() == expected


def test_a_gateway_submits_and_hears_of_its_jobs(
    log_in: Callable[[str], User],
) -> None:
    gateway, aggregator = log_in("docmill-gateway"), log_in("docmill-aggregator")
    channel = gateway.connection.channel()
    own = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(own, PROGRESS, "job_1")
    aggregator.may(publish(PROGRESS, "job_1"))
    assert take(own)(channel) == b"{}"
    channel.queue_unbind(own, PROGRESS, "job_1")
    for queue in (BATCHES, DOCUMENTS):
        gateway.may(publish("", queue))
    gateway.may(publish(EVENTS))
    assert aggregator.may(take(AGGREGATOR)) == b"{}"


def test_a_gateway_does_nothing_more(log_in: Callable[[str], User]) -> None:
    gateway = log_in("docmill-gateway")
    for queue in (AGGREGATOR, DEAD, PARKED, DOCUMENTS, BATCHES):
        gateway.may_not(peek(queue))
        gateway.may_not(durable(queue))
        gateway.may_not(purge(queue))
    for exchange in (PROGRESS, LIFECYCLE, DEAD, PARKED):
        gateway.may_not(publish(exchange, "job_1"))
    gateway.may_not(durable("docmill.mine"))
    gateway.may_not(lambda channel: channel.exchange_delete(EVENTS))

    def listen_in(channel: BlockingChannel) -> None:
        own = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(own, EVENTS)

    gateway.may_not(listen_in)


@pytest.mark.parametrize(
    ("user", "own", "other"),
    [
        ("docmill-documents", DOCUMENTS, BATCHES),
        ("docmill-batches", BATCHES, DOCUMENTS),
    ],
)
def test_a_worker_reads_its_queue_and_reports_and_nothing_more(
    log_in: Callable[[str], User], user: str, own: str, other: str
) -> None:
    worker, aggregator = log_in(user), log_in("docmill-aggregator")
    aggregator.may(purge(own))
    aggregator.may(publish("", own))
    assert worker.may(take(own)) == b"{}"
    worker.may(publish(EVENTS))
    assert aggregator.may(take(AGGREGATOR)) == b"{}"
    worker.may_not(publish("", other))
    worker.may_not(publish("", own))
    worker.may_not(publish(PROGRESS, "job_1"))
    worker.may_not(publish(LIFECYCLE))
    worker.may_not(durable(own))
    worker.may_not(lambda channel: channel.queue_declare("", exclusive=True))
    for queue in (other, AGGREGATOR, DEAD, PARKED):
        worker.may_not(peek(queue))


def test_what_a_worker_rejects_reaches_the_aggregator(
    log_in: Callable[[str], User],
) -> None:
    worker, aggregator = log_in("docmill-documents"), log_in("docmill-aggregator")
    aggregator.may(purge(DOCUMENTS))
    aggregator.may(publish("", DOCUMENTS))
    channel = worker.connection.channel()
    method, _, _ = channel.basic_get(DOCUMENTS)
    assert method is not None
    channel.basic_reject(method.delivery_tag, requeue=False)
    assert aggregator.may(take(DEAD)) == b"{}"


def test_an_aggregator_releases_and_tells_but_is_no_administrator(
    broker: Broker, log_in: Callable[[str], User]
) -> None:
    user = "docmill-aggregator"
    aggregator = log_in(user)
    for queue in (DOCUMENTS, BATCHES):
        aggregator.may(publish("", queue))
    for exchange in (LIFECYCLE, PROGRESS):
        aggregator.may(tell(exchange))
    aggregator.may_not(durable("something.else"))
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        broker.ask("overview", user=user, password=PASSWORDS[user])


def test_monitoring_sees_the_queues_and_reads_no_message(
    broker: Broker, log_in: Callable[[str], User]
) -> None:
    seen = broker.ask("queues/docmill", user=MONITORING, password=PASSWORDS[MONITORING])
    assert {each["name"] for each in seen} >= {AGGREGATOR, DOCUMENTS, BATCHES}
    monitoring = log_in(MONITORING)
    monitoring.may_not(peek(AGGREGATOR))
    monitoring.may_not(publish(EVENTS))


def test_nobody_else_can_log_in(broker: Broker) -> None:
    with pytest.raises(ProbableAuthenticationError):
        broker.connect("guest", "guest")
    with pytest.raises(ProbableAuthenticationError):
        broker.connect("docmill-gateway", "wrong")


def test_passwords_are_still_there_after_a_restart(broker: Broker) -> None:
    broker.node.stop()
    broker.node.start()
    for name, password in PASSWORDS.items():
        broker.connect(name, password).close()


def test_metrics_of_the_broker_that_alerts_name_exist(broker: Broker) -> None:
    alerts = (ALERTS / "alerts.yaml").read_text()
    named = set(re.findall(r"\brabbitmq_(?:alarms|global|queue)\w+", alerts))
    assert named
    there = broker.metrics()
    for name in named:
        assert f"\n{name}" in there, name


def test_with_the_file_of_the_repository_nobody_can_log_in(rabbitmq_root: Path) -> None:
    def copy(path: Path) -> None:
        shutil.copy(FILES / "definitions.json", path)

    with broker_with(rabbitmq_root, copy) as running:
        for name in (*USERS, MONITORING):
            for password in ("", name, "guest"):
                with pytest.raises(
                    (ProbableAuthenticationError, ProbableAccessDeniedError)
                ):
                    running.connect(name, password)
