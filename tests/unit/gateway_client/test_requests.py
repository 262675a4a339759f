import socket
from pathlib import Path

import pytest

from gateway.client import (
    Client,
    ClientError,
    DocmillUnreachableError,
    ProblemError,
)
from tests.unit.gateway_client.scripted import Exchange, Script, event

ACCEPTED = {
    "data": {
        "jobId": "job_1",
        "status": "PENDING",
        "documentCount": 2,
        "type": "DATA_EXTRACTION",
    },
    "message": "Batch processing job created successfully",
}


def stored(*names: str) -> dict[str, object]:
    return {
        "data": [
            {
                "documentId": f"doc_{name}",
                "name": name,
                "sizeBytes": 1,
                "sha256": "0" * 64,
                "mediaType": "text/plain",
                "aFieldOfANewerService": 1,
            }
            for name in names
        ]
    }


def status(state: str, **more: object) -> dict[str, object]:
    return {"data": {"id": "job_1", "status": state, "totalDocuments": 2, **more}}


def free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_submit_uploads_files_and_returns_the_accepted_job(
    script: Script, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("first")
    (tmp_path / "b.txt").write_text("second")
    script.then(
        lambda exchange: exchange.answer(201, stored("a.txt", "b.txt")),
        lambda exchange: exchange.answer(202, ACCEPTED),
    )
    job = client.submit(
        [tmp_path / "a.txt", str(tmp_path / "b.txt")],
        name="Two",
        labels={"customer": "acme"},
        options={"maxConcurrent": 2},
        processing={"pages": "1-3", "ocr": "off"},
    )
    assert (job.id, job.status, job.total_documents) == ("job_1", "PENDING", 2)
    upload, submit = script.seen
    assert b'filename="a.txt"' in upload.body
    assert b"second" in upload.body
    assert submit.json == {
        "documentIds": ["doc_a.txt", "doc_b.txt"],
        "options": {"maxConcurrent": 2},
        "processing": {"pages": "1-3", "ocr": "off"},
        "name": "Two",
        "labels": {"customer": "acme"},
    }


def test_a_broken_connection_is_retried_with_the_same_idempotency_key(
    script: Script, client: Client
) -> None:
    script.then(Exchange.drop, lambda exchange: exchange.answer(202, ACCEPTED))
    assert client.submit(document_ids=["doc_1", "doc_2"]).id == "job_1"
    first, second = script.seen
    assert len(first.headers["idempotency-key"]) >= 16
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


def test_each_submission_has_an_idempotency_key_of_its_own(
    script: Script, client: Client
) -> None:
    accept = [lambda exchange: exchange.answer(202, ACCEPTED)] * 3
    script.then(*accept)
    client.submit(document_ids=["doc_1"])
    client.submit(document_ids=["doc_1"])
    client.submit(document_ids=["doc_1"], idempotency_key="mine")
    keys = [seen.headers["idempotency-key"] for seen in script.seen]
    assert len(set(keys)) == 3
    assert keys[2] == "mine"


def test_an_upload_is_sent_again_whole_after_a_broken_connection(
    script: Script, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("content")
    script.then(Exchange.drop, lambda exchange: exchange.answer(201, stored("a.txt")))
    assert client.upload([tmp_path / "a.txt"])[0].document_id == "doc_a.txt"
    assert all(b"content" in seen.body for seen in script.seen)


def test_many_files_are_uploaded_in_several_requests_in_order(
    script: Script, client: Client, tmp_path: Path
) -> None:
    names = [f"{number:03d}.txt" for number in range(120)]
    for name in names:
        (tmp_path / name).write_text(name)
    script.then(
        lambda exchange: exchange.answer(201, stored(*names[:50])),
        lambda exchange: exchange.answer(201, stored(*names[50:100])),
        lambda exchange: exchange.answer(201, stored(*names[100:])),
    )
    documents = client.upload(tmp_path / name for name in names)
    assert [document.name for document in documents] == names
    assert script.seen[1].body.count(b"filename=") == 50


def test_a_service_that_takes_fewer_files_gets_them_in_more_requests(
    script: Script, client: Client, tmp_path: Path
) -> None:
    names = [f"{number}.txt" for number in range(5)]
    for name in names:
        (tmp_path / name).write_text(name)

    def refuse(exchange: Exchange) -> None:
        fault = {"pointer": "/files", "in": "form", "code": "too_many_files"}
        exchange.problem(422, "invalid_request", "At most 2 files.", errors=[fault])

    script.then(
        refuse,
        refuse,
        lambda exchange: exchange.answer(201, stored(*names[:2])),
        lambda exchange: exchange.answer(201, stored(*names[2:4])),
        lambda exchange: exchange.answer(201, stored(*names[4:])),
    )
    documents = client.upload(tmp_path / name for name in names)
    assert [document.name for document in documents] == names


def test_a_refused_job_leaves_none_of_its_uploads(
    script: Script, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("a")
    script.then(
        lambda exchange: exchange.answer(201, stored("a.txt")),
        lambda exchange: exchange.problem(422, "unknown_job_type", "Not installed."),
        lambda exchange: exchange.answer(204),
    )
    with pytest.raises(ProblemError) as refused:
        client.submit([tmp_path / "a.txt"], document_ids=["doc_1"], job_type="ELSE")
    assert refused.value.code == "unknown_job_type"
    upload, submit, remove = script.seen
    assert (upload.method, submit.method) == ("POST", "POST")
    assert (remove.method, remove.path) == ("DELETE", "/api/v1/documents/doc_a.txt")


def test_an_upload_that_is_refused_half_way_leaves_nothing(
    script: Script, client: Client, tmp_path: Path
) -> None:
    names = [f"{number:03d}.txt" for number in range(51)]
    for name in names:
        (tmp_path / name).write_text(name)
    script.then(
        lambda exchange: exchange.answer(201, stored(*names[:2])),
        lambda exchange: exchange.problem(413, "too_large", "Too large."),
        lambda exchange: exchange.answer(204),
        lambda exchange: exchange.problem(404, "not_found", "Gone already."),
    )
    with pytest.raises(ProblemError) as refused:
        client.upload(tmp_path / name for name in names)
    assert refused.value.code == "too_large"
    removed = [seen.path for seen in script.seen if seen.method == "DELETE"]
    assert removed == [f"/api/v1/documents/doc_{name}" for name in names[:2]]


def test_nothing_is_sent_when_a_file_is_missing(
    script: Script, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("there")
    with pytest.raises(FileNotFoundError):
        client.upload([tmp_path / "a.txt", tmp_path / "b.txt"])
    assert script.seen == []


def test_a_file_name_that_is_no_text_is_sent_as_text(
    script: Script, client: Client, tmp_path: Path
) -> None:
    odd = tmp_path / "caf\udce9 \N{SNOWMAN}.txt"
    odd.write_text("x")
    script.then(lambda exchange: exchange.answer(201, stored("x")))
    client.upload([odd])
    assert 'filename="caf\N{REPLACEMENT CHARACTER} \N{SNOWMAN}.txt"' in (
        script.seen[0].body.decode()
    )


def test_a_problem_carries_what_the_service_said(
    script: Script, client: Client
) -> None:
    errors = [{"documentId": "doc_9", "detail": "unknown"}]
    script.then(
        lambda exchange: exchange.problem(
            404, "documents_not_found", "No document doc_9", errors=errors
        )
    )
    with pytest.raises(ProblemError) as caught:
        client.submit(document_ids=["doc_9"])
    problem = caught.value
    assert (problem.status, problem.code) == (404, "documents_not_found")
    assert problem.title == "documents_not_found"
    assert str(problem) == problem.detail == "No document doc_9"
    assert problem.errors == tuple(errors)


def test_an_error_without_a_problem_body_is_still_a_problem(
    script: Script, client: Client
) -> None:
    script.then(lambda exchange: exchange.answer(500, b"<html>oops</html>"))
    with pytest.raises(ProblemError, match="500 Internal Server Error") as caught:
        client.status("job_1")
    assert caught.value.code == "http_500"


def test_a_busy_service_is_asked_again_after_the_time_it_names(
    script: Script, client: Client
) -> None:
    script.then(
        lambda exchange: exchange.answer(503, b"", Retry_After="0"),
        lambda exchange: exchange.answer(200, status("PROCESSING")),
    )
    assert client.status("job_1").status == "PROCESSING"


def test_a_service_that_stays_busy_is_a_problem(script: Script, client: Client) -> None:
    busy = [lambda exchange: exchange.problem(503, "busy", "Later")] * 3
    script.then(*busy)
    with pytest.raises(ProblemError, match="Later"):
        client.status("job_1")
    assert script.finished


def test_a_refused_connection_says_where_and_what_to_do() -> None:
    address = free_address()
    with (
        Client(address) as client,
        pytest.raises(DocmillUnreachableError, match=f"{address}.*docmill up"),
    ):
        client.status("job_1")


def test_a_service_that_does_not_answer_in_time_is_unreachable(
    script: Script, address: str
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with (
            Client(url, timeout_s=0.2) as client,
            pytest.raises(DocmillUnreachableError, match=r"no answer within 0\.2 s"),
        ):
            client.status("job_1")


def test_something_else_than_docmill_is_named_as_such(
    script: Script, client: Client
) -> None:
    script.then(lambda exchange: exchange.answer(200, b"<html>hello</html>"))
    with pytest.raises(DocmillUnreachableError, match="does not speak like Docmill"):
        client.status("job_1")


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://host", "http://", ""])
def test_an_unusable_address_is_refused(url: str) -> None:
    with pytest.raises(ClientError, match="no address"):
        Client(url)


def test_lists_read_page_after_page(script: Script, client: Client) -> None:
    def page(token: str, *ids: str) -> dict[str, object]:
        jobs = [{"id": job_id, "status": "COMPLETED"} for job_id in ids]
        return {"data": jobs, "nextPageToken": token}

    script.then(
        lambda exchange: exchange.answer(200, page("t2", "job_3", "job_2")),
        lambda exchange: exchange.answer(200, page("", "job_1")),
    )
    jobs = client.jobs(status="COMPLETED", label=("customer", "a & b"))
    assert [job.id for job in jobs] == ["job_3", "job_2", "job_1"]
    first, second = script.seen
    assert "label=customer%3Aa+%26+b" in first.path.replace("%20", "+")
    assert "pageToken=t2" in second.path
    assert "status=COMPLETED" in second.path


def test_tasks_and_results_are_read_as_values(script: Script, client: Client) -> None:
    task = {
        "documentId": "doc_1",
        "name": "a.pdf",
        "status": "FAILED",
        "attempts": 1,
        "waiting": None,
        "startedAt": "2026-11-09T10:00:00.000Z",
        "finishedAt": "2026-11-09T10:00:01.500Z",
        "steps": [{"name": "sniff", "milliseconds": 3}],
        "error": {"code": "encrypted", "message": "…", "retryable": False},
    }
    result = {"documentId": "doc_1", "success": True, "data": None, "dataUrl": "/x"}
    script.then(
        lambda exchange: exchange.answer(200, {"data": [task], "nextPageToken": ""}),
        lambda exchange: exchange.answer(200, {"data": [result], "nextPageToken": ""}),
        lambda exchange: exchange.answer(200, {"data": {**result, "data": {"a": 1}}}),
    )
    (only,) = client.tasks("job_1")
    assert only.error is not None
    assert (only.error.code, only.final, only.duration_s) == ("encrypted", True, 1.5)
    (listed,) = client.results("job_1")
    assert (listed.data, listed.data_url) == (None, "/x")
    assert client.result("job_1", "doc_1").data == {"a": 1}


def test_what_is_known_across_documents_is_given_whole(
    script: Script, client: Client
) -> None:
    script.then(
        lambda exchange: exchange.answer(200, {"data": {"jobId": "job_1"}}),
        lambda exchange: exchange.problem(404, "no_batch_result", "Not yet."),
        lambda exchange: exchange.answer(
            200, status("COMPLETED", batch={"data": None, "dataUrl": "/large"})
        ),
    )
    assert client.batch_result("job_1") == {"jobId": "job_1"}
    assert script.seen[0].path.endswith("/job_1/results/batch")
    with pytest.raises(ProblemError, match="Not yet"):
        client.batch_result("job_1")
    part = client.status("job_1").batch
    assert part is not None
    assert (part.data, part.data_url) == (None, "/large")


def test_a_text_is_given_as_it_is(script: Script, client: Client) -> None:
    def plain(exchange: Exchange) -> None:
        body = "Wörter\r\n".encode()
        exchange.answer(200, body, content_type="text/plain; charset=utf-8")

    script.then(
        plain,
        lambda exchange: exchange.problem(404, "no_text", "No text."),
        lambda exchange: exchange.answer(200, b"<html>", content_type="text/html"),
    )
    assert client.text("job_1", "doc/1") == "Wörter\r\n"
    assert script.seen[0].path.endswith("/job_1/results/doc%2F1/text")
    with pytest.raises(ProblemError, match="No text"):
        client.text("job_1", "doc_1")
    with pytest.raises(DocmillUnreachableError, match="text/html"):
        client.text("job_1", "doc_1")


def test_progress_is_told_only_when_counts_change(
    script: Script, client: Client
) -> None:
    counts = {"jobId": "job_1", "progress": 0, "totalDocuments": 2, "pending": 2}
    started = {**counts, "pending": 1, "processing": 1}
    ended = {**counts, "progress": 100, "pending": 0, "completed": 2, "successful": 2}
    first = {"id": "job_1", "status": "PENDING", "totalDocuments": 2}
    final = status("COMPLETED", progress=100, processedDocuments=2)
    script.then(
        lambda exchange: exchange.stream(
            event("snapshot", 1, **first, counts={"pending": 2}),
            event("batch.progress", None, **counts, estimatedTimeRemaining=90),
            event("batch.progress", None, **started),
            event("batch.progress", None, **ended, processedDocuments=2),
            event("batch.completed", 2, jobId="job_1"),
        ),
        lambda exchange: exchange.answer(200, final),
    )
    told: list[tuple[int, int, int]] = []
    client.follow(
        "job_1",
        on_progress=lambda each: told.append(
            (each.pending, each.processing, each.completed)
        ),
    )
    assert told == [(2, 0, 0), (1, 1, 0), (0, 0, 2)]


def test_cancel_and_retry_give_what_the_service_did(
    script: Script, client: Client
) -> None:
    cancelled = {"jobId": "job_1", "status": "PROCESSING", "cancelRequested": True}
    cancelled["receipt"] = {"neverStarted": 3}
    retried = {"data": {**ACCEPTED["data"], "jobId": "job_2", "retryOf": "job_1"}}  # type: ignore[dict-item]
    script.then(
        lambda exchange: exchange.answer(200, {"data": cancelled}),
        lambda exchange: exchange.answer(202, retried),
    )
    assert client.cancel("job_1").receipt == {"neverStarted": 3}
    job = client.retry("job_1")
    assert (job.id, job.retry_of) == ("job_2", "job_1")
    assert "idempotency-key" in script.seen[1].headers


def test_a_job_id_cannot_change_the_address(script: Script, client: Client) -> None:
    script.then(lambda exchange: exchange.problem(404, "not_found", "No such job"))
    with pytest.raises(ProblemError):
        client.status("../documents?x=1")
    assert script.seen[0].path.endswith("/batch-process/..%2Fdocuments%3Fx%3D1")


def test_submit_with_callbacks_follows_the_job_to_its_end(
    script: Script, client: Client
) -> None:
    script.then(
        lambda exchange: exchange.answer(202, ACCEPTED),
        lambda exchange: exchange.stream(
            event("snapshot", 1, id="job_1", status="PENDING", totalDocuments=2),
            event(
                "batch.progress",
                jobId="job_1",
                progress=50,
                totalDocuments=2,
                completed=1,
                estimatedTimeRemaining=None,
            ),
            event("batch.completed", 7, jobId="job_1", outcome="partial"),
        ),
        lambda exchange: exchange.answer(
            200,
            status("COMPLETED", progress=100, processedDocuments=1, failedDocuments=1),
        ),
    )
    percents: list[int] = []
    ends: list[str] = []
    job = client.submit(
        document_ids=["doc_1", "doc_2"],
        on_progress=lambda progress: percents.append(progress.progress),
        on_completed=lambda ended: ends.append(f"completed {ended.failed_documents}"),
        on_failed=lambda ended: ends.append("failed"),
    )
    assert percents == [0, 50, 100]
    assert ends == ["completed 1"]
    assert (job.final, job.succeeded, job.done_documents) == (True, False, 2)


def test_a_job_that_ends_otherwise_is_told_to_on_failed(
    script: Script, client: Client
) -> None:
    script.then(
        lambda exchange: exchange.stream(event("batch.timeout", 3, jobId="job_1")),
        lambda exchange: exchange.answer(200, status("TIMEOUT")),
    )
    ends: list[str] = []
    job = client.follow("job_1", on_failed=lambda ended: ends.append(ended.status))
    assert ends == ["TIMEOUT"]
    assert job.final
