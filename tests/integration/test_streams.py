"""A job's live events: no holes, resumable, conflated, ended."""

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from httpx_sse import EventSource, ServerSentEvent

from service.domain.model import JobId, TaskStatus
from service.messages import JobNotice
from tests.integration.gateway_harness import (
    JOBS,
    RunningGateway,
    problem,
    running_gateway,
)
from tests.support import eventually


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    with running_gateway(tmp_path / "data", max_streams=3) as running:
        yield running


class Listener:
    """Reads one stream on a thread of its own."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._queue: queue.Queue[ServerSentEvent | None] = queue.Queue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def next(self, timeout_s: float = 10) -> ServerSentEvent:
        event = self._queue.get(timeout=timeout_s)
        assert event is not None, "the stream ended"
        return event

    def rest(self) -> list[ServerSentEvent]:
        """Give all events until the stream ends."""
        return list(iter(lambda: self._queue.get(timeout=10), None))

    def _read(self) -> None:
        try:
            for event in EventSource(self.response).iter_sse():
                self._queue.put(event)
        except httpx.HTTPError:
            pass
        self._queue.put(None)


@contextmanager
def listening(
    gateway: RunningGateway, job: str, *, last: object = None, query: str = ""
) -> Iterator[Listener]:
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    path = f"{JOBS}/{job}/events{query}"
    with gateway.client.stream("GET", path, headers=headers) as response:
        assert response.status_code == 200, response.read()
        yield Listener(response)


def test_a_stream_begins_with_a_snapshot_and_ends_with_the_job(
    gateway: RunningGateway,
) -> None:
    job, [document] = gateway.started("a.txt")
    with listening(gateway, job) as listener:
        assert listener.response.headers["content-type"].startswith("text/event-stream")
        first = listener.next()
        assert (first.event, first.id, first.retry) == ("snapshot", "1", 1000)
        body = first.json()
        assert body["type"] == "snapshot"
        assert body["data"]["id"] == job
        assert body["data"]["documentIds"] == [document]
        gateway.mover.log(job, "batch.started", "task.started")
        gateway.mover.end_documents(job, {document: TaskStatus.COMPLETED})
        gateway.mover.finish(job)
        events = listener.rest()
    assert [(each.event, each.id) for each in events] == [
        ("batch.started", "2"),
        ("task.started", "3"),
        ("task.completed", "4"),
        ("batch.completed", "5"),
    ]
    assert events[0].json()["data"]["jobId"] == job
    assert events[0].json()["timestamp"].endswith("Z")


def test_a_reconnect_gets_exactly_what_it_missed(gateway: RunningGateway) -> None:
    job, _ = gateway.started("a.txt")
    gateway.mover.log(job, "batch.started", "task.started", "task.retrying")
    with listening(gateway, job, last=2) as listener:
        assert [listener.next().id for _ in range(2)] == ["3", "4"]
        gateway.mover.log(job, "task.started")
        assert listener.next().id == "5"


@pytest.mark.parametrize("last", ["99", "-1", "abc", "", "9" * 30])
def test_an_unknown_position_gives_a_new_snapshot(
    gateway: RunningGateway, last: str
) -> None:
    job, _ = gateway.started("a.txt")
    with listening(gateway, job, last=last) as listener:
        assert listener.next().event == "snapshot"


def test_an_ended_job_gives_a_snapshot_once_and_then_204(
    gateway: RunningGateway,
) -> None:
    job, [document] = gateway.started("a.txt")
    gateway.mover.end_documents(job, {document: TaskStatus.COMPLETED})
    gateway.mover.finish(job)
    with listening(gateway, job) as listener:
        [only] = listener.rest()
    assert only.event == "snapshot"
    again = gateway.client.get(
        f"{JOBS}/{job}/events", headers={"Last-Event-ID": only.id}
    )
    assert again.status_code == 204
    with listening(gateway, job, last=2) as listener:
        assert [each.event for each in listener.rest()] == ["batch.completed"]


def test_a_lost_notice_delays_and_never_loses(gateway: RunningGateway) -> None:
    job, [document] = gateway.started("a.txt")
    with listening(gateway, job) as listener:
        assert listener.next().event == "snapshot"
        gateway.mover.commit(job, types=("batch.started",), announce=False)
        gateway.mover.end_documents(job, {document: TaskStatus.COMPLETED})
        assert [listener.next().id for _ in range(2)] == ["2", "3"]
        gateway.mover.finish(job, announce=False)
        assert [each.event for each in listener.rest()] == ["batch.completed"]


def test_duplicated_and_late_notices_change_nothing(gateway: RunningGateway) -> None:
    job, _ = gateway.started("a.txt")
    with listening(gateway, job) as listener:
        listener.next()
        gateway.mover.log(job, "batch.started")
        rows = gateway.store.events_after(JobId(job), 1, 10)
        owner = gateway.store.job("local", JobId(job)).job.owner  # type: ignore[arg-type]
        notice = JobNotice(job_id=JobId(job), owner=owner, rows=rows)
        gateway.transport.publish_notice(notice)
        gateway.mover.log(job, "task.started")
        gateway.transport.publish_notice(notice)
        gateway.mover.log(job, "task.started")
        assert [listener.next().id for _ in range(3)] == ["2", "3", "4"]


def test_progress_is_conflated_and_carries_no_id(gateway: RunningGateway) -> None:
    job, [document] = gateway.started("a.txt")
    with listening(gateway, job) as listener:
        listener.next()
        began_s = time.monotonic()
        for percent in range(1, 61):
            gateway.mover.progress(job, percent)
        seen: list[dict[str, Any]] = []
        while not seen or seen[-1]["data"]["progress"] < 60:
            event = listener.next()
            assert event.event == "batch.progress"
            seen.append(event.json())
        spent_s = time.monotonic() - began_s
        gateway.mover.end_documents(job, {document: TaskStatus.COMPLETED})
        assert listener.next().id == "2"
    assert len(seen) < min(60, 10 * spent_s + 2)
    percents = [each["data"]["progress"] for each in seen]
    assert percents == sorted(percents)


def test_nothing_follows_the_last_event(gateway: RunningGateway) -> None:
    job, [document] = gateway.started("a.txt")
    with listening(gateway, job) as listener:
        listener.next()
        gateway.mover.end_documents(job, {document: TaskStatus.COMPLETED})
        ended = gateway.mover.finish(job, announce=False)
        late = JobNotice(
            job_id=ended.id,
            owner=ended.owner,
            rows=gateway.store.events_after(ended.id, ended.last_seq - 1, 10),
            progress=msgspec.Raw(b'{"progress":50}'),
            final=True,
        )
        gateway.transport.publish_notice(late)
        events = [each.event for each in listener.rest()]
    assert events == ["task.completed", "batch.completed"]


def test_types_can_be_chosen(gateway: RunningGateway) -> None:
    job, [document] = gateway.started("a.txt")
    with listening(gateway, job, query="?events=task.completed") as listener:
        assert listener.next().event == "snapshot"
        gateway.mover.log(job, "batch.started")
        gateway.mover.progress(job, 50)
        gateway.mover.end_documents(job, {document: TaskStatus.COMPLETED})
        gateway.mover.finish(job)
        events = listener.rest()
        text_id = [each.id for each in events]
    assert [each.event for each in events if each.data] == ["task.completed"]
    assert text_id[0] == "3"
    with listening(gateway, job, query="?events=snapshot") as listener:
        assert [each.event for each in listener.rest()] == ["snapshot"]
    with listening(gateway, job, query="?events=", last=2) as listener:
        assert [each.event for each in listener.rest()][-1] == "batch.completed"
    unknown = gateway.client.get(f"{JOBS}/{job}/events?events=task.sang")
    assert unknown.status_code == 422
    assert unknown.json()["errors"][0]["pointer"] == "/events/0"


def test_a_filtered_stream_says_how_far_it_came(gateway: RunningGateway) -> None:
    job, [document] = gateway.started("a.txt")
    gateway.mover.end_documents(job, {document: TaskStatus.COMPLETED})
    gateway.mover.finish(job)
    answer = gateway.client.get(
        f"{JOBS}/{job}/events?events=task.completed", headers={"Last-Event-ID": "1"}
    )
    assert answer.text.endswith("id: 3\n\n")


def test_more_streams_than_allowed_are_sent_away(gateway: RunningGateway) -> None:
    job, _ = gateway.started("a.txt")
    with (
        listening(gateway, job) as first,
        listening(gateway, job) as second,
        listening(gateway, job) as third,
    ):
        for each in (first, second, third):
            each.next()
        refused = gateway.client.get(f"{JOBS}/{job}/events")
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
        assert refused.json()["type"] == "/problems/too-many-streams"
        # What would open none is answered all the same.
        unknown = gateway.client.get(f"{JOBS}/job_unknown/events")
        assert unknown.status_code == 404
        ended = JobId(gateway.submit(gateway.upload("b.txt")))
        gateway.mover.finish(ended)
        seen = {"Last-Event-ID": str(gateway.store.last_seqs([ended])[ended])}
        over = gateway.client.get(f"{JOBS}/{ended}/events", headers=seen)
        assert over.status_code == 204
        assert "docmill_open_streams 3.0" in gateway.client.get("/metrics").text

    def open_again() -> bool:
        gateway.mover.log(job, "task.started")  # wakes readers of closed sockets
        with gateway.client.stream("GET", f"{JOBS}/{job}/events") as response:
            return response.status_code == 200

    eventually(open_again)


def test_a_long_log_is_replayed_whole(gateway: RunningGateway) -> None:
    job, [document] = gateway.started("a.txt")
    for _ in range(3):
        gateway.mover.commit(job, types=("task.started",) * 600, announce=False)
    gateway.mover.end_documents(job, {document: TaskStatus.COMPLETED})
    gateway.mover.finish(job)
    with listening(gateway, job, last=1) as listener:
        ids = [int(each.id) for each in listener.rest()]
    assert ids == list(range(2, 1804))


def test_streams_end_when_the_service_stops(tmp_path: Path) -> None:
    with running_gateway(tmp_path / "stopping") as gateway:
        job, _ = gateway.started("a.txt")
        response = gateway.client.send(
            gateway.client.build_request("GET", f"{JOBS}/{job}/events"), stream=True
        )
        listener = Listener(response)
        assert listener.next().event == "snapshot"
    assert listener.rest() == []


def test_a_head_request_opens_no_stream(gateway: RunningGateway) -> None:
    job, _ = gateway.started("a.txt")
    answer = gateway.client.head(f"{JOBS}/{job}/events")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    assert "docmill_open_streams 0.0" in gateway.client.get("/metrics").text


def test_a_database_that_is_gone_is_said_before_the_stream(
    gateway: RunningGateway,
) -> None:
    job, _ = gateway.started("a.txt")
    gateway.store.close()
    file = Path(gateway.settings.effective_store_url.removeprefix("sqlite:///"))
    kept = file.read_bytes()
    file.write_bytes(b"not a database at all" * 100)
    problem(gateway.client.get(f"{JOBS}/{job}/events"), 503, "unavailable")
    gateway.store.close()
    file.write_bytes(kept)
    with listening(gateway, job) as listener:
        assert listener.next().event == "snapshot"
