"""Documents that get stuck, crash or eat memory, and jobs that run out of time."""

from pathlib import Path

from tests.e2e.support import JOBS, Service, ends_by_document, problem


def test_a_document_stuck_in_c_is_killed_while_its_siblings_finish(
    service: Service,
) -> None:
    contents = ["60", "spin", "60", "60", "60"]
    job_id = service.batch(contents, "MIXED", maxConcurrent=2, documentTimeout=3000)
    job = service.ended(job_id)
    assert (job["status"], job["outcome"]) == ("COMPLETED", "partial")
    stuck = service.tasks(job_id)[1]
    assert (stuck["status"], stuck["error"]["code"]) == ("TIMEOUT", "document_timeout")
    assert stuck["attempts"] == 1, "a time limit is not tried again"
    siblings = {task["finishedAt"] for task in service.tasks(job_id)} - {
        stuck["finishedAt"]
    }
    assert max(siblings) < stuck["finishedAt"]
    assert job["counts"]["completed"] == 4
    assert [each["documentId"] for each in job["errors"]] == [stuck["documentId"]]


def test_the_worker_goes_on_after_a_kill(service: Service) -> None:
    stuck = service.batch(["spin"] * 5, "MIXED", documentTimeout=300)
    assert service.ended(stuck)["status"] == "FAILED"
    fine = service.batch(["1"] * 10, "MIXED")
    assert service.ended(fine)["counts"]["completed"] == 10


def test_a_crashing_document_is_retried_and_then_fails_as_crashed(
    service: Service,
) -> None:
    contents = ["30", "abort", "30"]
    job_id = service.batch(contents, "MIXED", retryAttempts=2, retryDelay=10)
    job = service.ended(job_id)
    assert job["counts"]["completed"] == 2
    crashed = service.tasks(job_id)[1]
    assert (crashed["status"], crashed["attempts"]) == ("FAILED", 3)
    assert crashed["error"]["code"] == "crashed"
    (error,) = job["errors"]
    assert (error["attempts"], error["error"]["code"]) == (3, "crashed")

    story = [
        (each.type, each.data.get("attempt", each.data.get("attempts")))
        for each in service.history(job_id)
        if each.data.get("documentId") == crashed["documentId"]
    ]
    tries = [("task.started", n) for n in (1, 2, 3)]
    again = [("task.retrying", n) for n in (1, 2)]
    assert story == [
        *(tries[0], again[0], tries[1], again[1], tries[2]),
        ("task.failed", 3),
    ]


def test_without_further_attempts_a_crash_is_the_end(service: Service) -> None:
    job = service.ended(service.batch(["x"], "ABORT", retryAttempts=0))
    assert (job["status"], job["error"]["code"]) == ("FAILED", "all_failed")
    assert job["errors"][0]["attempts"] == 1


def test_a_document_that_crashed_once_succeeds_at_its_second_attempt(
    service: Service, tmp_path: Path
) -> None:
    job_id = service.batch([str(tmp_path / "crashed")], "ABORT_ONCE", retryDelay=10)
    assert service.ended(job_id)["outcome"] == "succeeded"
    (task,) = service.tasks(job_id)
    assert (task["status"], task["attempts"], task["error"]) == ("COMPLETED", 2, None)


def test_a_document_without_end_to_its_memory_fails_as_out_of_memory(
    service: Service,
) -> None:
    job_id = service.batch(["x"], "MEMORY", retryAttempts=1, retryDelay=0)
    (error,) = service.ended(job_id)["errors"]
    assert (error["error"]["code"], error["attempts"]) == ("out_of_memory", 2)


def test_errors_quote_neither_the_document_nor_a_path(service: Service) -> None:
    job_id = service.batch(["my secret"], "RAISE")
    (error,) = service.ended(job_id)["errors"]
    assert (error["error"]["code"], error["attempts"]) == ("internal", 1)
    assert "secret" not in error["error"]["message"]
    assert "/" not in error["error"]["message"]


def test_when_a_job_runs_out_of_time_running_documents_finish(service: Service) -> None:
    contents = ["4000"] * 2 + ["10"] * 4
    job_id = service.batch(contents, "SLEEP", maxConcurrent=2, timeout=3000)
    job = service.ended(job_id)
    assert (job["status"], job["outcome"]) == ("TIMEOUT", None)
    assert job["error"]["message"] == "Job timeout exceeded"
    assert (job["counts"]["completed"], job["counts"]["timeout"]) == (2, 4)
    for task in service.tasks(job_id)[2:]:
        assert (task["status"], task["attempts"]) == ("TIMEOUT", 0)
        assert task["error"]["code"] == "job_timeout"
        assert task["startedAt"] is None
    log = service.history(job_id)
    assert sum(each.type == "task.started" for each in log) == 2
    assert {len(ends) for ends in ends_by_document(log).values()} == {1}
    last = log[-1]
    assert (last.type, last.data["processedDocuments"]) == ("batch.timeout", 2)
    assert last.data["failedDocuments"] == 4


def test_failed_documents_are_retried_as_a_linked_job(service: Service) -> None:
    ids = service.upload("1", "abort", "spin", "1")
    first = service.submit(ids, "MIXED", retryAttempts=0, documentTimeout=3000)
    while_running = service.http.post(f"{JOBS}/{first}/retry")
    assert problem(while_running) == (409, "job-running")
    service.ended(first)

    answer = service.http.post(f"{JOBS}/{first}/retry")
    assert answer.status_code == 202
    data = answer.json()["data"]
    assert (data["retryOf"], data["documentCount"]) == (first, 2)
    second = service.ended(data["jobId"])
    assert second["retryOf"] == first
    assert second["documentIds"] == ids[1:3]
    assert second["options"]["documentTimeout"] == 3000

    fine = service.batch(["1"], "MIXED")
    service.ended(fine)
    nothing = service.http.post(f"{JOBS}/{fine}/retry")
    assert problem(nothing) == (409, "nothing-failed")
