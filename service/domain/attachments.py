"""What was inside a document becomes documents of its job, within the limits."""

from collections.abc import Sequence

from service.domain import estimates
from service.domain.draft import Draft
from service.domain.model import Task
from service.domain.task_ids import (
    MAX_ATTACHMENT_DEPTH,
    attachment_depth,
    attachment_task_id,
    root_task_id,
)
from service.messages import AddedDocument

MAX_INSIDE_BYTES = 300_000_000
"""Of one submitted document: the files inside it that become documents, at any depth,
together. What small archives inside small archives unpack to is bounded by this."""


def add(draft: Draft, parent: Task, documents: Sequence[AddedDocument]) -> int:
    """Add what was inside a document to its job, as far as there is place.

    Ids follow from the parent and the order in it; a position in the job is the
    next free one, so it also follows from the order in which parents ended.

    Returns:
        How many were added; the others are in the draft's `refused`.
    """
    shallow = attachment_depth(parent.id) < MAX_ATTACHMENT_DEPTH
    room = draft.max_documents - draft.job.counts.total if shallow else 0
    taken = _within_bytes(draft, parent, documents[: max(0, room)])
    for number, document in enumerate(taken, 1):
        draft.put_new(_task(draft, parent, number, document), document)
    draft.refused += documents[len(taken) :]
    return len(taken)


def _within_bytes(
    draft: Draft, parent: Task, documents: Sequence[AddedDocument]
) -> Sequence[AddedDocument]:
    """Give the first of them that do not go over the limit of their root."""
    root = root_task_id(parent.id)
    for place, document in enumerate(documents):
        inside = draft.inside_bytes.get(root, 0) + document.size_bytes
        if inside > MAX_INSIDE_BYTES:
            return documents[:place]
        draft.inside_bytes[root] = inside
    return documents


def _task(draft: Draft, parent: Task, number: int, document: AddedDocument) -> Task:
    job = draft.job
    size = estimates.size_class(document.size_bytes)
    kind = (job.type, document.media_type, size)
    return Task(
        id=attachment_task_id(parent.id, number),
        job_id=job.id,
        owner=job.owner,
        index=job.counts.total,
        document_id=document.document_id,
        cost_ms=estimates.predict_ms(draft.observed, kind),
    )
