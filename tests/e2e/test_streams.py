"""The live stream of a job: in order, without holes, resumable, the same for all."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import pytest

from tests.e2e.support import (
    CONFLATED,
    JOBS,
    TASK_ENDS,
    Event,
    Service,
    problem,
)

CLIENTS = 20


def logged(events: Sequence[Event]) -> list[Event]:
    return [each for each in events if each.type not in {*CONFLATED, "snapshot"}]


def ids(events: Sequence[Event]) -> list[int]:
    return [each.id for each in logged(events) if each.id is not None]


def test_a_stream_begins_with_a_snapshot_and_goes_on_without_holes(
    service: Service,
) -> None:
    job_id = service.batch(["300"] * 8, "SLEEP", maxConcurrent=2)
    snapshot, *events = service.events(job_id)
    assert snapshot.type == "snapshot"
    assert snapshot.data["id"] == job_id
    assert snapshot.id is not None
    last = snapshot.id + len(logged(events))
    assert ids(events) == list(range(snapshot.id + 1, last + 1))
    assert events[-1].type == "batch.completed"
    assert service.history(job_id)[snapshot.id :] == logged(events)


def test_events_tell_each_document_s_story_in_order(service: Service) -> None:
    job_id = service.batch(["20"] * 4, "SLEEP")
    service.ended(job_id)
    log = service.history(job_id)
    assert [each.type for each in log[:2]] == ["batch.created", "batch.started"]
    assert {each.data["jobId"] for each in log} == {job_id}
    stories: dict[str, list[str]] = {}
    for each in log[2:-1]:
        stories.setdefault(each.data["documentId"], []).append(each.type)
    assert len(stories) == 4
    assert all(each == ["task.started", "task.completed"] for each in stories.values())


def test_a_document_s_end_is_never_told_before_the_status_knows_it(
    service: Service,
) -> None:
    job_id = service.batch(["30"] * 5, "SLEEP", maxConcurrent=1)
    with service.stream(job_id, after=0, only=["task.completed"]) as events:
        for number, _ in enumerate(events, start=1):
            assert service.job(job_id)["counts"]["completed"] >= number


def test_a_stream_that_broke_goes_on_exactly_where_it_was(service: Service) -> None:
    job_id = service.batch(["60"] * 8, "SLEEP", maxConcurrent=2)
    with service.stream(job_id, after=0) as events:
        seen = list(islice((each for each in events if each.id is not None), 6))
    assert ids(seen) == [1, 2, 3, 4, 5, 6]
    rest = service.events(job_id, after=6)
    assert "snapshot" not in {each.type for each in rest}
    assert [*seen, *logged(rest)] == service.history(job_id)


@pytest.mark.parametrize("after", [1, 3, 6])
def test_an_ended_job_is_replayed_from_any_event(service: Service, after: int) -> None:
    job_id = service.batch(["1"] * 3, "NOOP")
    service.ended(job_id)
    log = service.history(job_id)
    assert service.events(job_id, after=after) == log[after:]


def test_after_the_last_event_there_is_nothing_more(service: Service) -> None:
    job_id = service.batch(["1"], "NOOP")
    service.ended(job_id)
    last = service.history(job_id)[-1].id
    path, header = f"{JOBS}/{job_id}/events", {"Last-Event-ID": str(last)}
    answer = service.http.get(path, headers=header)
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("unknown", ["999999", "-1", "x", "²"])
def test_an_unknown_position_gives_a_new_snapshot(
    service: Service, unknown: str
) -> None:
    job_id = service.batch(["1"], "NOOP")
    service.ended(job_id)
    answer = service.http.get(
        f"{JOBS}/{job_id}/events", headers=[(b"Last-Event-ID", unknown.encode())]
    )
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "event: snapshot" in answer.text
    assert '"status":"COMPLETED"' in answer.text


def test_progress_has_no_id_and_the_log_has(service: Service) -> None:
    job_id = service.batch(["40"] * 2, "STEPS")
    answer = service.http.get(f"{JOBS}/{job_id}/events")
    blocks = [each for each in answer.text.split("\n\n") if "event: " in each]
    for block in blocks:
        progress = "event: batch.progress" in block or "event: task.progress" in block
        assert ("id: " in block) != progress, block
    assert sum("event: task.progress" in each for each in blocks) > 2


def test_steps_and_pages_of_a_document_are_told(service: Service) -> None:
    job_id = service.batch(["40"], "STEPS")
    moves = [
        each.data for each in service.events(job_id) if each.type == "task.progress"
    ]
    assert {each["step"] for each in moves} == {"first", "second", "third"}
    fractions = [each["fraction"] for each in moves]
    assert fractions == sorted(fractions)
    assert {each["pages"] for each in moves if each["page"]} == {40}


def test_a_stream_can_be_limited_to_some_types(service: Service) -> None:
    job_id = service.batch(["500"] * 4, "SLEEP", maxConcurrent=1)
    wanted = ("task.completed", "batch.completed")
    snapshot, *events = service.events(job_id, only=wanted)
    assert snapshot.type == "snapshot"
    assert [each.type for each in events] == [*["task.completed"] * 4, wanted[1]]
    assert ids(events) == sorted(ids(events))


def test_an_unknown_type_of_event_is_refused(service: Service) -> None:
    job_id = service.batch(["1"], "NOOP")
    answer = service.http.get(f"{JOBS}/{job_id}/events", params={"events": "task.lost"})
    assert problem(answer)[0] == 422
    assert "task.lost" in answer.text or "task.completed" in answer.text
    unknown = service.http.get(f"{JOBS}/job_unknown/events")
    assert problem(unknown) == (404, "not-found")


def test_many_clients_at_once_see_the_same(service: Service) -> None:
    job_id = service.batch(["50"] * 20, "SLEEP", maxConcurrent=4)
    with ThreadPoolExecutor(CLIENTS) as pool:
        seen = list(pool.map(lambda _: service.events(job_id, after=0), range(CLIENTS)))
    log = service.history(job_id)
    assert len(ends := [each for each in log if each.type in TASK_ENDS]) == 20
    assert {each.type for each in ends} == {"task.completed"}
    for events in seen:
        assert logged(events) == log
