"""What a job's events say about it so far, for whoever draws it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gateway.client import Event, Progress, Task
from service.cli.text import printable, seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A document at work."""

    name: str
    step: str = ""
    fraction: float = 0.0
    page: int | None = None
    pages: int | None = None
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened to a document, in words."""

    text: str
    good: bool


class Board:
    """The present state of one job, folded from its stream.

    `begin` it for a stream from the start; `load` each snapshot a stream begins with:
    it says which documents are at work.
    """

    def __init__(self) -> None:
        self.percent = 0
        self.total = 0
        self.done = 0
        self.failed = 0
        self.remaining_ms: float | None = None
        self.at_work: dict[str, Work] = {}
        self._names: dict[str, str] = {}

    def begin(self, total: int, tasks: Iterable[Task]) -> None:
        """Start a job whose events all follow, with the names of its documents."""
        self.total = total
        self._names = {task.document_id: printable(task.name) for task in tasks}

    def load(self, snapshot: Progress, tasks: Iterable[Task]) -> None:
        """Start from a snapshot and the tasks as they were at or after it."""
        self._count(snapshot)
        self.done, self.failed = snapshot.completed, snapshot.failed_documents
        self.at_work.clear()
        for task in tasks:
            self._names[task.document_id] = printable(task.name)
            if task.status == "PROCESSING":
                self.at_work[task.document_id] = Work(
                    name=printable(task.name),
                    step=task.step or "",
                    fraction=task.progress / 100,
                    attempt=task.attempts + 1,
                )

    def take(self, event: Event) -> Line | None:
        """Fold one event; gives a line when a document ended or will run again."""
        if event.type.startswith("task."):
            return self._take_task(event)
        progress = event.progress()
        if progress is not None:
            self._count(progress)
        if event.final:
            self.percent, self.remaining_ms = 100, None
        return None

    def _count(self, progress: Progress) -> None:
        self.percent = progress.progress
        self.total = progress.total_documents
        self.remaining_ms = progress.estimated_time_remaining_ms

    def _take_task(self, event: Event) -> Line | None:
        document_id = str(event.data.get("documentId", ""))
        name = self._names.get(document_id, document_id)
        match event.type:
            case "task.started":
                attempt = int(event.data.get("attempt") or 1)
                self.at_work[document_id] = Work(name=name, attempt=attempt)
            case "task.progress":
                self._moved(document_id, event)
            case "task.retrying":
                self.at_work.pop(document_id, None)
                delay_s = float(event.data.get("delay") or 0) / 1000
                again = f"{_reason(event)}; tried again in {seconds(delay_s)}"
                return Line(f"{name}: {again}", good=False)
            case "task.completed":
                spent_s = float(event.data.get("processingTime") or 0) / 1000
                self._ended(document_id)
                return Line(f"{name}: completed in {seconds(spent_s)}", good=True)
            case "task.failed" | "task.cancelled":
                self.failed += 1
                self._ended(document_id)
                return Line(f"{name}: {_reason(event)}", good=False)
            case _:
                """A newer service knows more events."""
        return None

    def _moved(self, document_id: str, event: Event) -> None:
        work = self.at_work.get(document_id)
        if work is not None:
            self.at_work[document_id] = replace(
                work,
                step=str(event.data.get("step") or ""),
                fraction=float(event.data.get("fraction") or 0.0),
                page=event.data.get("page"),
                pages=event.data.get("pages"),
            )

    def _ended(self, document_id: str) -> None:
        self.at_work.pop(document_id, None)
        self.done += 1


def _reason(event: Event) -> str:
    if event.type == "task.cancelled":
        return "cancelled"
    error = event.data.get("error")
    code = error.get("code") if isinstance(error, dict) else error
    return printable(f"failed: {code or 'unknown'}")
