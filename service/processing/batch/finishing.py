"""What the cross-document part of a job type gets to work with.

Light to import. It runs in a batch worker, outside the sandbox, and never opens a
document: only results, which are read one after the other.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from service.clock import Clock
from service.domain.model import Counts, DocumentId, JobId

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishContext:
    """A job all of whose documents have ended."""

    job_id: JobId
    job_type: str
    counts: Counts
    """Documents by how they ended."""
    clock: Clock
    read: Callable[[], Iterator[tuple[DocumentId, bytes | None]]]
    """Gives the documents that have a result, in the order of the job, and it as JSON;
    None for one whose result is gone.

    Only a few are in memory at a time; each call begins anew.
    """
    missing: list[DocumentId] = field(default_factory=list)
    """Documents whose result was gone when `results` came to it."""

    def results(self, wanted: type[T]) -> Iterator[tuple[DocumentId, T]]:
        """Give the results in the order of the job, as far as `wanted` has fields.

        What is gone is left out, and named in `missing`.

        Raises:
            msgspec.ValidationError: A result is not of this form.
            TransientError: Store or blobs do not answer.
        """
        decoder = msgspec.json.Decoder(wanted)
        self.missing.clear()
        for document_id, result in self.read():
            if result is None:
                self.missing.append(document_id)
            else:
                yield document_id, decoder.decode(result)
