"""The sample files through the whole service, each ending as it is expected to."""

import json
from typing import Any

import pytest

from tests.e2e.support import DOCUMENTS, JOBS, ROOT, Json, Service

SAMPLES = ROOT / "samples"
EXPECTED: dict[str, Json] = json.loads((SAMPLES / "expected.json").read_text())["files"]


@pytest.fixture(scope="module")
def batch(service: Service) -> str:
    """An ended job of all samples."""
    files = [("files", (name, (SAMPLES / name).read_bytes())) for name in EXPECTED]
    answer = service.http.post(f"{DOCUMENTS}/upload", files=files)
    assert answer.status_code == 202, answer.text
    queued = answer.json()["data"]
    assert len(queued) == len(EXPECTED)
    (job_id,) = {each["jobId"] for each in queued}
    service.ended(job_id)
    return str(job_id)


def task_of(service: Service, batch: str, name: str) -> Json:
    (task,) = [each for each in service.tasks(batch) if each["name"] == name]
    return task


def result_of(service: Service, batch: str, name: str) -> Any:
    document_id = task_of(service, batch, name)["documentId"]
    answer = service.http.get(f"{JOBS}/{batch}/results/{document_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["data"]


def test_every_sample_has_an_expected_end() -> None:
    files = {each.name for each in SAMPLES.iterdir()} - {"expected.json"}
    assert files == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_ends_as_expected(service: Service, batch: str, name: str) -> None:
    expected = EXPECTED[name]
    task = task_of(service, batch, name)
    assert task["status"] == expected["status"]
    if "code" in expected:
        assert (task["error"]["code"], task["attempts"]) == (expected["code"], 1)
        assert task["error"]["retryable"] is False
    else:
        assert task["error"] is None
        result = result_of(service, batch, name)
        assert result["status"] == expected["resultStatus"]
        assert result["source"]["filename"] == name


def test_the_job_tells_successes_and_failures_apart(
    service: Service, batch: str
) -> None:
    job = service.job(batch)
    good = sum(each["status"] == "COMPLETED" for each in EXPECTED.values())
    assert (job["status"], job["outcome"]) == ("COMPLETED", "partial")
    assert (job["processedDocuments"], len(job["results"])) == (good, good)
    codes = {each["error"]["code"] for each in job["errors"]}
    assert codes == {each["code"] for each in EXPECTED.values() if "code" in each}


def test_a_picture_has_no_text_before_it_is_read(service: Service, batch: str) -> None:
    result = result_of(service, batch, "scanned-pages.pdf")
    assert result["status"] == "degraded"
    assert "NO_TEXT_LAYER" in {each["code"] for each in result["issues"]}
    assert result["language"] is None


def test_an_embedded_invoice_gives_its_fields(service: Service, batch: str) -> None:
    fields = result_of(service, batch, "invoice-facturx.pdf")["fields"]
    assert fields["invoiceNumber"]["value"]


def test_uploaded_bytes_come_back_as_they_were(service: Service, batch: str) -> None:
    document_id = task_of(service, batch, "fax.tiff")["documentId"]
    answer = service.http.get(f"{DOCUMENTS}/{document_id}/content")
    assert answer.content == (SAMPLES / "fax.tiff").read_bytes()
    assert "attachment" in answer.headers["content-disposition"]
    looked_at = service.http.get(f"{DOCUMENTS}/{document_id}").json()["data"]
    assert (looked_at["queueStatus"], looked_at["jobId"]) == ("COMPLETED", batch)
    assert looked_at["mediaType"] == "image/tiff"


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "nothing.pdf", "empty"),
        (bytes(range(256)) * 8, "noise.bin", "unsupported_type"),
    ],
)
def test_what_cannot_be_processed_is_stored_and_fails_by_name(
    service: Service, content: bytes, name: str, code: str
) -> None:
    ids = service.upload(content, name=name)
    answer = service.http.post(f"{DOCUMENTS}/{ids[0]}/process", json={})
    assert answer.status_code == 202, answer.text
    job = service.ended(answer.json()["data"]["jobId"])
    assert job["status"] == "FAILED"
    assert job["errors"][0]["error"]["code"] == code


def test_a_name_with_path_parts_stays_a_name(service: Service) -> None:
    files = [("files", ("../../etc/pass\twd.txt", b"Hello there."))]
    answer = service.http.post(DOCUMENTS, files=files)
    if answer.status_code == 201:
        (stored,) = answer.json()["data"]
        assert "/" not in stored["name"]
        assert "\t" not in stored["name"]
    else:
        assert answer.status_code == 422
