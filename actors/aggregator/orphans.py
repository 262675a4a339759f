"""Removes stored files that no row names: their process died between the two."""

from collections.abc import Callable
from datetime import datetime

from service.blob_keys import DOCUMENTS, JOB_ROOTS, document_of, job_folders
from service.blobs import Blobs
from service.domain.model import JobId
from service.store import Store


def remove_orphans(
    store: Store, blobs: Blobs, *, before: datetime, stopping: Callable[[], bool]
) -> int:
    """Remove what no row names and give the number of keys, folders as one.

    A document's content is stored before its row, so only what is older than `before`
    can be without one for good. Results are stored when their job has long its row.
    A store that knows of nothing may be the wrong one: then nothing is removed.

    Raises:
        TransientError: Store or blobs do not answer.
    """
    removed = 0
    if store.is_empty():
        return removed
    for keys in blobs.older(DOCUMENTS, before=before):
        if stopping():
            return removed
        named = store.blob_keys({document_of(key) for key in keys})
        lost = [key for key in keys if named.get(document_of(key)) != key]
        blobs.delete(lost)
        removed += len(lost)
    stored = {JobId(name) for root in JOB_ROOTS for name in blobs.folders(root)}
    for job_id in stored - store.last_seqs(stored).keys():
        if stopping():
            return removed
        blobs.delete(job_folders(job_id))
        removed += 1
    return removed
