"""Registers the actors and their middleware on a broker somebody else built."""

from collections.abc import Callable
from typing import Any, TypeVar

import dramatiq
from dramatiq.middleware import TimeLimit

from actors.batches import BatchWorker
from actors.documents import DocumentWorker
from actors.middleware import Lifecycle, command_at_work
from service.errors import DocumentError, OcrElsewhereError, TransientError
from service.messages import (
    Command,
    FinishBatch,
    ProcessDocument,
    ProcessScan,
    StartBatch,
)

C = TypeVar("C", bound=Command)

TIME_LIMIT_INTERVAL_MS = 200
"""How often Dramatiq looks for threads over their limit."""


def middleware(
    lifecycle: Lifecycle, *others: dramatiq.Middleware
) -> list[dramatiq.Middleware]:
    """Give the middleware list; `TimeLimit` is last, so that it cannot fire in a hook.

    There is no `Retries`: only the aggregator decides on another attempt.

    Args:
        lifecycle: Says what becomes of tasks.
        others: A worker on a real broker has a `Watchdog` here.
    """
    return [lifecycle, *others, TimeLimit(interval=TIME_LIMIT_INTERVAL_MS)]


def register(
    broker: dramatiq.Broker,
    *,
    documents: DocumentWorker | None = None,
    scans: DocumentWorker | None = None,
    batches: BatchWorker | None = None,
) -> None:
    """Register the actors a process serves."""
    if documents is not None:
        _actor(broker, ProcessDocument, documents.process)
    if scans is not None:
        _actor(broker, ProcessScan, scans.process)
    if batches is not None:
        _actor(broker, StartBatch, batches.start)
        _actor(broker, FinishBatch, batches.finish)


def _actor(broker: dramatiq.Broker, kind: type[C], act: Callable[[C], None]) -> None:
    """Register the actor of one kind of command, whose tag is its name."""

    def run(command: dict[str, Any]) -> None:
        decoded = command_at_work(command)
        assert isinstance(decoded, kind)
        act(decoded)

    declare = dramatiq.actor(
        actor_name=str(kind.__struct_config__.tag),
        queue_name=kind.queue,
        broker=broker,
        # Errors with a meaning are reported as events, not as tracebacks in the log.
        throws=(DocumentError, OcrElsewhereError, TransientError),
    )
    declare(run)
