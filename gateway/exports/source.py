"""Where exports read from: a job's final documents, a page at a time."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from service.blob_keys import output_key
from service.blobs import Blobs
from service.domain.model import FINAL_TASK, Job, TaskStatus
from service.errors import NotFoundError
from service.store import Store
from service.store.rows import TaskView

PAGE = 100


@dataclass(frozen=True, slots=True)
class Export:
    """The results of one job; every method blocks.

    Their methods raise `TransientError` when the store does not answer. Memory is
    bounded by one page of results of up to 32 KB, and one larger result.
    """

    store: Store
    blobs: Blobs
    job: Job

    def documents(self) -> Iterator[TaskView]:
        """Give each document that has ended, in the job's order."""
        token = ""
        while True:
            page = self.store.tasks(
                self.job.owner,
                self.job.id,
                statuses=tuple(FINAL_TASK),
                page_size=PAGE,
                page_token=token,
            )
            yield from page.items
            token = page.next_token
            if not token:
                return

    def result(self, view: TaskView) -> bytes | None:
        """Give a document's whole result as JSON; None without one."""
        if view.task.status is not TaskStatus.COMPLETED:
            return None
        if view.result_key is None:
            return bytes(view.result)
        try:
            return self.blobs.get_bytes(view.result_key)
        except NotFoundError:  # by retention since the page was read, or by a stranger
            return None

    def output(self, view: TaskView, name: str) -> Iterator[bytes] | None:
        """Give a file beside a document's result; None when there is none."""
        if view.outputs_key is None:
            return None
        try:
            return self.blobs.iter_chunks(output_key(view.outputs_key, name))
        except NotFoundError:
            return None


class TextPart(msgspec.Struct, frozen=True, rename="camel"):
    """The beginning of a text, and whether there is more of it."""

    preview: str
    object_key: str | None = None


class Texts(msgspec.Struct, frozen=True):
    """The texts of a result of any built-in type."""

    text: TextPart | None = None
    markdown: TextPart | None = None


class Known(Texts, frozen=True):
    """What exports read of a result, at its top or inside ``extraction``."""

    extraction: Texts | None = None

    def find(self, name: str) -> TextPart | None:
        """Give a text by its field's name."""
        inner: TextPart | None = getattr(self.extraction, name, None)
        outer: TextPart | None = getattr(self, name)
        return outer or inner


def known(result: bytes) -> Known:
    """Read a result; one of a type with other fields has no texts."""
    try:
        return msgspec.json.decode(result, type=Known)
    except msgspec.ValidationError:
        return Known()
