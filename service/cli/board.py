"""What a job's events say about it so far, for whoever draws it."""

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

    A stream begins with a snapshot: `take` it, then `put` every task as it was then or
    later, then `take` what follows.
    """

    def __init__(self) -> None:
        self.percent = 0
        self.total = 0
        self.failed = 0
        self.remaining_ms: float | None = None
        self.at_work: dict[str, Work] = {}
        self._names: dict[str, str] = {}
        self._ended: set[str] = set()

    @property
    def done(self) -> int:
        """Documents that have ended."""
        return len(self._ended)

    def put(self, task: Task) -> Line | None:
        """Note where a document stands; gives a line if it has ended."""
        name = self._names[task.document_id] = printable(task.name)
        if task.status == "PROCESSING":
            self.at_work[task.document_id] = Work(
                name=name,
                step=task.step or "",
                fraction=task.progress / 100,
                attempt=task.attempts + 1,
            )
        if not task.final or task.document_id in self._ended:
            return None
        good = task.status == "COMPLETED"
        self._end(task.document_id, good=good)
        if good:
            return Line(_completed(name, task.duration_s), good=True)
        code = task.error.code if task.error else "unknown"
        return Line(f"{name}: {_reason(task.status, code)}", good=False)

    def take(self, event: Event) -> Line | None:
        """Fold one event; gives a line when a document ended or will run again."""
        if event.type.startswith("task."):
            return self._take_task(event)
        progress = event.progress()
        if progress is not None:
            self._count(progress)
        if event.type == "snapshot":
            self.at_work.clear()
        if event.final:
            self.percent, self.remaining_ms = 100, None
        return None

    def _count(self, progress: Progress) -> None:
        self.percent = progress.progress
        self.total = progress.total_documents
        self.remaining_ms = progress.estimated_time_remaining_ms

    def _take_task(self, event: Event) -> Line | None:
        document_id = str(event.data.get("documentId", ""))
        if document_id in self._ended:
            return None  # the list of tasks was newer
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
                again = f"{_failed(event)}; tried again in {seconds(delay_s)}"
                return Line(f"{name}: {again}", good=False)
            case "task.completed":
                spent_s = float(event.data.get("processingTime") or 0) / 1000
                self._end(document_id, good=True)
                return Line(_completed(name, spent_s), good=True)
            case "task.failed" | "task.cancelled":
                self._end(document_id, good=False)
                return Line(f"{name}: {_failed(event)}", good=False)
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

    def _end(self, document_id: str, *, good: bool) -> None:
        self.at_work.pop(document_id, None)
        self._ended.add(document_id)
        self.failed += not good


def _completed(name: str, spent_s: float | None) -> str:
    time = "" if spent_s is None else f" in {seconds(spent_s)}"
    return f"{name}: completed{time}"


def _failed(event: Event) -> str:
    error = event.data.get("error")
    code = error.get("code") if isinstance(error, dict) else error
    status = "CANCELLED" if event.type == "task.cancelled" else "FAILED"
    return _reason(status, code or "unknown")


def _reason(status: str, code: str) -> str:
    return "cancelled" if status == "CANCELLED" else printable(f"failed: {code}")
