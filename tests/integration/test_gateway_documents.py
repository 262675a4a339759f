"""Uploads and stored documents over HTTP, with everything that can be wrong."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.blob_keys import document_key, outputs_key
from service.domain.model import (
    LOCAL_OWNER,
    DocumentId,
    JobId,
    TaskStatus,
)
from service.domain.task_ids import document_task_id
from tests.integration.gateway_harness import (
    DOCUMENTS,
    JOBS,
    RunningGateway,
    problem,
    running_gateway,
)

UPLOAD = f"{DOCUMENTS}/upload"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    with running_gateway(
        tmp_path / "data", max_upload_bytes=300_000, max_files_per_upload=5
    ) as running:
        yield running


def test_several_files_are_stored_with_size_hash_and_type(
    gateway: RunningGateway,
) -> None:
    pdf = b"%PDF-1.7\n" + b"x" * 200_000
    files = [("files", ("a.pdf", pdf)), ("files", ("Übung.txt", b"hello"))]
    answer = gateway.client.post(DOCUMENTS, files=files)
    assert answer.status_code == 201
    first, second = answer.json()["data"]
    assert first["name"] == "a.pdf"
    assert first["sizeBytes"] == len(pdf)
    assert first["sha256"] == hashlib.sha256(pdf).hexdigest()
    assert first["mediaType"] == "application/pdf"
    assert second["name"] == "Übung.txt"
    content = gateway.client.get(f"{DOCUMENTS}/{first['documentId']}/content")
    assert content.content == pdf
    assert not list((gateway.settings.data_dir / "tmp" / "uploads").iterdir())


def test_content_is_a_download_that_no_browser_runs(gateway: RunningGateway) -> None:
    [document] = gateway.upload('ü "x".html', content=b"<script>alert(1)</script>")
    answer = gateway.client.get(f"{DOCUMENTS}/{document}/content")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox"
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment; ")
    assert "filename*=UTF-8''%C3%BC%20%22x%22.html" in disposition


def test_a_head_request_does_not_read_the_content(gateway: RunningGateway) -> None:
    [document] = gateway.upload("a.bin", content=b"x" * 1000)
    path = gateway.settings.data_dir / "blobs" / document_key(DocumentId(document))
    os.truncate(path, 1 << 40)  # Nobody could read so much in time.
    content = f"{DOCUMENTS}/{document}/content"
    answer = gateway.client.head(content, timeout=5)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "1000"
    assert answer.headers["content-type"] == "application/octet-stream"
    path.unlink()
    assert gateway.client.head(content).status_code == 404


def test_an_empty_file_and_an_unknown_format_are_stored(
    gateway: RunningGateway,
) -> None:
    [empty] = gateway.upload("empty.pdf", content=b"")
    [odd] = gateway.upload("odd.bin", content=bytes(range(256)))
    empty_body = gateway.client.get(f"{DOCUMENTS}/{empty}").json()["data"]
    assert empty_body["sizeBytes"] == 0
    assert empty_body["queueStatus"] is None
    assert gateway.client.get(f"{DOCUMENTS}/{odd}").status_code == 200
    assert gateway.client.get(f"{DOCUMENTS}/{empty}/content").content == b""


def test_documents_are_listed_in_pages_newest_first(gateway: RunningGateway) -> None:
    ids = [gateway.upload(f"{number}.txt")[0] for number in range(5)]
    seen, token = [], ""
    while True:
        page = gateway.client.get(
            DOCUMENTS, params={"pageSize": 2, "pageToken": token}
        ).json()
        seen += [each["documentId"] for each in page["data"]]
        token = page["nextPageToken"]
        if not token:
            break
    assert seen == ids[::-1]


def test_a_document_can_be_deleted_unless_an_unfinished_job_needs_it(
    gateway: RunningGateway,
) -> None:
    free, needed = gateway.upload("a.txt", "b.txt")
    gateway.submit([needed])
    assert gateway.client.delete(f"{DOCUMENTS}/{free}").status_code == 204
    problem(gateway.client.get(f"{DOCUMENTS}/{free}"), 404, "not-found")
    problem(gateway.client.delete(f"{DOCUMENTS}/{free}"), 404, "not-found")
    problem(gateway.client.get(f"{DOCUMENTS}/{free}/content"), 404, "not-found")
    problem(gateway.client.delete(f"{DOCUMENTS}/{needed}"), 409, "document-in-use")
    assert not gateway.blobs.exists(f"documents/{free}")


def test_a_deleted_document_takes_the_pictures_of_its_pages_along(
    gateway: RunningGateway,
) -> None:
    job, [document, other] = gateway.started("a.pdf", "b.pdf")
    counted, late, beside = (
        outputs_key(JobId(job), document_task_id(JobId(job), index), run)
        for index, run in ((0, "1-run"), (0, "2-late"), (1, "1-run"))
    )
    pictures = [f"{counted}/page-1.png", f"{counted}/page-12.png", f"{late}/page-1.png"]
    kept = [f"{counted}/text.txt", f"{beside}/page-1.png", f"{counted}/page-1.png.txt"]
    for key in pictures + kept:
        gateway.blobs.put_bytes(key, b"x")
    text = b'{"text":{"preview":"x","objectKey":"-"}}'
    for each, outputs in ((document, counted), (other, beside)):
        ends = {each: TaskStatus.COMPLETED}
        gateway.mover.end_documents(job, ends, result=text, outputs_key=outputs)
    gateway.mover.finish(job)

    assert gateway.client.delete(f"{DOCUMENTS}/{document}").status_code == 204

    assert [key for key in pictures if gateway.blobs.exists(key)] == []
    assert [key for key in kept if gateway.blobs.exists(key)] == kept
    result = gateway.client.get(f"{JOBS}/{job}/results/{document}/text")
    assert result.text == "x"
    shown = gateway.client.get(f"{DOCUMENTS}/{other}/pages/1.png")
    assert shown.status_code == 200


def test_upload_stores_and_queues_as_one_job(gateway: RunningGateway) -> None:
    files = [("files", ("a.txt", b"1")), ("files", ("b.txt", b"2"))]
    data = {"type": "DATA_EXTRACTION", "options": '{"maxConcurrent": 2}'}
    answer = gateway.client.post(UPLOAD, files=files, data=data)
    assert answer.status_code == 202, answer.text
    first, second = answer.json()["data"]
    assert first["jobId"] == second["jobId"]
    assert (first["status"], first["queuePosition"]) == ("PENDING", 1)
    assert second["queuePosition"] == 2
    assert answer.headers["location"] == f"{JOBS}/{first['jobId']}"
    status = gateway.client.get(answer.headers["location"]).json()["data"]
    assert status["documentIds"] == [first["documentId"], second["documentId"]]
    assert status["options"]["maxConcurrent"] == 2
    detail = gateway.client.get(f"{DOCUMENTS}/{first['documentId']}").json()["data"]
    assert detail["jobId"] == first["jobId"]
    assert detail["queueStatus"] == "PENDING"
    assert detail["queuePriority"] == "normal"


def test_upload_with_a_known_idempotency_key_stores_nothing_more(
    gateway: RunningGateway,
) -> None:
    files = [("files", ("a.txt", b"1"))]
    headers = {"Idempotency-Key": "once"}
    first = gateway.client.post(UPLOAD, files=files, headers=headers)
    again = gateway.client.post(UPLOAD, files=files, headers=headers)
    assert again.status_code == first.status_code == 202
    assert again.json() == first.json()
    assert len(gateway.client.get(DOCUMENTS).json()["data"]) == 1
    assert len(list((gateway.settings.data_dir / "blobs").rglob("doc_*"))) == 1
    other = [("files", ("a.txt", b"2"))]
    answer = gateway.client.post(UPLOAD, files=other, headers=headers)
    problem(answer, 422, "idempotency-key-reused")
    assert len(list((gateway.settings.data_dir / "blobs").rglob("doc_*"))) == 1


def test_one_document_becomes_a_job_of_its_own(gateway: RunningGateway) -> None:
    [document] = gateway.upload("a.txt")
    answer = gateway.client.post(f"{DOCUMENTS}/{document}/process")
    assert answer.status_code == 202
    assert answer.json()["data"]["documentCount"] == 1
    named = gateway.client.post(
        f"{DOCUMENTS}/{document}/process", json={"name": "again"}
    )
    job = gateway.client.get(named.headers["location"]).json()["data"]
    assert job["name"] == "again"
    missing = gateway.client.post(f"{DOCUMENTS}/doc_none/process")
    problem(missing, 404, "not-found")
    refused = gateway.client.post(
        f"{DOCUMENTS}/{document}/process", json={"documentIds": ["x"]}
    )
    problem(refused, 422, "invalid-request")


def test_the_latest_task_of_a_document_shows_on_it(gateway: RunningGateway) -> None:
    job, [document] = gateway.started("a.txt")
    gateway.mover.end_documents(job, {document: TaskStatus.COMPLETED})
    detail = gateway.client.get(f"{DOCUMENTS}/{document}").json()["data"]
    assert detail["queueStatus"] == "COMPLETED"
    view = gateway.store.latest_task(LOCAL_OWNER, document)  # type: ignore[arg-type]
    assert view is not None
