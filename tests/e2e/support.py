"""A real `docmill up`, what one asks of it over HTTP, and what its streams say."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from httpx_sse import connect_sse

from tests.support import eventually

ROOT = Path(__file__).parents[2]
JOBS = "/api/v1/documents/batch-process"
DOCUMENTS = "/api/v1/documents"
MODULES = "DOCMILL_JOB_TYPE_MODULES=tests.made_up_work,tests.e2e.mixed_work"
FINAL = frozenset({"COMPLETED", "FAILED", "TIMEOUT", "CANCELLED"})
CONFLATED = frozenset({"batch.progress", "task.progress"})
TASK_ENDS = frozenset({"task.completed", "task.failed", "task.cancelled"})
STARTS_S = 30
ENDS_S = 45

Json = dict[str, Any]


class Event(NamedTuple):
    """One event of a stream; only logged ones and the snapshot have an id."""

    id: int | None
    type: str
    data: Json


def all_tasks(http: httpx.Client, job_id: str) -> list[Json]:
    """Give all documents of a job in their order, page after page."""
    found: list[Json] = []
    token = ""
    while True:
        page = http.get(
            f"{JOBS}/{job_id}/tasks", params={"pageToken": token, "pageSize": 200}
        )
        assert page.status_code == 200, page.text
        found += page.json()["data"]
        token = page.json()["nextPageToken"]
        if not token:
            return found


class Service:
    """A running service and its interface, as a client sees it."""

    def __init__(self, process: subprocess.Popen[bytes], url: str, log: Path) -> None:
        self.process = process
        self.url = url
        self.log = log
        self.http = httpx.Client(base_url=url, timeout=ENDS_S, trust_env=False)

    def kill(self) -> None:
        """End it as a crash does."""
        self.process.kill()
        self.process.wait(ENDS_S)

    def terminate(self) -> int:
        """End it as an administrator does; gives the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(ENDS_S)

    def upload(self, *contents: str | bytes, name: str = "document.txt") -> list[str]:
        """Store files; gives their ids."""
        files = [("files", (name, content)) for content in contents]
        answer = self.http.post(DOCUMENTS, files=files)
        assert answer.status_code == 201, answer.text
        return [each["documentId"] for each in answer.json()["data"]]

    def submit(
        self, documents: Sequence[str], job_type: str, **options: int | None
    ) -> str:
        """Submit stored documents; gives the job's id."""
        body = {"documentIds": documents, "type": job_type, "options": options}
        answer = self.http.post(JOBS, json=body)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["data"]["jobId"])

    def batch(self, contents: Sequence[str], job_type: str, **options: int) -> str:
        """Store and submit one document for each content; gives the job's id."""
        return self.submit(self.upload(*contents), job_type, **options)

    def job(self, job_id: str) -> Json:
        """Give a job's status."""
        answer = self.http.get(f"{JOBS}/{job_id}")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()["data"]
        return found

    def ended(self, job_id: str, *, timeout_s: float = ENDS_S) -> Json:
        """Give a job's status once it is final; its books must balance at any time."""

        def look() -> Json | None:
            job = self.job(job_id)
            assert_books_balance(job)
            return job if job["status"] in FINAL else None

        found = eventually(look, timeout_s=timeout_s)
        assert found is not None
        return found

    def tasks(self, job_id: str) -> list[Json]:
        """Give all documents of a job in their order."""
        return all_tasks(self.http, job_id)

    @contextmanager
    def stream(
        self, job_id: str, *, after: int | None = None, only: Sequence[str] = ()
    ) -> Iterator[Iterator[Event]]:
        """Follow a job, from a snapshot or from `after`."""
        with connect_sse(
            self.http,
            "GET",
            f"{JOBS}/{job_id}/events",
            params={"events": ",".join(only)} if only else {},
            headers={} if after is None else {"Last-Event-ID": str(after)},
        ) as source:
            assert source.response.status_code == 200

            def events() -> Iterator[Event]:
                for each in source.iter_sse():
                    if not each.data:  # only a position, or how to reconnect
                        continue
                    body = json.loads(each.data)
                    assert body["type"] == each.event
                    number = None if each.event in CONFLATED else int(each.id)
                    yield Event(number, each.event, body["data"])

            yield events()

    def events(
        self, job_id: str, *, after: int | None = None, only: Sequence[str] = ()
    ) -> list[Event]:
        """Give a job's events up to its last one."""
        with self.stream(job_id, after=after, only=only) as events:
            return list(events)

    def history(self, job_id: str) -> list[Event]:
        """Give the whole log of a job that has ended."""
        found = [each for each in self.events(job_id, after=0) if each.id is not None]
        assert [each.id for each in found] == list(range(1, len(found) + 1))
        return found


@contextmanager
def running(folder: Path, *settings: str, log_name: str = "log") -> Iterator[Service]:
    """Run a service on a free port with its data in `folder`/data.

    Its temporary files go to `folder`/temp, or where it takes care of them itself.

    At the end it is told to stop, so that its coverage is written.
    """
    temp = folder / "temp"
    temp.mkdir(parents=True, exist_ok=True)
    log = folder / log_name
    environment = [MODULES, f"TMPDIR={temp}", "DOCMILL_LOG_FORMAT=json", *settings]
    command = [sys.executable, "-m", "service.cli", "up", "--port", "0"]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            ["env", *environment, *command, "--data-dir", str(folder / "data")],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            service = Service(process, _address(process, log), log)
            with service.http:
                yield service
            if process.poll() is None:
                assert service.terminate() == 0, log.read_text()
        finally:
            process.kill()


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Give the status of a refusal, and the last part of its type."""
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, str(answer.json()["type"]).rpartition("/")[2]


def assert_books_balance(job: Json) -> None:
    """See that the counts of a status add up, and agree with its sums."""
    counts, total = job["counts"], job["totalDocuments"]
    assert sum(counts.values()) == total
    assert job["processedDocuments"] == counts["completed"]
    others = counts["failed"] + counts["timeout"] + counts["cancelled"]
    assert job["failedDocuments"] == others
    done = counts["completed"] + others
    assert (job["progress"] == 100) == (done == total)


def ends_by_document(events: Sequence[Event]) -> dict[str, list[str]]:
    """Give for each document every end that a log tells of it."""
    ends: dict[str, list[str]] = {}
    for each in events:
        if each.type in TASK_ENDS:
            ends.setdefault(each.data["documentId"], []).append(each.type)
    return ends


def most_at_once(spans: Sequence[tuple[str, str]]) -> int:
    """Give how many of some spans of time overlap at most; ends are not part."""
    moments = [(start, 1) for start, _ in spans] + [(end, -1) for _, end in spans]
    now = most = 0
    for _, change in sorted(moments):
        now += change
        most = max(most, now)
    return most


def leftovers(folder: Path) -> list[str]:
    """Give temporary files of a service that runs or ran in `folder`."""
    places = (folder / "temp", folder / "data" / "tmp")
    return [
        str(each) for place in places for each in place.rglob("*") if each.is_file()
    ]


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    def look() -> str:
        text = log.read_text(errors="replace")
        assert process.poll() is None, text
        match = re.search(r"Docmill is ready at (http://\S+)", text)
        assert match is not None, text
        return match[1]

    return eventually(look, timeout_s=STARTS_S)
