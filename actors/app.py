"""Registers the actors and their middleware on a broker somebody else built."""

from collections.abc import Callable
from typing import Any

import dramatiq
from dramatiq.middleware import TimeLimit

from actors.batches import BatchWorker
from actors.documents import DocumentWorker
from actors.middleware import Lifecycle, command_at_work
from service.errors import DocumentError, OcrElsewhereError, TransientError
from service.messages import (
    FinishBatch,
    ProcessDocument,
    ProcessScan,
    StartBatch,
)

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
        process = documents.process

        def process_document(command: dict[str, Any]) -> None:
            decoded = command_at_work(command)
            assert isinstance(decoded, ProcessDocument)
            process(decoded)

        _actor(broker, process_document, ProcessDocument.queue)
    if scans is not None:
        recognise = scans.process

        def process_scan(command: dict[str, Any]) -> None:
            decoded = command_at_work(command)
            assert isinstance(decoded, ProcessScan)
            recognise(decoded)

        _actor(broker, process_scan, ProcessScan.queue)
    if batches is not None:
        start, finish = batches.start, batches.finish

        def start_batch(command: dict[str, Any]) -> None:
            decoded = command_at_work(command)
            assert isinstance(decoded, StartBatch)
            start(decoded)

        def finish_batch(command: dict[str, Any]) -> None:
            decoded = command_at_work(command)
            assert isinstance(decoded, FinishBatch)
            finish(decoded)

        _actor(broker, start_batch, StartBatch.queue)
        _actor(broker, finish_batch, FinishBatch.queue)


def _actor(
    broker: dramatiq.Broker, function: Callable[[dict[str, Any]], None], queue: str
) -> None:
    declare = dramatiq.actor(
        queue_name=queue,
        broker=broker,
        # Errors with a meaning are reported as events, not as tracebacks in the log.
        throws=(DocumentError, OcrElsewhereError, TransientError),
    )
    declare(function)
