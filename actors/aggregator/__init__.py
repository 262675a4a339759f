"""The progress aggregator: one mailbox, private state, messages out.

The only writer of job state. A loop drains the mailbox, folds what one read delivered,
commits it in one transaction, sends what was released, tells the gateways, and
acknowledges. Nothing waits for a timer to gather more: while one commit is on its way
to the disk, the next group gathers by itself.
"""

from actors.aggregator.commit import Limits
from actors.aggregator.leadership import Aggregator

__all__ = ["Aggregator", "Limits"]
