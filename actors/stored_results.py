"""Reads the results of a job's documents, a bounded part of them at a time."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from service.blobs import Blobs
from service.domain.model import DocumentId, JobId
from service.errors import NotFoundError
from service.store import Store
from service.store.rows import StoredResult

PAGE = 64
"""Results read from the store at once: 2 MB at most, as they are up to 32 KB there."""
AHEAD = 8
"""Larger results fetched at once, to hide the way to a remote store."""
AHEAD_BYTES = 16 * 1024 * 1024
"""What these may take together; one that is larger is fetched alone."""


def stored_results(
    store: Store, blobs: Blobs, job_id: JobId
) -> Iterator[tuple[DocumentId, bytes | None]]:
    """Give the documents that have a result, in order, and it as JSON.

    None for one that is gone although its row names it.

    Raises:
        TransientError: Store or blobs do not answer.
    """
    after = -1
    with ThreadPoolExecutor(AHEAD, thread_name_prefix="results") as pool:
        while True:
            page, after = store.document_results(job_id, after_index=after, limit=PAGE)
            if not page:
                return
            for some in _groups(page):
                whole = pool.map(lambda stored: _whole(blobs, stored), some)
                for stored, result in zip(some, whole, strict=True):
                    assert stored.document_id is not None
                    yield stored.document_id, result


def _groups(page: Sequence[StoredResult]) -> Iterator[list[StoredResult]]:
    some: list[StoredResult] = []
    size = 0
    for stored in page:
        more = 0 if stored.result_key is None else stored.result_bytes
        if some and (len(some) == AHEAD or size + more > AHEAD_BYTES):
            yield some
            some, size = [], 0
        some.append(stored)
        size += more
    if some:
        yield some


def _whole(blobs: Blobs, stored: StoredResult) -> bytes | None:
    if stored.result_key is None:
        return bytes(stored.result)
    try:
        return blobs.get_bytes(stored.result_key)
    except NotFoundError:
        return None
