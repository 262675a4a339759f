"""Jobs over HTTP: submit, look, list, cancel, retry, results, and bad input."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.blob_keys import output_key, outputs_key
from service.domain.model import JobId, TaskStatus
from service.domain.task_ids import document_task_id
from tests.integration.gateway_harness import (
    DOCUMENTS,
    JOBS,
    RunningGateway,
    problem,
    running_gateway,
)
from tests.support import eventually


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    with running_gateway(
        tmp_path / "data", max_documents_per_job=4, max_concurrent_limit=50
    ) as running:
        yield running


def test_a_batch_is_accepted_and_its_planning_is_sent(gateway: RunningGateway) -> None:
    ids = gateway.upload("a.txt", "b.txt", "c.txt")
    answer = gateway.client.post(
        JOBS,
        json={
            "documentIds": ids,
            "type": "DATA_EXTRACTION",
            "name": "October",
            "labels": {"customer": "acme"},
            "options": {
                "maxConcurrent": 5,
                "timeout": 300000,
                "retryAttempts": 1,
                "retryDelay": 2000,
                "priority": "normal",
            },
            "processing": {"ocr": "auto", "tables": False, "pages": "1-2,5"},
            "webhook": None,
            "dryRun": False,
        },
    )
    assert answer.status_code == 202, answer.text
    data = answer.json()["data"]
    assert data == {
        "jobId": data["jobId"],
        "status": "PENDING",
        "documentCount": 3,
        "type": "DATA_EXTRACTION",
    }
    assert answer.json()["message"] == "Batch processing job created successfully"
    assert answer.headers["location"] == f"{JOBS}/{data['jobId']}"
    assert answer.headers["retry-after"] == "1"
    eventually(lambda: gateway.broker.queues["batches"].qsize() == 1)
    status = gateway.client.get(answer.headers["location"]).json()["data"]
    assert status["name"] == "October"
    assert status["labels"] == {"customer": "acme"}
    assert status["documentIds"] == ids
    assert status["counts"]["pending"] == 3
    assert status["options"] == {
        "maxConcurrent": 5,
        "timeout": 300000,
        "documentTimeout": 30000,
        "retryAttempts": 1,
        "retryDelay": 2000,
    }
    assert status["processing"] == {
        "ocr": "auto",
        "ocrLanguages": ["en"],
        "pages": "1-2,5",
        "tables": False,
        "expandAttachments": False,
        "model": "auto",
    }
    assert status["createdAt"].endswith("Z")
    assert len(status["createdAt"]) == len("2026-11-09T10:00:00.000Z")


def test_a_batch_is_accepted_while_the_broker_refuses(gateway: RunningGateway) -> None:
    gateway.transport.refuse = True
    job, _ = gateway.started("a.txt")
    eventually(lambda: gateway.transport.refused)
    status = gateway.client.get(f"{JOBS}/{job}").json()["data"]
    assert status["status"] == "PENDING"
    assert not gateway.broker.queues["batches"].qsize()


def test_status_shows_results_errors_and_counts(gateway: RunningGateway) -> None:
    job, [good, bad, waiting] = gateway.started("a.txt", "b.txt", "c.txt")
    gateway.mover.end_documents(
        job,
        {good: TaskStatus.COMPLETED, bad: TaskStatus.FAILED},
        result=b'{"status":"ok","pages":3}',
    )
    body = gateway.client.get(f"{JOBS}/{job}").json()["data"]
    [result] = body["results"]
    assert result["documentId"] == good
    assert result["success"] is True
    assert result["data"] == {"status": "ok", "pages": 3}
    assert result["processingTime"] == 5
    [error] = body["errors"]
    assert error["documentId"] == bad
    assert error["error"] == {
        "code": "corrupt",
        "message": "Damaged.",
        "retryable": False,
    }
    assert (body["processedDocuments"], body["failedDocuments"]) == (1, 1)
    assert body["totalDocuments"] == 3
    assert body["links"]["results"] == f"{JOBS}/{job}/results"
    rest = gateway.client.get(body["links"]["errors"]).json()["data"]
    assert [each["documentId"] for each in rest] == [bad]
    assert body["documentIds"] == [good, bad, waiting]


def test_status_is_answered_with_304_until_the_job_changes(
    gateway: RunningGateway,
) -> None:
    job, [document] = gateway.started("a.txt")
    first = gateway.client.get(f"{JOBS}/{job}")
    tag = {"If-None-Match": first.headers["etag"]}
    assert tag["If-None-Match"].startswith('W/"'), "the time that remains moves on"
    same = gateway.client.get(f"{JOBS}/{job}", headers=tag)
    assert same.status_code == 304
    assert same.content == b""
    strong = {"If-None-Match": '"x", ' + tag["If-None-Match"].removeprefix("W/")}
    assert gateway.client.get(f"{JOBS}/{job}", headers=strong).status_code == 304
    gateway.mover.end_documents(job, {document: TaskStatus.COMPLETED})
    changed = gateway.client.get(f"{JOBS}/{job}", headers=tag)
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


def test_a_large_result_is_left_out_of_lists_and_whole_at_its_address(
    gateway: RunningGateway,
) -> None:
    job, [document] = gateway.started("a.txt")
    key = f"results/{job}/{job}.000000.json"
    gateway.blobs.put_bytes(key, b'{"big":"' + b"x" * 40_000 + b'"}')
    gateway.mover.end_documents(job, {document: TaskStatus.COMPLETED}, result_key=key)
    [listed] = gateway.client.get(f"{JOBS}/{job}/results").json()["data"]
    assert listed["data"] is None
    whole = gateway.client.get(listed["dataUrl"]).json()["data"]
    assert len(whole["data"]["big"]) == 40_000
    [shown] = gateway.client.get(f"{JOBS}/{job}").json()["data"]["results"]
    assert shown["data"] is None


def test_the_whole_text_of_a_document_is_at_its_address(
    gateway: RunningGateway,
) -> None:
    names = ("a.txt", "b.txt", "c.txt", "d.txt")
    job, [long, short, textless, lying] = gateway.started(*names)
    words = "Wörter über Wörter.\n" * 200_000
    task_id = document_task_id(JobId(job), 0)
    outputs = outputs_key(JobId(job), task_id, "1-run")
    gateway.blobs.put_bytes(output_key(outputs, "text.txt"), words.encode())
    late = output_key(outputs_key(JobId(job), task_id, "2-late"), "text.txt")
    gateway.blobs.put_bytes(late, b"What a run wrote whose end came too late.")
    for document, result in {
        long: b'{"text":{"preview":"W","objectKey":"documents/of-another"}}',
        short: b'{"text":{"preview":"All of it\\u00fc","objectKey":null}}',
        textless: b'{"status":"ok"}',
        lying: b'{"text":{"preview":"W","objectKey":"none was stored"}}',
    }.items():
        ends = {document: TaskStatus.COMPLETED}
        named = outputs if document == long else None
        gateway.mover.end_documents(job, ends, result=result, outputs_key=named)
    entries = gateway.client.get(f"{JOBS}/{job}/results").json()["data"]
    texts = [gateway.client.get(each["textUrl"]) for each in entries]
    first, second, third, fourth = texts
    assert first.text == words
    assert second.text == "All of it\u00fc"
    for answer in (first, second):
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "sandbox"
    problem(third, 404, "no-text")
    problem(fourth, 404, "not-found")
    head = gateway.client.head(first.request.url)
    assert (head.status_code, "content-length" in head.headers) == (200, False)
    gateway.blobs.delete([output_key(outputs, "text.txt")])
    problem(gateway.client.get(first.request.url), 404, "content-missing")
    assert gateway.client.head(first.request.url).status_code == 404


def test_tasks_and_results_come_in_pages(gateway: RunningGateway) -> None:
    job, ids = gateway.started("a.txt", "b.txt", "c.txt")
    gateway.mover.end_documents(job, dict.fromkeys(ids[:2], TaskStatus.COMPLETED))
    first = gateway.client.get(f"{JOBS}/{job}/tasks?pageSize=2").json()
    assert [each["documentId"] for each in first["data"]] == ids[:2]
    assert first["data"][0]["name"] == "a.txt"
    assert first["data"][0]["progress"] == 100
    token = first["nextPageToken"]
    second = gateway.client.get(
        f"{JOBS}/{job}/tasks", params={"pageToken": token}
    ).json()
    assert [each["documentId"] for each in second["data"]] == ids[2:]
    assert second["nextPageToken"] == ""
    pending = gateway.client.get(f"{JOBS}/{job}/tasks?status=PENDING,FAILED").json()
    assert [each["documentId"] for each in pending["data"]] == ids[2:]
    results = gateway.client.get(f"{JOBS}/{job}/results?pageSize=1").json()
    assert len(results["data"]) == 1
    assert results["nextPageToken"]


def test_waiting_documents_say_why_and_where_they_are_in_the_line(
    gateway: RunningGateway,
) -> None:
    ids = gateway.upload("a.txt", "b.txt", "c.txt", "d.txt")
    job = gateway.submit(ids, options={"maxConcurrent": 1})

    def waiting(query: str = "") -> list[tuple[str | None, int | None]]:
        page = gateway.client.get(f"{JOBS}/{job}/tasks?{query}").json()
        return [
            ((each["waiting"] or {}).get("reason"), each["queuePosition"])
            for each in page["data"]
        ]

    assert waiting() == [("not_planned", place) for place in (1, 2, 3, 4)]
    gateway.mover.commit(job, fields={"planned": True})
    assert waiting("pageSize=1") == [("in_flight", 1)]
    gateway.mover.commit(job, document=ids[1], status=TaskStatus.PROCESSING)
    found = [("max_concurrent", place) for place in (1, 2, 3)]
    assert waiting() == [found[0], (None, None), *found[1:]]
    assert waiting("status=PENDING") == found
    token = gateway.client.get(f"{JOBS}/{job}/tasks?pageSize=2").json()["nextPageToken"]
    assert waiting(f"pageToken={token}") == found[1:]
    assert waiting("status=PROCESSING") == [(None, None)]


def test_a_document_without_a_result_has_a_named_reason(
    gateway: RunningGateway,
) -> None:
    job, [document] = gateway.started("a.txt")
    answer = gateway.client.get(f"{JOBS}/{job}/results/{document}")
    problem(answer, 404, "no-result")
    text = gateway.client.get(f"{JOBS}/{job}/results/{document}/text")
    problem(text, 404, "no-result")
    problem(gateway.client.get(f"{JOBS}/{job}/results/doc_x"), 404, "not-found")


def test_jobs_are_listed_by_status_type_and_label(gateway: RunningGateway) -> None:
    ids = gateway.upload("a.txt", "b.txt")
    plain = gateway.submit([ids[0]])
    labelled = gateway.submit([ids[1]], labels={"customer": "acme"})
    gateway.mover.end_documents(plain, {ids[0]: TaskStatus.COMPLETED})
    gateway.mover.finish(plain)

    def listed(query: str) -> list[str]:
        answer = gateway.client.get(f"{JOBS}?{query}")
        assert answer.status_code == 200, answer.text
        return [each["id"] for each in answer.json()["data"]]

    assert listed("") == [labelled, plain]
    assert listed("status=COMPLETED") == [plain]
    assert listed("status=PENDING&status=COMPLETED") == [labelled, plain]
    assert listed("label=customer:acme") == [labelled]
    assert listed("type=DATA_EXTRACTION&pageSize=1") == [labelled]
    assert listed("status=&type=&label=&pageToken=") == [labelled, plain]
    [summary] = gateway.client.get(f"{JOBS}?status=COMPLETED").json()["data"]
    assert not {"results", "errors", "documentIds"} & summary.keys()


def test_the_same_idempotency_key_gives_the_first_answer(
    gateway: RunningGateway,
) -> None:
    ids = gateway.upload("a.txt", "b.txt")
    headers = {"Idempotency-Key": "key-1"}
    body = {"documentIds": ids[:1]}
    first = gateway.client.post(JOBS, json=body, headers=headers)
    again = gateway.client.post(JOBS, json=body, headers=headers)
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    assert first.headers["location"] == again.headers["location"]
    other = gateway.client.post(JOBS, json={"documentIds": ids}, headers=headers)
    problem(other, 422, "idempotency-key-reused")
    assert len(gateway.client.get(JOBS).json()["data"]) == 1
    bad = gateway.client.post(JOBS, json=body, headers={"Idempotency-Key": "k" * 256})
    assert problem(bad, 422, "invalid-request")["errors"][0]["in"] == "header"


def test_cancel_waits_for_the_receipt(gateway: RunningGateway) -> None:
    job, _ = gateway.started("a.txt", "b.txt")
    aggregator = threading.Thread(target=gateway.mover.carry_out_cancel, args=[job])
    aggregator.start()
    answer = gateway.client.post(f"{JOBS}/{job}/cancel")
    aggregator.join()
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert data["status"] == "CANCELLED"
    assert data["cancelRequested"] is True
    assert data["receipt"].keys() == {"neverStarted", "finishing", "finished", "killed"}
    assert answer.json()["message"] == "Job cancelled successfully"
    again = gateway.client.post(f"{JOBS}/{job}/cancel")
    assert again.status_code == 200
    assert again.json()["data"] == data


def test_cancel_answers_with_what_is_known_when_nobody_carries_it_out(
    gateway: RunningGateway,
) -> None:
    job, _ = gateway.started("a.txt")
    answer = gateway.client.post(f"{JOBS}/{job}/cancel")
    assert answer.status_code == 200
    assert answer.json()["data"]["status"] == "PENDING"


def test_cancel_and_retry_of_jobs_in_the_wrong_state_are_409(
    gateway: RunningGateway,
) -> None:
    job, [document] = gateway.started("a.txt")
    problem(gateway.client.post(f"{JOBS}/{job}/retry"), 409, "job-running")
    gateway.mover.end_documents(job, {document: TaskStatus.COMPLETED})
    gateway.mover.finish(job)
    problem(gateway.client.post(f"{JOBS}/{job}/cancel"), 409, "job-ended")
    problem(gateway.client.post(f"{JOBS}/{job}/retry"), 409, "nothing-failed")


def test_retry_makes_a_linked_job_of_what_failed(gateway: RunningGateway) -> None:
    ids = gateway.upload("a.txt", "b.txt", "c.txt")
    options = {"maxConcurrent": 3, "documentTimeout": 4000}
    job = gateway.submit(ids, name="mine", labels={"k": "v"}, options=options)
    ends = (TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.TIMEOUT)
    gateway.mover.end_documents(job, dict(zip(ids, ends, strict=True)))
    gateway.mover.finish(job)
    answer = gateway.client.post(f"{JOBS}/{job}/retry")
    assert answer.status_code == 202
    data = answer.json()["data"]
    assert data["retryOf"] == job
    assert data["documentCount"] == 2
    linked = gateway.client.get(answer.headers["location"]).json()["data"]
    assert linked["retryOf"] == job
    assert linked["documentIds"] == ids[1:]
    assert linked["options"]["documentTimeout"] == 4000
    assert (linked["name"], linked["labels"]) == ("mine", {"k": "v"})


def test_retry_leaves_out_what_was_deleted_since(gateway: RunningGateway) -> None:
    job, [first, second] = gateway.started("a.txt", "b.txt")
    gateway.mover.end_documents(job, dict.fromkeys((first, second), TaskStatus.FAILED))
    gateway.mover.finish(job)
    assert gateway.client.delete(f"{DOCUMENTS}/{first}").status_code == 204
    answer = gateway.client.post(f"{JOBS}/{job}/retry")
    linked = gateway.client.get(answer.headers["location"]).json()["data"]
    assert linked["documentIds"] == [second]
    again = answer.json()["data"]["jobId"]
    gateway.mover.end_documents(again, {second: TaskStatus.FAILED})
    gateway.mover.finish(again)
    assert gateway.client.delete(f"{DOCUMENTS}/{second}").status_code == 204
    gone = gateway.client.post(f"{JOBS}/{job}/retry")
    problem(gone, 404, "documents-not-found")


def test_a_large_job_that_names_no_timeout_gets_one_that_fits(
    gateway: RunningGateway,
) -> None:
    ids = gateway.upload("a.txt", "b.txt", "c.txt")
    options = {"maxConcurrent": 1, "documentTimeout": 200_000}
    job = gateway.submit(ids, options=options)
    status = gateway.client.get(f"{JOBS}/{job}").json()["data"]
    assert status["options"]["timeout"] == 600_000
    given = gateway.submit(ids, options={**options, "timeout": 5_000})
    status = gateway.client.get(f"{JOBS}/{given}").json()["data"]
    assert status["options"]["timeout"] == 5_000


def test_a_long_job_shows_its_first_hundred(tmp_path: Path) -> None:
    with running_gateway(tmp_path / "long") as gateway:
        names = [f"{number}.txt" for number in range(101)]
        job, ids = gateway.started(*names)
        gateway.mover.end_documents(job, {ids[100]: TaskStatus.COMPLETED})
        body = gateway.client.get(f"{JOBS}/{job}").json()["data"]
        assert body["documentIds"] == ids[:100]
        assert [each["documentId"] for each in body["results"]] == [ids[100]]
        assert gateway.store.job("local", JobId(job)).job.counts.total == 101  # type: ignore[arg-type]
        assert gateway.client.get(DOCUMENTS).status_code == 200
