"""A running stack and what a client of it sees, also while parts of it are away."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx
import pytest
from httpx_sse import connect_sse

from tests.conftest import IN_CI
from tests.e2e.support import all_tasks
from tests.support import eventually
from tools.stack import Stack
from tools.stack.installing import missing_servers
from tools.stack.processes import folder_for

JOBS = "/api/v1/documents/batch-process"
DOCUMENTS = "/api/v1/documents"
FINAL = frozenset({"COMPLETED", "FAILED", "TIMEOUT", "CANCELLED"})
CONFLATED = frozenset({"batch.progress", "task.progress"})
TASK_ENDS = frozenset({"task.completed", "task.failed", "task.cancelled"})
ENDS_S = 60

Json = dict[str, Any]


class Event(NamedTuple):
    """A logged event of a job."""

    id: int
    type: str
    data: Json


class Client:
    """Asks the stack's gateway; `patient` calls go on while it is away."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.http = httpx.Client(base_url=stack.url, timeout=30, trust_env=False)

    def upload(self, contents: Sequence[str]) -> list[str]:
        """Store one file for each content; gives their ids."""
        files = [("files", ("document.txt", content)) for content in contents]
        answer = self.http.post(DOCUMENTS, files=files)
        assert answer.status_code == 201, answer.text
        return [each["documentId"] for each in answer.json()["data"]]

    def post(
        self, documents: Sequence[str], job_type: str, **options: int
    ) -> httpx.Response:
        """Submit stored documents; gives the answer, whatever it is."""
        body = {"documentIds": documents, "type": job_type, "options": options}
        return self.http.post(JOBS, json=body)

    def submit(self, documents: Sequence[str], job_type: str, **options: int) -> str:
        """Submit stored documents; gives the job's id."""
        answer = self.post(documents, job_type, **options)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["data"]["jobId"])

    def batch(self, contents: Sequence[str], job_type: str, **options: int) -> str:
        """Store and submit one document for each content; gives the job's id."""
        return self.submit(self.upload(contents), job_type, **options)

    def job(self, job_id: str) -> Json:
        """Give a job's status; its books balance at any time."""
        answer = self.http.get(f"{JOBS}/{job_id}")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()["data"]
        assert_books_balance(found)
        return found

    def done(self, job_id: str) -> int:
        """Give how many documents of a job are final, also of one hard to ask for."""
        job = self.patient(lambda: self.job(job_id))
        return int(job["processedDocuments"] + job["failedDocuments"])

    def patient(self, ask: Callable[[], Json]) -> Json:
        """Ask until the gateway and all it needs answer."""

        def answered() -> Json | None:
            try:
                return ask()
            except httpx.TransportError:
                return None

        found = eventually(answered, timeout_s=ENDS_S)
        assert found is not None
        return found

    def wait_done(self, job_id: str, number: int) -> None:
        """Wait until so many documents of a job are final, or all there are."""

        def reached() -> bool:
            total = int(self.patient(lambda: self.job(job_id))["totalDocuments"])
            return self.done(job_id) >= min(number, total)

        eventually(reached, timeout_s=ENDS_S)

    def ended(self, job_id: str) -> Json:
        """Give a job's status once it is final."""

        def look() -> Json | None:
            job = self.patient(lambda: self.job(job_id))
            return job if job["status"] in FINAL else None

        found = eventually(look, timeout_s=ENDS_S)
        assert found is not None
        return found

    def cancel_all(self) -> None:
        """End every job that is not final, so that the next test begins with none."""
        for status in ("PENDING", "PROCESSING"):
            for job in self.http.get(JOBS, params={"status": status}).json()["data"]:
                self.http.post(f"{JOBS}/{job['id']}/cancel")

    def tasks(self, job_id: str) -> list[Json]:
        """Give all documents of a job in their order."""
        return all_tasks(self.http, job_id)

    def history(self, job_id: str) -> list[Event]:
        """Give the whole log of a job that has ended; it has no holes."""
        found: list[Event] = []
        with connect_sse(
            self.http, "GET", f"{JOBS}/{job_id}/events", headers={"Last-Event-ID": "0"}
        ) as source:
            for each in source.iter_sse():
                if each.data and each.event not in CONFLATED:
                    data = json.loads(each.data)["data"]
                    found.append(Event(int(each.id), each.event, data))
        assert [each.id for each in found] == list(range(1, len(found) + 1))
        return found

    def assert_all_ended_once(self, job_id: str, documents: int) -> None:
        """See that a job ended well, and each of its documents once."""
        job = self.ended(job_id)
        assert (job["status"], job["outcome"]) == ("COMPLETED", "succeeded"), job
        assert job["counts"]["completed"] == job["totalDocuments"] == documents
        log = self.history(job_id)
        assert log[-1].type == "batch.completed"
        ends: dict[str, list[str]] = {}
        for each in log:
            if each.type in TASK_ENDS:
                ends.setdefault(each.data["documentId"], []).append(each.type)
        assert len(ends) == documents
        assert {tuple(each) for each in ends.values()} == {("task.completed",)}
        assert self.books_violations() == 0

    def books_violations(self) -> float:
        """Give what the aggregators counted of jobs with wrong books."""
        names = [each for each in self.stack.names if each.startswith("aggregator")]
        bodies = [
            self.stack.health(each, "/metrics")[1]
            for each in names
            if self.stack.running(each)
        ]
        lines = [line for body in bodies for line in body.splitlines()]
        wanted = "docmill_books_violations_total "
        return sum(float(line.split()[1]) for line in lines if line.startswith(wanted))


@contextmanager
def started(**options: Any) -> Iterator[Stack]:
    """Run a stack for tests; every member must end well.

    Without a server it needs the test is skipped, but fails in CI.
    """
    if missing := missing_servers():
        problem = f"not installed: {', '.join(missing)}"
        if IN_CI:
            pytest.fail(problem)
        pytest.skip(problem)
    with folder_for(None) as folder:
        stack = Stack(folder, **options)
        try:
            stack.start_all()
            yield stack
            for name in filter(stack.running, stack.names):
                stack.wait_ready(name)  # a signal ends otherwise what only starts
            codes = stack.stop_all()
            assert set(codes.values()) == {0}, codes
        finally:
            stack.stop_all()


@contextmanager
def measured(tell: Callable[[str], None], what: str) -> Iterator[None]:
    """Tell how long the block took."""
    began_s = time.monotonic()
    yield
    tell(f"{what}: {time.monotonic() - began_s:.1f} s")


def assert_books_balance(job: Json) -> None:
    """See that the counts of a status add up, and agree with its sums."""
    counts, total = job["counts"], job["totalDocuments"]
    assert sum(counts.values()) == total
    assert job["processedDocuments"] == counts["completed"]
    others = counts["failed"] + counts["timeout"] + counts["cancelled"]
    assert job["failedDocuments"] == others
    assert (job["progress"] == 100) == (counts["completed"] + others == total)
