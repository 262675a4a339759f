"""Why a task that is not final is not out, in words that clients see.

What each counts as is in `docs/state_machine.md`.
"""

from typing import Final

RETRY: Final = "retry"
"""An attempt failed and another one is due."""
SHUTDOWN: Final = "shutdown"
"""Its worker was stopped before it was done."""
OCR: Final = "ocr"
"""Its text is to be recognised, on another queue from now on."""
REDELIVERED: Final = "redelivered"
"""The broker delivered the message a second time: its first worker is gone."""
WORKER_LOST: Final = "worker_lost"
"""It had started when its worker went."""
DEAD_LETTERED: Final = "dead_lettered"
"""The broker or a worker gave the message up; with `until` it was refused, without it
expired, and an expired one says nothing about the document."""
UPSTREAM_UNAVAILABLE: Final = "upstream_unavailable"
"""Something it insists on does not answer; parked until that may be asked again."""
EXPIRED: Final = "expired"
"""Nobody took its message in time, and the broker said nothing of it."""
RESTARTED: Final = "restarted"
"""It was out when the process died that held its message."""

UPSTREAM: Final = "upstream"
"""The word of workers for `UPSTREAM_UNAVAILABLE`, in `task.returned` only."""
