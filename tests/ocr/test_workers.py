"""A scan on its way through separate processes on RabbitMQ."""

import json
from collections.abc import Iterator

import pytest
from httpx_sse import connect_sse

from tests.e2e.stack.support import JOBS, Client, Event, started
from tests.ocr.drawn import drawn
from tests.support import eventually
from tools.stack import Stack

OCR_WORKER = "documents.ocr-1"
SETTINGS = {"drain_s": "2"}
STARTED = "task.started"

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """One process of each role, the store a file."""
    with started(
        store="sqlite", aggregators=1, workers=1, scans=1, settings=SETTINGS
    ) as stack:
        yield stack


@pytest.fixture
def client(stack: Stack) -> Iterator[Client]:
    client = Client(stack)
    with client.http:
        yield client


def submit(client: Client, words: list[str]) -> tuple[str, list[str]]:
    """Submit a text and a picture of each word; gives the job and the pictures."""
    (text,) = client.upload(["A letter that is text."])
    files = [("files", (f"{word}.png", drawn(word))) for word in words]
    answer = client.http.post("/api/v1/documents", files=files)
    assert answer.status_code == 201, answer.text
    pictures = [each["documentId"] for each in answer.json()["data"]]
    return client.submit([text, *pictures], "DATA_EXTRACTION"), pictures


def live(client: Client, job_id: str) -> Iterator[Event]:
    """Give what a job's stream says of its documents, until the job has ended."""
    with connect_sse(client.http, "GET", f"{JOBS}/{job_id}/events") as source:
        for each in source.iter_sse():
            if each.event.startswith("task."):
                yield Event(0, each.event, json.loads(each.data)["data"])


def texts(client: Client, job_id: str, documents: list[str]) -> list[str]:
    return [
        client.http.get(f"{JOBS}/{job_id}/results/{each}/text").text.strip()
        for each in documents
    ]


def test_a_scan_is_handed_on_and_its_text_read_by_the_other_worker(
    stack: Stack, client: Client
) -> None:
    job_id, pictures = submit(client, ["Harbour"])
    seen = list(live(client, job_id))
    client.assert_all_ended_once(job_id, 2)
    assert texts(client, job_id, pictures) == ["Harbour"]

    letter, scan = client.tasks(job_id)
    assert "ocr" not in {step["name"] for step in letter["steps"]}
    assert [step["name"] for step in scan["steps"]][:3] == ["sniff", "extract", "ocr"]
    assert (scan["attempts"], scan["status"]) == (1, "COMPLETED")

    starts = [each.data for each in client.history(job_id) if each.type == STARTED]
    workers = [each["workerId"] for each in starts if each["documentId"] == pictures[0]]
    assert workers == [letter["workerId"], scan["workerId"]]
    assert len(set(workers)) == 2
    shown = {
        (each.data.get("step"), each.data.get("page"), each.data.get("pages"))
        for each in seen
        if each.data["documentId"] == pictures[0]
    }
    assert ("ocr", 1, 1) in shown
    # It opens foreign files, so it has no database.
    assert stack.store_url not in stack.environment_of(OCR_WORKER)


def test_a_killed_ocr_worker_loses_no_document(stack: Stack, client: Client) -> None:
    words = ["Lighthouse", "Anchor", "Compass", "Rudder", "Lantern", "Captain"]
    job_id, pictures = submit(client, words)

    def reads() -> bool:
        tasks = client.tasks(job_id)
        return any(each["step"] == "ocr" and each["progress"] > 0 for each in tasks)

    eventually(reads, timeout_s=60)
    stack.kill(OCR_WORKER)
    stack.start(OCR_WORKER)
    client.assert_all_ended_once(job_id, 1 + len(words))
    assert texts(client, job_id, pictures) == words
    assert_taken_over(client, job_id)
    stack.wait_ready(OCR_WORKER)


def assert_taken_over(client: Client, job_id: str) -> None:
    """See that there was work left for the second of two OCR workers."""
    starts = [each.data for each in client.history(job_id) if each.type == STARTED]
    assert len({each["workerId"] for each in starts}) == 3
