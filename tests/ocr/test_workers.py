"""A scan on its way through separate processes on RabbitMQ."""

import json
from collections.abc import Iterator

import pytest
from httpx_sse import connect_sse

from tests.e2e.stack.support import JOBS, Client, Event, started
from tests.ocr.drawn import drawn_pages
from tests.support import eventually
from tools.stack import Stack

OCR_WORKER = "documents.ocr-1"
SETTINGS = {"drain_s": "2"}

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


def submit(client: Client, pages: list[str]) -> tuple[str, str]:
    """Submit a text, and a picture with a word on each page; gives job and picture."""
    (text,) = client.upload(["A letter that is text."])
    files = [("files", ("scan.tiff", drawn_pages(pages)))]
    answer = client.http.post("/api/v1/documents", files=files)
    assert answer.status_code == 201, answer.text
    (scan,) = [each["documentId"] for each in answer.json()["data"]]
    return client.submit([text, scan], "DATA_EXTRACTION"), scan


def live(client: Client, job_id: str) -> Iterator[Event]:
    """Give what a job's stream says of its documents, until the job has ended."""
    with connect_sse(client.http, "GET", f"{JOBS}/{job_id}/events") as source:
        for each in source.iter_sse():
            if each.event.startswith("task."):
                yield Event(0, each.event, json.loads(each.data)["data"])


def words(client: Client, job_id: str, document_id: str) -> list[str]:
    text = client.http.get(f"{JOBS}/{job_id}/results/{document_id}/text").text
    return text.split()


def starts(client: Client, job_id: str, document_id: str) -> list[str]:
    """Give the workers that began with a document, in order."""
    return [
        each.data["workerId"]
        for each in client.history(job_id)
        if each.type == "task.started" and each.data["documentId"] == document_id
    ]


def test_a_scan_is_handed_on_and_its_text_read_by_the_other_worker(
    stack: Stack, client: Client
) -> None:
    pages = ["Harbour", "Compass", "Lantern", "Captain"]
    job_id, scan_id = submit(client, pages)
    seen = list(live(client, job_id))
    client.assert_all_ended_once(job_id, 2)
    assert words(client, job_id, scan_id) == pages

    letter, scan = client.tasks(job_id)
    assert "ocr" not in {step["name"] for step in letter["steps"]}
    assert [step["name"] for step in scan["steps"]][:3] == ["sniff", "extract", "ocr"]
    assert (scan["attempts"], scan["status"]) == (1, "COMPLETED")

    workers = starts(client, job_id, scan_id)
    assert workers == [letter["workerId"], scan["workerId"]]
    assert len(set(workers)) == 2
    shown = {
        (each.data["page"], each.data["pages"])
        for each in seen
        if each.data["documentId"] == scan_id and each.data.get("step") == "ocr"
    }
    assert shown & {(page, len(pages)) for page in range(1, len(pages) + 1)}
    # It opens foreign files, so it has no database.
    assert stack.store_url not in stack.environment_of(OCR_WORKER)


def test_a_killed_ocr_worker_loses_no_document(stack: Stack, client: Client) -> None:
    pages = ["Lighthouse", "Anchor", "Compass", "Rudder", "Lantern"]
    job_id, scan_id = submit(client, pages)

    def reads() -> bool:
        scan = client.tasks(job_id)[1]
        return bool(scan["step"] == "ocr" and scan["progress"] > 0)

    eventually(reads, timeout_s=60)
    stack.kill(OCR_WORKER)
    stack.start(OCR_WORKER)
    client.assert_all_ended_once(job_id, 2)
    assert words(client, job_id, scan_id) == pages
    assert len(set(starts(client, job_id, scan_id))) == 3, "it was done when killed"
