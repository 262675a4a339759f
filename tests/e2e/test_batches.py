"""What holds for every batch: limits, progress, cancel, submitting twice."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from tests.e2e.support import (
    JOBS,
    Event,
    Json,
    Service,
    assert_books_balance,
    ends_by_document,
    most_at_once,
    problem,
)
from tests.support import eventually


def test_a_job_never_has_more_documents_out_than_its_limit(service: Service) -> None:
    job_id = service.batch(["70"] * 12, "SLEEP", maxConcurrent=3)
    out: list[int] = []

    def sample() -> bool:
        tasks = service.tasks(job_id)
        out.append(sum(task["lease"] is not None for task in tasks))
        return all(task["status"] == "COMPLETED" for task in tasks)

    eventually(sample)
    assert max(out) <= 3
    tasks = service.tasks(job_id)
    at_work = [(task["startedAt"], task["finishedAt"]) for task in tasks]
    assert most_at_once(at_work) == 3
    released = [(task["queuedAt"], task["finishedAt"]) for task in tasks]
    assert most_at_once(released) == 3


def test_one_at_a_time_is_one_at_a_time(service: Service) -> None:
    job_id = service.batch(["20"] * 6, "SLEEP", maxConcurrent=1)
    service.ended(job_id)
    tasks = service.tasks(job_id)
    assert most_at_once([(each["queuedAt"], each["finishedAt"]) for each in tasks]) == 1
    starts = [task["startedAt"] for task in tasks]
    assert starts == sorted(starts), "first come, first served"


def test_a_job_behind_another_does_not_wait_for_its_end(service: Service) -> None:
    large = service.batch(["250"] * 40, "SLEEP", maxConcurrent=5)
    small = service.batch(["1"] * 2, "SLEEP")
    assert service.ended(small)["finishedAt"] < service.ended(large)["finishedAt"]


@pytest.mark.parametrize(
    ("job_type", "contents"),
    [("STEPS", ["3", "12", "1", "6"]), ("SLEEP", ["30"] * 8), ("NOOP", ["x"] * 60)],
)
def test_progress_never_falls_and_is_full_only_at_the_end(
    service: Service, job_type: str, contents: list[str]
) -> None:
    job_id = service.batch(contents, job_type, maxConcurrent=2)
    events = service.events(job_id)
    moves = [each.data for each in events if each.type == "batch.progress"]
    assert events[-1].type == "batch.completed"
    assert service.job(job_id)["progress"] == 100
    for data in moves:
        assert_sums_add_up(data, total=len(contents))
    assert all(one["progress"] <= two["progress"] for one, two in pairwise(moves))
    assert all(one["completed"] <= two["completed"] for one, two in pairwise(moves))


def assert_sums_add_up(data: Json, *, total: int) -> None:
    assert data["totalDocuments"] == total
    assert data["completed"] + data["processing"] + data["pending"] == total
    assert data["successful"] + data["failed"] == data["completed"]
    assert data["processedDocuments"] == data["successful"]
    assert data["failedDocuments"] == data["failed"]
    assert (data["progress"] == 100) == (data["completed"] == total)


def test_documents_predicted_alike_count_alike(service: Service) -> None:
    job_id = service.batch(["250"] * 6, "SLEEP", maxConcurrent=1)
    seen = {
        (each.data["completed"], each.data["progress"])
        for each in service.events(job_id)
        if each.type == "batch.progress"
    }
    assert len(seen) > 2
    assert seen <= {(done, 100 * done // 6) for done in range(7)}


def test_a_cancel_ends_what_waits_and_lets_finish_what_runs(service: Service) -> None:
    contents = ["20", "20", *["4000"] * 2, *["20"] * 4]
    job_id = service.batch(contents, "SLEEP", maxConcurrent=2)
    eventually(lambda: running_documents(service, job_id) == [2, 3])
    answer = service.http.post(f"{JOBS}/{job_id}/cancel")
    assert answer.status_code == 200
    told = answer.json()["data"]
    assert (told["status"], told["cancelRequested"]) == ("PROCESSING", True)
    assert told["receipt"] == receipt(never_started=4, finishing=2, finished=2)

    job = service.ended(job_id)
    assert job["status"] == "CANCELLED"
    hows = ["finished"] * 4 + ["neverStarted"] * 4
    whole = {
        **receipt(never_started=4, finished=4),
        "documents": [
            {"documentId": document_id, "how": how}
            for document_id, how in zip(job["documentIds"], hows, strict=True)
        ],
    }
    assert job["receipt"] == {**whole, "tasks": job["links"]["tasks"]}
    assert (job["counts"]["completed"], job["counts"]["cancelled"]) == (4, 4)
    assert len(job["results"]) == 4
    log = service.history(job_id)
    assert_one_end_each(log, documents=8)
    assert log[-1].type == "batch.cancelled"
    assert log[-1].data["receipt"] == whole
    never = [each for each in log if each.type == "task.cancelled"]
    assert {each.data["how"] for each in never} == {"neverStarted"}

    again = service.http.post(f"{JOBS}/{job_id}/cancel")
    assert (again.status_code, again.json()["data"]["status"]) == (200, "CANCELLED")
    assert again.json()["data"]["receipt"] == receipt(never_started=4, finished=4)
    assert service.history(job_id) == log, "a second cancel changes nothing"


def receipt(*, never_started: int = 0, finishing: int = 0, finished: int = 0) -> Json:
    return {
        "neverStarted": never_started,
        "finishing": finishing,
        "finished": finished,
        "killed": 0,
    }


def running_documents(service: Service, job_id: str) -> list[int]:
    tasks = enumerate(service.tasks(job_id))
    return [index for index, task in tasks if task["status"] == "PROCESSING"]


def assert_one_end_each(log: list[Event], *, documents: int) -> None:
    ends = ends_by_document(log)
    assert len(ends) == documents
    assert {len(each) for each in ends.values()} == {1}


def test_a_cancel_while_a_document_waits_for_its_retry(service: Service) -> None:
    job_id = service.batch(["x"], "ABORT", retryDelay=3_600_000)
    eventually(lambda: service.job(job_id)["counts"]["retrying"])
    answer = service.http.post(f"{JOBS}/{job_id}/cancel")
    assert answer.json()["data"]["status"] == "CANCELLED"
    (task,) = service.tasks(job_id)
    assert (task["status"], task["attempts"]) == ("CANCELLED", 1)
    assert service.history(job_id)[-2].data["how"] == "notRetried"
    [document] = service.job(job_id)["receipt"]["documents"]
    assert document["how"] == "notRetried"


def test_a_job_that_has_ended_otherwise_cannot_be_cancelled(service: Service) -> None:
    job_id = service.batch(["x"], "NOOP")
    service.ended(job_id)
    answer = service.http.post(f"{JOBS}/{job_id}/cancel")
    assert problem(answer) == (409, "job-ended")
    assert service.job(job_id)["status"] == "COMPLETED"


def test_the_same_submission_many_times_at_once_makes_one_job(service: Service) -> None:
    body = {"documentIds": service.upload("1", "2"), "type": "NOOP"}
    key = {"Idempotency-Key": "many-times"}

    def post(_: int) -> str:
        answer = service.http.post(JOBS, json=body, headers=key)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["data"]["jobId"])

    with ThreadPoolExecutor(6) as pool:
        jobs = set(pool.map(post, range(12)))
    assert len(jobs) == 1
    (job_id,) = jobs
    assert_one_end_each(service.events(job_id, after=0), documents=2)
    other = service.http.post(JOBS, json={**body, "type": "SLEEP"}, headers=key)
    assert problem(other) == (422, "idempotency-key-reused")


def test_the_whole_text_of_a_long_document_can_be_fetched(service: Service) -> None:
    text = "Wörter über Wörter.\n" * 20_000
    job_id = service.batch([text, "A few words."], "DATA_EXTRACTION")
    assert service.ended(job_id)["outcome"] == "succeeded"
    long, short = service.http.get(f"{JOBS}/{job_id}/results").json()["data"]
    stored = service.http.get(long["dataUrl"]).json()["data"]["data"]
    assert len(stored["text"]["preview"]) < len(text)
    for entry, whole in ((long, text.strip()), (short, "A few words.")):
        answer = service.http.get(entry["textUrl"])
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.text == whole


def test_a_large_result_is_given_by_its_address(service: Service) -> None:
    attachments = "".join(
        "--x\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; "
        f'filename="{"n" * 60}-{number}.txt"\r\n\r\nhello\r\n'
        for number in range(400)
    )
    mail = (
        "From: a@example.org\r\nTo: b@example.org\r\nSubject: many\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        f"{attachments}--x--\r\n"
    )
    documents = service.upload(mail, name="many.eml")
    job_id = service.submit(documents, "DATA_EXTRACTION")
    assert service.ended(job_id)["outcome"] == "succeeded"
    (entry,) = service.http.get(f"{JOBS}/{job_id}/results").json()["data"]
    assert entry["data"] is None
    whole = service.http.get(entry["dataUrl"])
    assert len(whole.content) > 32_768
    assert len(whole.json()["data"]["data"]["embedded"]) > 100


def test_a_batch_of_three_hundred_ends_with_a_result_for_each(service: Service) -> None:
    job_id = service.batch(["x"] * 300, "NOOP", maxConcurrent=50)
    job = service.ended(job_id)
    assert_books_balance(job)
    assert job["outcome"] == "succeeded"
    assert (len(job["results"]), len(job["documentIds"])) == (100, 100)
    assert {task["status"] for task in service.tasks(job_id)} == {"COMPLETED"}
    assert_one_end_each(service.history(job_id), documents=300)
