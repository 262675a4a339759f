"""Reads what comes from the aggregator's queue and from the dead letters."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import msgspec

from service.clock import Clock
from service.domain.reasons import DEAD_LETTERED
from service.ids import new_message_id
from service.messages import EVENTS, Event, TaskReturned
from service.transport.dramatiq_message import command_in

EXPIRED: Final = "expired"
"""The broker's word for a message that waited longer than it may."""
REFUSED_PAUSE: Final = timedelta(seconds=5)
"""A command that workers refuse is not sent to them again before this."""
BROKER: Final = "broker"
"""Who hands a dead letter's task back."""

_PARTS = msgspec.json.Decoder(list[msgspec.Raw])


def events_in(body: bytes) -> tuple[list[Event], list[bytes]]:
    """Give the events of a group, and those parts of it that are none.

    Raises:
        ValueError: It is no group at all.
    """
    try:
        parts = _PARTS.decode(body)
    except msgspec.MsgspecError as error:
        raise ValueError(f"no group of events: {error}") from error
    events: list[Event] = []
    unreadable: list[bytes] = []
    for part in parts:
        try:
            events.append(EVENTS.decode(part))
        except msgspec.MsgspecError:
            unreadable.append(bytes(part))
    return events, unreadable


def return_of(body: bytes, headers: Mapping[str, Any] | None, clock: Clock) -> Event:
    """Give the event by which the task of a dead-lettered command comes back.

    Raises:
        ValueError: It is no command of this version.
    """
    command = command_in(body)
    expired = (headers or {}).get("x-first-death-reason") == EXPIRED
    now = clock.now()
    return TaskReturned(
        message_id=new_message_id(),
        owner=command.owner,
        occurred_at=now,
        job_id=command.job_id,
        task_id=command.task_id,
        generation=command.generation,
        attempt=command.attempt,
        worker_id=BROKER,
        reason=DEAD_LETTERED,
        until=None if expired else now + REFUSED_PAUSE,
    )
