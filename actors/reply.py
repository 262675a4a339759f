"""What every event says of the task it is about."""

from typing import Any

from service.clock import Clock
from service.ids import new_message_id
from service.messages import Command

INLINE_BYTES = 32_768
"""A result up to this size travels in the final event."""


def about(command: Command, clock: Clock) -> dict[str, Any]:
    """Give the fields an event shares with the command it answers."""
    return {
        "message_id": new_message_id(),
        "owner": command.owner,
        "occurred_at": clock.now(),
        "job_id": command.job_id,
        "task_id": command.task_id,
        "generation": command.generation,
        "attempt": command.attempt,
    }
