"""The service is killed or stopped in the middle of a batch, and started again."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from tests.e2e.support import (
    JOBS,
    TASK_ENDS,
    Event,
    Service,
    ends_by_document,
    leftovers,
    running,
)
from tests.processes import descendants, is_gone
from tests.support import eventually

STOPS_S = 8


def logged(events: Sequence[Event]) -> list[Event]:
    return [each for each in events if each.id is not None]


def until_ended(service: Service, job_id: str, *, documents: int) -> list[Event]:
    """Follow a job from its first event until so many documents have ended."""
    seen: list[Event] = []
    ended = 0
    with service.stream(job_id, after=0) as events:
        for each in events:
            seen += [each] if each.id is not None else []
            ended += each.type in TASK_ENDS
            if ended == documents:
                return seen
    raise AssertionError(seen)


def test_after_a_kill_the_batch_goes_on_where_it_was(tmp_path: Path) -> None:
    with running(tmp_path, log_name="first") as service:
        job_id = service.batch(["500"] * 16, "SLEEP", maxConcurrent=4)
        waiting = service.batch(["5"] * 30, "SLEEP", maxConcurrent=1)
        seen = until_ended(service, job_id, documents=5)
        processes = descendants(service.process.pid)
        assert len(processes) >= 2, "the sandbox and its children"
        service.kill()
        eventually(lambda: all(map(is_gone, processes)))

    with running(tmp_path, log_name="second") as service:
        assert seen[-1].id is not None
        missed = logged(service.events(job_id, after=seen[-1].id))
        log = service.history(job_id)
        assert [*seen, *missed] == log
        assert_all_succeeded_at_their_first_attempt(service, job_id, documents=16)
        assert {len(ends) for ends in ends_by_document(log).values()} == {1}
        assert log[-1].type == "batch.completed"

        assert service.ended(waiting)["outcome"] == "succeeded"
        assert_all_succeeded_at_their_first_attempt(service, waiting, documents=30)
        jobs = service.http.get(JOBS).json()["data"]
        assert {job["id"] for job in jobs} == {job_id, waiting}
        assert service.terminate() == 0
        assert leftovers(tmp_path) == []


def assert_all_succeeded_at_their_first_attempt(
    service: Service, job_id: str, *, documents: int
) -> None:
    tasks = service.tasks(job_id)
    assert len(tasks) == documents
    assert {(each["status"], each["attempts"]) for each in tasks} == {("COMPLETED", 1)}
    assert service.ended(job_id)["counts"]["completed"] == documents


def test_what_was_accepted_just_before_a_kill_is_carried_out(tmp_path: Path) -> None:
    with running(tmp_path, log_name="first") as service:
        ids = service.upload(*["1"] * 20)
        jobs = [service.submit(ids, "NOOP") for _ in range(5)]
        service.kill()
    with running(tmp_path, log_name="second") as service:
        for job_id in jobs:
            assert service.ended(job_id)["outcome"] == "succeeded"
            ends = ends_by_document(service.history(job_id))
            assert sorted(ends) == sorted(ids)
            assert {len(each) for each in ends.values()} == {1}


def test_an_accepted_cancel_survives_a_kill(tmp_path: Path) -> None:
    with running(tmp_path, log_name="first") as service:
        job_id = service.batch(["60000"] * 6, "SLEEP", maxConcurrent=2)
        eventually(lambda: service.job(job_id)["counts"]["processing"] == 2)
        answer = service.http.post(f"{JOBS}/{job_id}/cancel")
        assert answer.json()["data"]["status"] == "PROCESSING"
        service.kill()
    with running(tmp_path, log_name="second") as service:
        job = service.ended(job_id)
        assert (job["status"], job["counts"]["cancelled"]) == ("CANCELLED", 6)


def test_a_document_that_interrupts_every_start_ends_as_poison(tmp_path: Path) -> None:
    job_id = ""
    for start in range(3):
        with running(tmp_path, log_name=f"start-{start}") as service:
            if not job_id:
                options = {"maxConcurrent": 1, "documentTimeout": 60_000}
                job_id = service.batch(["spin", "5", "5"], "MIXED", **options)
            wait_until_processing(service, job_id)
            service.kill()
    with running(tmp_path, log_name="last") as service:
        job = service.ended(job_id)
        assert (job["status"], job["outcome"]) == ("COMPLETED", "partial")
        poison, *others = service.tasks(job_id)
        assert (poison["status"], poison["error"]["code"]) == ("FAILED", "poison")
        assert {each["status"] for each in others} == {"COMPLETED"}
        ends = ends_by_document(service.history(job_id))
        assert {len(each) for each in ends.values()} == {1}


def wait_until_processing(service: Service, job_id: str) -> None:
    eventually(lambda: service.job(job_id)["counts"]["processing"], timeout_s=20)


def test_a_stop_hands_back_what_is_at_work_and_the_next_start_goes_on(
    tmp_path: Path,
) -> None:
    with running(tmp_path, log_name="first") as service:
        contents = ["1", "1", *["30000"] * 2, *["1"] * 4]
        job_id = service.batch(
            contents, "SLEEP", maxConcurrent=2, documentTimeout=100_000
        )
        with service.stream(job_id, after=0) as events:
            seen = list(islice(events, 1))
            eventually(lambda: are_stuck(service, job_id))
            processes = descendants(service.process.pid)
            service.process.terminate()
            seen += list(events)
        assert service.process.wait(STOPS_S) == 0
        assert all(map(is_gone, processes))
        assert leftovers(tmp_path) == []

    ended = logged(seen)[-1].id
    with running(tmp_path, log_name="second") as service:
        eventually(lambda: are_stuck(service, job_id))
        tasks = service.tasks(job_id)
        assert [each["attempts"] for each in tasks] == [1, 1, 0, 0, 0, 0, 0, 0]
        assert [each["lease"]["generation"] for each in tasks[2:4]] == [2, 2]
        service.http.post(f"{JOBS}/{job_id}/cancel")
        with service.stream(job_id, after=ended) as events:
            first = next(events)
        assert first.id == (ended or 0) + 1
        assert service.terminate() == 0


def are_stuck(service: Service, job_id: str) -> bool:
    counts = service.job(job_id)["counts"]
    return (counts["completed"], counts["processing"]) == (2, 2)
