"""The client: what the service can do, as methods."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from os import PathLike
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from urllib.parse import quote

import msgspec

from gateway.client.connection import Connection
from gateway.client.streams import JobStream
from gateway.client.uploads import removing, upload
from gateway.client.values import (
    Cancellation,
    Event,
    Job,
    Progress,
    Result,
    Task,
    UploadedDocument,
    progress_of,
)
from service.clock import Clock, SystemClock

T = TypeVar("T")

DEFAULT_URL: Final = "http://127.0.0.1:8000"
JOBS: Final = "/api/v1/documents/batch-process"
PAGE_SIZE: Final = 200


class _Accepted(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    job_id: str
    status: str
    document_count: int
    type: str
    retry_of: str | None = None

    def job(self) -> Job:
        return Job(
            id=self.job_id,
            status=self.status,
            type=self.type,
            total_documents=self.document_count,
            retry_of=self.retry_of,
        )


class Client:
    """Submits batches to a Docmill and tells what becomes of them.

    Use it as a context manager, or `close` it. Each method may raise `ProblemError`
    (the service refused, and says why) and `DocmillUnreachableError`. Requests whose
    connection breaks are sent again, and never make a second job.

    Args:
        base_url: Where Docmill listens.
        timeout_s: Longest wait for one answer, in seconds.
        clock: Measures how long a lost service has been away.
    """

    def __init__(
        self,
        base_url: str = DEFAULT_URL,
        *,
        timeout_s: float = 30.0,
        clock: Clock | None = None,
    ) -> None:
        self._connection = Connection(base_url, timeout_s=timeout_s)
        self._clock = clock or SystemClock()

    def __enter__(self) -> Self:
        """Give the client itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the client."""
        self.close()

    def close(self) -> None:
        """Give the connections back; a `watch` on another thread ends."""
        self._connection.close()

    @property
    def base_url(self) -> str:
        """The address this client talks to."""
        return self._connection.base_url

    def upload(self, files: Iterable[str | PathLike[str]]) -> list[UploadedDocument]:
        """Store files, in their order, without queueing them: all or none.

        Raises:
            OSError: A file cannot be read.
        """
        stored: list[UploadedDocument] = []
        with removing(self._connection, stored):
            stored.extend(upload(self._connection, files))
        return stored

    def submit(
        self,
        files: Iterable[str | PathLike[str]] = (),
        *,
        document_ids: Sequence[str] = (),
        job_type: str | None = None,
        options: Mapping[str, Any] | None = None,
        processing: Mapping[str, Any] | None = None,
        name: str | None = None,
        labels: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        on_completed: Callable[[Job], None] | None = None,
        on_failed: Callable[[Job], None] | None = None,
    ) -> Job:
        """Submit one job: stored documents, then `files`, which are uploaded first.

        If the job is refused, the uploaded files are removed again.

        Without a callback it returns as soon as the job is accepted. With any of them
        it follows the job and returns once it has ended.

        Args:
            files: Paths of files to upload.
            document_ids: Documents that are stored already.
            job_type: What to do with the documents; None = what the service does
                by default.
            options: As in the HTTP body, like ``{"maxConcurrent": 10}``.
            processing: What is done to each document, as in the HTTP body, like
                ``{"pages": "1-3", "ocr": "off"}``.
            name: What people call this job.
            labels: For finding it again.
            idempotency_key: Two submissions with the same key make one job.
            on_progress: Called with the counts whenever they change, at last with
                those of the ended job.
            on_completed: Called once if the job ends COMPLETED; read its
                `failed_documents` too.
            on_failed: Called once if it ends FAILED, TIMEOUT or CANCELLED.
        """
        asked = {
            "type": job_type,
            "options": options,
            "processing": processing,
            "name": name,
            "labels": labels,
        }
        given = {key: value for key, value in asked.items() if value is not None}
        stored = self.upload(files)
        ids = [*document_ids, *(each.document_id for each in stored)]
        with removing(self._connection, stored):
            job = self._create(JOBS, {"documentIds": ids} | given, idempotency_key)
        if on_progress is None and on_completed is None and on_failed is None:
            return job
        return self.follow(
            job.id,
            on_progress=on_progress,
            on_completed=on_completed,
            on_failed=on_failed,
        )

    def follow(
        self,
        job_id: str,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        on_completed: Callable[[Job], None] | None = None,
        on_failed: Callable[[Job], None] | None = None,
    ) -> Job:
        """Wait until a job has ended and give its final status; callbacks as above."""
        told: Progress | None = None
        for event in self.watch(job_id):
            progress = event.progress()
            if progress is None or progress.same_counts(told):
                continue
            told = progress
            if on_progress is not None:
                on_progress(progress)
        job = self.status(job_id)
        last = progress_of(job)
        if on_progress is not None and not last.same_counts(told):
            on_progress(last)
        callback = on_completed if job.status == "COMPLETED" else on_failed
        if callback is not None:
            callback(job)
        return job

    def status(self, job_id: str) -> Job:
        """Give where a job stands."""
        return self._connection.call("GET", _job(job_id), Job).data

    def jobs(
        self,
        *,
        status: str | None = None,
        job_type: str | None = None,
        label: tuple[str, str] | None = None,
    ) -> Iterator[Job]:
        """Give the jobs, newest first, reading further pages as they are needed."""
        filters = {
            "status": status,
            "type": job_type,
            "label": None if label is None else f"{label[0]}:{label[1]}",
        }
        given = {key: value for key, value in filters.items() if value is not None}
        return self._pages(JOBS, Job, given)

    def tasks(self, job_id: str) -> Iterator[Task]:
        """Give where each document of a job stands, in the order of the job."""
        return self._pages(f"{_job(job_id)}/tasks", Task, {})

    def results(self, job_id: str) -> Iterator[Result]:
        """Give what came of each document so far; large ones are left at `data_url`."""
        return self._pages(f"{_job(job_id)}/results", Result, {})

    def result(self, job_id: str, document_id: str) -> Result:
        """Give what came of one document, however large."""
        return self._connection.call("GET", _result(job_id, document_id), Result).data

    def batch_result(self, job_id: str) -> Any:
        """Give what is known across a job's documents, however large.

        A type that does nothing across documents, or a job that has not ended, has no
        such result: `ProblemError` with the code ``no_batch_result``.
        """
        path = f"{_job(job_id)}/results/batch"
        return self._connection.call("GET", path, Any).data

    def text(self, job_id: str, document_id: str) -> str:
        """Give the whole text of one document, however long."""
        return self._connection.text(f"{_result(job_id, document_id)}/text")

    def watch(
        self,
        job_id: str,
        *,
        last_event_id: int | None = None,
        give_up_s: float = 120.0,
    ) -> Iterator[Event]:
        """Give a job's events as they come, until it has ended.

        A lost connection is made again, and what was missed is delivered first.

        Args:
            job_id: The job to watch.
            last_event_id: Resume after this event; None begins with a `snapshot`.
            give_up_s: Longest time the service may be away, in seconds.
        """
        return JobStream(
            self._connection,
            self._clock,
            path=f"{_job(job_id)}/events",
            last_event_id=last_event_id,
            give_up_s=give_up_s,
        ).events()

    def cancel(self, job_id: str) -> Cancellation:
        """Start nothing more of a job; documents at work finish."""
        path = f"{_job(job_id)}/cancel"
        return self._connection.call("POST", path, Cancellation).data

    def retry(self, job_id: str, *, idempotency_key: str | None = None) -> Job:
        """Submit the failed and timed-out documents of an ended job as a new one."""
        return self._create(f"{_job(job_id)}/retry", None, idempotency_key)

    def _create(self, path: str, body: object, key: str | None) -> Job:
        headers = {"Idempotency-Key": key or uuid.uuid4().hex}
        answer = self._connection.call(
            "POST", path, _Accepted, body=body, headers=headers
        )
        return answer.data.job()

    def _pages(
        self, path: str, item: type[T], filters: Mapping[str, str]
    ) -> Iterator[T]:
        params: dict[str, str | int] = {**filters, "pageSize": PAGE_SIZE}
        while True:
            page = self._connection.call(
                "GET",
                path,
                list[item],  # type: ignore[valid-type]  # built at run time
                params=params,
            )
            yield from page.data
            if not page.next_page_token:
                return
            params["pageToken"] = page.next_page_token


def _job(job_id: str) -> str:
    return f"{JOBS}/{quote(job_id, safe='')}"


def _result(job_id: str, document_id: str) -> str:
    return f"{_job(job_id)}/results/{quote(document_id, safe='')}"
