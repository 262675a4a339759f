import pytest

from gateway.client import (
    Client,
    DocmillUnreachableError,
    ProblemError,
)
from tests.unit.gateway_client.scripted import ACCEPTED, Exchange, Script, event, status


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
