"""Declares the topology and compares it with what the broker already holds."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import pika
from pika.exceptions import AMQPConnectionError, ChannelClosedByBroker

from service.errors import SettingsError, TransientError
from service.logs import get_logger
from service.transport.topology import Topology

REFUSED: Final = 403
NOT_FOUND: Final = 404
DIFFERENT: Final = 406
_MISMATCH: Final = re.compile(
    r"inequivalent arg '(?P<argument>[^']+)' for (?P<kind>\w+) '(?P<name>[^']+)'"
    r".*?received (?P<asked>.+?) but current is (?P<held>.+)$"
)

_log = get_logger(__name__)

Step = Callable[[Any, bool], None]
"""Declares one thing on a channel; with True only asks whether it is there."""


def declare_at(parameters: Sequence[pika.URLParameters], held: Topology) -> None:
    """Connect, declare everything, and disconnect.

    Raises:
        SettingsError: The broker holds something of the same name in another form, or
            what this user may not declare is not there.
        TransientError: The broker does not answer.
    """
    try:
        connection = pika.BlockingConnection(parameters=parameters)
    except (AMQPConnectionError, OSError) as error:
        raise TransientError(f"no connection to the broker: {error!r}") from error
    try:
        declare(connection, held)
    except AMQPConnectionError as error:
        raise TransientError(f"the broker went away: {error!r}") from error
    finally:
        if connection.is_open:
            connection.close()


def declare(connection: Any, held: Topology) -> None:
    """Declare everything over a blocking connection.

    What exists stays as it is: the broker compares durability and arguments. A user
    who may not declare only looks whether it is there.

    Raises:
        SettingsError: See `declare_at`.
        pika.exceptions.AMQPConnectionError: The connection broke.
    """
    channel = connection.channel()
    for name, step in _steps(held):
        problem = _try(channel, step, passive=False)
        if problem is None:
            continue
        channel = connection.channel()
        if problem.reply_code == DIFFERENT:
            raise SettingsError(_explained(problem.reply_text)) from problem
        if problem.reply_code != REFUSED:
            raise SettingsError(
                f"the broker refuses {name!r}: {problem.reply_text}"
            ) from problem
        if (missing := _try(channel, step, passive=True)) is not None:
            channel = connection.channel()
            _judge(name, missing)
    channel.close()


def _judge(name: str, missing: ChannelClosedByBroker) -> None:
    """Decide about something this user may neither declare nor ask for."""
    if missing.reply_code == NOT_FOUND:
        raise SettingsError(
            f"the broker has no {name!r} and this user may not declare it: load "
            "rabbitmq/definitions.json, or start an aggregator first"
        ) from missing
    # From RabbitMQ 4.3 even asking needs the permission to declare.
    _log.warning("topology_unseen", name=name, problem=missing.reply_text)


def _try(channel: Any, step: Step, *, passive: bool) -> ChannelClosedByBroker | None:
    try:
        step(channel, passive)
    except ChannelClosedByBroker as error:
        return error
    return None


def _steps(held: Topology) -> list[tuple[str, Step]]:
    """Give each declaration with its name, in order."""
    return [
        *((each.name, _exchange(each.name, each.type)) for each in held.exchanges),
        *((each.name, _queue(each.name, dict(each.arguments))) for each in held.queues),
        *((each.queue, _binding(each.exchange, each.queue)) for each in held.bindings),
    ]


def _exchange(name: str, kind: str) -> Step:
    return lambda channel, passive: channel.exchange_declare(
        name, exchange_type=kind, durable=True, passive=passive
    )


def _queue(name: str, arguments: dict[str, Any]) -> Step:
    return lambda channel, passive: channel.queue_declare(
        name, durable=True, arguments=arguments, passive=passive
    )


def _binding(exchange: str, queue: str) -> Step:
    def bind(channel: Any, passive: bool) -> None:
        if not passive:  # There is no way to ask for a binding.
            channel.queue_bind(queue, exchange, routing_key="")

    return bind


def _explained(text: str) -> str:
    """Say of a refused declaration what differs and what to do."""
    found = _MISMATCH.search(text)
    if found is None:
        return f"the broker holds another topology: {text}"
    name, kind = found["name"], found["kind"]
    return (
        f"the broker's {kind} {name!r} differs in {found['argument']!r}: the settings "
        f"ask for {_value(found['asked'])}, the broker has {_value(found['held'])}. "
        f"Change DOCMILL_QUEUE_TYPE back, or drain and delete the {kind} first"
    )


def _value(text: str) -> str:
    return re.sub(r"^the value (.*?)(?: of type '\w+')?$", r"\1", text)
