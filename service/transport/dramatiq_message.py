"""The form of a command on its way to an actor: Dramatiq's message."""

from typing import Any

import dramatiq
import msgspec

from service.messages import ENCODER, Command, command_from_builtins

MILLISECONDS = 1000
"""Dramatiq and AMQP count in milliseconds."""
OUTER_NET_S = 10.0
"""How long after a task's own limit Dramatiq's `TimeLimit` interrupts its thread."""


def as_message(command: Command) -> dramatiq.Message[None]:
    """Wrap a command for its actor, whose name is the command's tag."""
    return dramatiq.Message(
        queue_name=command.queue,
        actor_name=str(command.__struct_config__.tag),
        args=(msgspec.to_builtins(command),),
        kwargs={},
        options={
            "time_limit": round((command.time_limit_s + OUTER_NET_S) * MILLISECONDS)
        },
        message_id=command.message_id,
    )


def encoded(command: Command) -> bytes:
    """Give the bytes of a command's message, as Dramatiq's own encoder would."""
    return ENCODER.encode(as_message(command).asdict())


def message_in(body: bytes) -> dramatiq.Message[Any]:
    """Read a message as Dramatiq's own decoder would, which takes four times as long.

    Raises:
        ValueError: It is none.
    """
    try:
        return dramatiq.Message(**msgspec.json.decode(body))
    except (TypeError, msgspec.MsgspecError) as error:
        raise ValueError(f"no message: {error}") from error


def command_in(body: bytes) -> Command:
    """Read the command out of a message's bytes.

    Raises:
        ValueError: There is none of this version in it.
    """
    try:
        return command_from_builtins(msgspec.json.decode(body)["args"][0])
    except (LookupError, TypeError, msgspec.MsgspecError) as error:
        raise ValueError(f"no command: {error}") from error
