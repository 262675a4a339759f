"""The first step of a stop: nothing more is taken, and what nobody began goes back."""

from typing import Final

import dramatiq
from dramatiq.common import iter_queue

from service.transport.broker import DocmillBroker
from service.transport.consumer import DocmillConsumer

TAKEN_S: Final = 2.0
"""Longest wait until the broker knows; with a dead connection it knows already."""


def take_no_more(worker: dramatiq.Worker) -> int:
    """Leave what waits to other workers, while what is at work goes on.

    Without it what this worker had prefetched would wait until its last document ends.

    Returns:
        How many messages were given back.
    """
    if isinstance(worker.broker, DocmillBroker):
        worker.broker.take_no_more()
    consumers = [each.consumer for each in worker.consumers.values()]
    for consumer in consumers:
        if isinstance(consumer, DocmillConsumer):
            consumer.wait_taken_all(wait_s=TAKEN_S)
    number = 0
    for item in iter_queue(worker.work_queue):
        for consumer in consumers:
            if isinstance(consumer, DocmillConsumer):
                consumer.give_back(item.message)  # only its own
        number += 1
    return number
