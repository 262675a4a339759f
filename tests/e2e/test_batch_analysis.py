"""A batch that ends with what is known across its documents."""

from pathlib import Path
from typing import Final

import msgspec

from service.processing.results import BatchResult
from tests.e2e.support import (
    JOBS,
    Json,
    Service,
    ends_by_document,
    problem,
    running,
)
from tests.support import eventually

INVOICES: Final = [
    f"""{issuer}
Musterweg 1, 10115 Berlin

Rechnung
Rechnungsnummer: {number}
Rechnungsdatum: {day:02d}.10.2026

Nettobetrag {net},00 EUR
MwSt 19 % {tax} EUR
Rechnungsbetrag {total} EUR

Zahlbar innerhalb von 14 Tagen. Es gelten unsere Bedingungen vom Januar 2026.
"""
    for issuer, number, day, net, tax, total in (
        ("Müller Haustechnik GmbH", "RE-2026-0001", 1, 100, "19,00", "119,00"),
        ("Müller Haustechnik GmbH", "RE-2026-0002", 2, 200, "38,00", "238,00"),
        ("Müller Haustechnik GmbH", "RE-2026-0004", 9, 300, "57,00", "357,00"),
    )
]


def finishing(service: Service, job_id: str) -> bool:
    """Whether nothing but the work across the documents is left to do."""
    job = service.job(job_id)
    done = job["processedDocuments"] + job["failedDocuments"]
    return bool(job["status"] == "PROCESSING" and done == job["totalDocuments"])


def batch_result(service: Service, job_id: str) -> Json:
    answer = service.http.get(f"{JOBS}/{job_id}/results/batch")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()["data"]
    return found


def refusal(service: Service, job_id: str) -> str:
    answer = service.http.get(f"{JOBS}/{job_id}/results/batch")
    assert problem(answer) == (404, "no-batch-result")
    return str(answer.json()["detail"])


def test_a_batch_analysis_ends_with_a_result_across_its_documents(
    service: Service,
) -> None:
    documents = service.upload(*INVOICES, INVOICES[0], "")
    job_id = service.submit(documents, "BATCH_ANALYSIS")
    job = service.ended(job_id)
    assert (job["status"], job["outcome"]) == ("COMPLETED", "partial")
    assert job["batchError"] is None
    result = batch_result(service, job_id)
    assert job["batch"] == {"data": result, "dataUrl": None}
    counts = {"total": 5, "ok": 4, "degraded": 0, "failed": 1, "cancelled": 0}
    assert result["counts"] == counts
    assert (result["jobId"], result["jobType"]) == (job_id, "BATCH_ANALYSIS")
    (copy,) = (p for p in result["nearDuplicates"] if p["basis"] == "bytes")
    assert (copy["a"], copy["b"]) == (documents[0], documents[3])
    assert result["quality"]["scoreMin"] > 0
    names = {field.encode_name for field in msgspec.structs.fields(BatchResult)}
    assert set(result) == names
    events = service.history(job_id)
    assert events[-1].type == "batch.completed"


def test_other_types_have_no_such_result_and_say_so(service: Service) -> None:
    job_id = service.batch(["5"], "NOOP")
    assert service.ended(job_id)["batch"] is None
    assert refusal(service, job_id) == (
        "Jobs of type NOOP do nothing across their documents."
    )
    missing = service.http.get(f"{JOBS}/job_none/results/batch")
    assert problem(missing) == (404, "not-found")


def test_while_it_is_finished_the_job_is_not_at_its_end(service: Service) -> None:
    job_id = service.batch(["1", "abort"], "SLOW_FINISH", retryAttempts=0)
    eventually(lambda: finishing(service, job_id))
    assert "once all documents have ended" in refusal(service, job_id)
    assert service.job(job_id)["batch"] is None
    assert service.ended(job_id)["outcome"] == "partial"
    result = batch_result(service, job_id)
    assert (result["counts"]["total"], result["counts"]["failed"]) == (2, 1)


def test_a_cancel_ends_a_job_that_is_being_finished(service: Service) -> None:
    job_id = service.batch(["1", "1"], "SLOW_FINISH")
    eventually(lambda: finishing(service, job_id))
    assert service.http.post(f"{JOBS}/{job_id}/cancel").status_code == 200
    job = service.ended(job_id)
    assert (job["status"], job["counts"]["completed"]) == ("CANCELLED", 2)
    assert job["batch"] is None
    assert "CANCELLED" in refusal(service, job_id)


def test_a_failing_finish_leaves_the_documents_as_they_are(service: Service) -> None:
    job_id = service.batch(["1", "1"], "BROKEN_FINISH")
    job = service.ended(job_id)
    assert (job["status"], job["outcome"]) == ("COMPLETED", "succeeded")
    assert job["batchError"]["code"] == "internal"
    assert "secret" not in job["batchError"]["message"]
    assert job["batch"] is None
    assert refusal(service, job_id) == "It failed: internal."


def test_a_large_result_is_given_by_its_address(service: Service) -> None:
    copies = ["One note, sent again and again."] * 50
    documents = [each for _ in range(5) for each in service.upload(*copies)]
    job_id = service.submit(documents, "BATCH_ANALYSIS")
    job = service.ended(job_id)
    assert job["batch"]["data"] is None
    whole = service.http.get(job["batch"]["dataUrl"])
    assert len(whole.content) > 32_768
    assert len(whole.json()["data"]["nearDuplicates"]) == 249


def test_after_a_kill_the_batch_is_finished_again(tmp_path: Path) -> None:
    with running(tmp_path, log_name="first") as service:
        job_id = service.batch(["1", "1", "1"], "SLOW_FINISH")
        eventually(lambda: finishing(service, job_id))
        service.kill()
    with running(tmp_path, log_name="second") as service:
        job = service.ended(job_id)
        assert (job["status"], job["outcome"]) == ("COMPLETED", "succeeded")
        assert batch_result(service, job_id)["counts"]["ok"] == 3
        ends = ends_by_document(service.history(job_id))
        assert {len(each) for each in ends.values()} == {1}
