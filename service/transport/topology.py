"""What the broker has to hold: exchanges, queues, bindings, policies, permissions.

The one place that names them. Every process declares this when it connects
(`declaring`), and ``rabbitmq/definitions.json`` is made from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from service.messages import ProcessDocument, ProcessScan, StartBatch

EVENTS: Final = "docmill.events"
"""Fanout: events for the aggregator. Feeds one queue only, for a publish that one of
several queues refused would be confirmed as a whole by none."""
LIFECYCLE: Final = "docmill.lifecycle"
"""Fanout: accepted facts after their commit, for anybody who binds a queue."""
PROGRESS: Final = "docmill.progress"
"""Direct, by job id: notices for the gateways that watch the job."""
DEAD: Final = "docmill.dead"
"""Fanout and its queue: commands that no worker ran; read by the aggregator."""
PARKED: Final = "docmill.parked"
"""Fanout and its queue: what could not be read, kept for people to look at."""
AGGREGATOR: Final = "docmill.aggregator"
"""The aggregator's queue of events."""
WORK_QUEUES: Final = (ProcessDocument.queue, ProcessScan.queue, StartBatch.queue)
"""Queues of Dramatiq's actors. Nothing is delayed by the broker and dead
letters are the aggregator's, so Dramatiq's ``.DQ`` and ``.XQ`` do not exist."""

DELIVERY_LIMIT: Final = 20
"""Deliveries of a command before it is a dead letter; the default of RabbitMQ 4.0,
said so that 3.10, which has none, behaves the same. Only quorum queues count."""
UNLIMITED: Final = 1_000_000_000
"""A delivery limit nothing reaches. Not -1, which means none from RabbitMQ 4.0 on, but
on 3.x drops a message at its first return."""
PARKED_MOST: Final = 10_000
"""Unreadable messages kept; then the oldest go."""
PARKED_MS: Final = 7 * 86_400_000
"""How long an unreadable message is kept."""


class QueueType(StrEnum):
    """How the broker keeps its durable queues."""

    CLASSIC = "classic"
    """On one node: fastest."""
    QUORUM = "quorum"
    """On several nodes, by majority."""


Arguments = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A durable exchange; `type` is ``fanout`` or ``direct``."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Queue:
    """A durable queue."""

    name: str
    arguments: Arguments


@dataclass(frozen=True, slots=True)
class Binding:
    """From an exchange to a queue."""

    exchange: str
    queue: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What an operator may change while it runs, unlike a queue's arguments."""

    name: str
    pattern: str
    definition: Arguments


@dataclass(frozen=True, slots=True)
class Permission:
    """What a role's user may configure, write and read: regular expressions."""

    configure: str
    write: str
    read: str


@dataclass(frozen=True, slots=True)
class Topology:
    """All of it, in the order in which it can be declared."""

    exchanges: tuple[Exchange, ...]
    queues: tuple[Queue, ...]
    bindings: tuple[Binding, ...]
    policies: tuple[Policy, ...] = ()
    permissions: Mapping[str, Permission] = field(default_factory=dict)


def topology(queue_type: QueueType | str = QueueType.CLASSIC) -> Topology:
    """Give what the broker has to hold, with durable queues of the given type."""
    kind = QueueType(queue_type)
    work = tuple(
        Queue(name, _arguments(kind, DELIVERY_LIMIT, dead_letters=DEAD))
        for name in WORK_QUEUES
    )
    return Topology(
        exchanges=(
            Exchange(EVENTS, "fanout"),
            Exchange(LIFECYCLE, "fanout"),
            Exchange(PROGRESS, "direct"),
            Exchange(DEAD, "fanout"),
            Exchange(PARKED, "fanout"),
        ),
        queues=(
            Queue(AGGREGATOR, _arguments(kind, UNLIMITED, dead_letters=PARKED)),
            Queue(DEAD, _arguments(kind, UNLIMITED, dead_letters=PARKED)),
            Queue(PARKED, _arguments(kind, UNLIMITED)),
            *work,
        ),
        bindings=(
            Binding(EVENTS, AGGREGATOR),
            Binding(DEAD, DEAD),
            Binding(PARKED, PARKED),
        ),
        policies=(
            Policy(
                name=PARKED,
                pattern=rf"^{_literal(PARKED)}$",
                definition={"max-length": PARKED_MOST, "message-ttl": PARKED_MS},
            ),
        ),
        permissions=MappingProxyType(PERMISSIONS),
    )


def definitions(queue_type: QueueType | str, *, vhost: str) -> dict[str, Any]:
    """Give the topology in the form of RabbitMQ's definitions file.

    Users and their permissions are added by who knows the passwords.
    """
    held = topology(queue_type)
    durable = {"vhost": vhost, "durable": True, "auto_delete": False}
    return {
        "exchanges": [
            {
                "name": each.name,
                "type": each.type,
                "internal": False,
                "arguments": {},
                **durable,
            }
            for each in held.exchanges
        ],
        "queues": [
            {"name": each.name, "arguments": dict(each.arguments), **durable}
            for each in held.queues
        ],
        "bindings": [
            {
                "source": each.exchange,
                "vhost": vhost,
                "destination": each.queue,
                "destination_type": "queue",
                "routing_key": "",
                "arguments": {},
            }
            for each in held.bindings
        ],
        "policies": [
            {
                "vhost": vhost,
                "name": each.name,
                "pattern": each.pattern,
                "apply-to": "queues",
                "definition": dict(each.definition),
                "priority": 0,
            }
            for each in held.policies
        ],
    }


def _arguments(
    kind: QueueType, delivery_limit: int, *, dead_letters: str | None = None
) -> Arguments:
    arguments: dict[str, str | int] = {"x-queue-type": str(kind)}
    if dead_letters is not None:
        arguments["x-dead-letter-exchange"] = dead_letters
    if kind is QueueType.QUORUM:
        arguments["x-delivery-limit"] = delivery_limit
    return MappingProxyType(arguments)


def _literal(name: str) -> str:
    return name.replace(".", r"\.")


def _any_of(*names: str) -> str:
    return "^(" + "|".join(map(_literal, names)) + ")$"


_OWN_QUEUES = r"amq\.gen-.*"
"""Queues the broker names: each gateway has one."""
_WORK = "|".join(map(_literal, WORK_QUEUES))
_EVERYTHING = rf"^(docmill\..*|{_WORK})$"
PERMISSIONS: Final[dict[str, Permission]] = {
    "gateway": Permission(
        configure=rf"^{_OWN_QUEUES}$",
        # The default exchange, whose name is empty, is checked as ``amq.default``.
        write=rf"^(docmill\.events|amq\.default|{_OWN_QUEUES})$",
        read=rf"^(docmill\.progress|{_OWN_QUEUES})$",
    ),
    "documents": Permission(
        configure="^$",
        write=_any_of(EVENTS),
        read=_any_of(ProcessDocument.queue, ProcessScan.queue),
    ),
    "batches": Permission(
        configure="^$", write=_any_of(EVENTS), read=_any_of(StartBatch.queue)
    ),
    "aggregator": Permission(
        configure=_EVERYTHING,
        write=rf"^(docmill\..*|amq\.default|{_WORK})$",
        read=_EVERYTHING,
    ),
}
"""The least each role needs. Only the aggregator may declare; the others find what the
definitions file or the aggregator made."""
