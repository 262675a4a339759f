import threading

import pytest

from gateway.client import Client, DocmillUnreachableError, ProblemError
from tests.unit.gateway_client.scripted import Exchange, Script, event, serving

END = event("batch.completed", 9, jobId="job_1", outcome="succeeded")


def test_events_come_in_order_and_the_last_one_ends_the_stream(
    script: Script, client: Client
) -> None:
    script.then(
        lambda exchange: exchange.stream(
            "retry: 10\n\n",
            ": keep-alive\n\n",
            event("snapshot", 4, id="job_1", status="PROCESSING", totalDocuments=3),
            event("batch.progress", jobId="job_1", progress=33, totalDocuments=3),
            event("task.completed", 5, jobId="job_1", documentId="doc_1"),
            END,
        )
    )
    events = list(client.watch("job_1"))
    assert [each.type for each in events] == [
        "snapshot",
        "batch.progress",
        "task.completed",
        "batch.completed",
    ]
    assert [each.id for each in events] == [4, 4, 5, 9]
    assert len(script.seen) == 1


@pytest.mark.parametrize("loss", ["reset", "closed"])
def test_a_lost_stream_is_resumed_after_the_last_numbered_event(
    script: Script, client: Client, loss: str
) -> None:
    def lose(exchange: Exchange) -> None:
        exchange.stream("retry: 10\n\n", event("task.started", 2, documentId="doc_1"))
        if loss == "reset":
            exchange.drop()

    script.then(lose, lambda exchange: exchange.stream(END))
    events = client.watch("job_1")
    assert [each.id for each in events] == [2, 9]
    first, second = script.seen
    assert "last-event-id" not in first.headers
    assert second.headers["last-event-id"] == "2"


def test_half_an_event_is_not_delivered(script: Script, client: Client) -> None:
    half = event("task.started", 3, documentId="doc_1")[:-20]
    script.then(
        lambda exchange: exchange.stream(
            "retry: 10\n\n", event("task.started", 2, documentId="doc_1"), half
        ),
        lambda exchange: exchange.stream(
            event("task.started", 3, documentId="doc_1"), END
        ),
    )
    assert [each.id for each in client.watch("job_1")] == [2, 3, 9]
    assert script.seen[1].headers["last-event-id"] == "2"


def test_a_stream_with_nothing_left_ends_at_204(script: Script, client: Client) -> None:
    script.then(lambda exchange: exchange.answer(204))
    assert list(client.watch("job_1", last_event_id=9)) == []
    assert script.seen[0].headers["last-event-id"] == "9"


def test_a_snapshot_of_an_ended_job_ends_the_stream(
    script: Script, client: Client
) -> None:
    script.then(
        lambda exchange: exchange.stream(
            event("snapshot", 9, id="job_1", status="FAILED", totalDocuments=1)
        )
    )
    (only,) = client.watch("job_1")
    assert only.final
    progress = only.progress()
    assert progress is not None
    assert (progress.job_id, progress.total_documents) == ("job_1", 1)


def test_a_busy_service_is_reconnected_to(script: Script, client: Client) -> None:
    script.then(
        lambda exchange: exchange.problem(503, "too_many_streams", "Later"),
        lambda exchange: exchange.stream("retry: 10\n\n"),
        lambda exchange: exchange.problem(503, "too_many_streams", "Later"),
        lambda exchange: exchange.stream(END),
    )
    assert [each.id for each in client.watch("job_1")] == [9]
    assert script.finished


def test_a_refused_stream_is_a_problem_at_once(script: Script, client: Client) -> None:
    script.then(lambda exchange: exchange.problem(404, "not_found", "No such job"))
    with pytest.raises(ProblemError, match="No such job"):
        list(client.watch("job_1"))
    assert len(script.seen) == 1


def test_an_answer_that_is_no_stream_is_named_as_such(
    script: Script, client: Client
) -> None:
    script.then(lambda exchange: exchange.answer(200, {"data": []}))
    with pytest.raises(DocmillUnreachableError, match="does not speak like Docmill"):
        list(client.watch("job_1"))


def test_an_event_that_cannot_be_read_is_named_as_such(
    script: Script, client: Client
) -> None:
    script.then(lambda exchange: exchange.stream("event: x\ndata: {oops\n\n"))
    with pytest.raises(DocmillUnreachableError, match="does not speak like Docmill"):
        list(client.watch("job_1"))


def test_a_service_that_was_never_there_is_given_up_soon(script: Script) -> None:
    with serving(script) as gone:
        pass
    with (
        Client(gone) as client,
        pytest.raises(DocmillUnreachableError, match="nothing answers there"),
    ):
        list(client.watch("job_1"))


def test_a_service_that_stays_away_is_given_up_after_the_time_given(
    script: Script,
) -> None:
    script.then(
        lambda exchange: exchange.stream(
            "retry: 10\n\n", event("task.started", 2, documentId="doc_1")
        )
    )
    with serving(script) as address:
        client = Client(address)
        events = client.watch("job_1", give_up_s=0.3)
        assert next(events).id == 2
    with client, pytest.raises(DocmillUnreachableError):
        list(events)


def test_closing_the_client_ends_a_watch_that_waits_to_reconnect(
    script: Script, client: Client
) -> None:
    script.then(
        lambda exchange: exchange.stream("retry: 15000\n\n", event("task.started", 2))
    )
    seen = threading.Event()

    def watch() -> None:
        for _ in client.watch("job_1"):
            seen.set()

    watcher = threading.Thread(target=watch)
    watcher.start()
    assert seen.wait(5)
    client.close()
    watcher.join(5)
    assert not watcher.is_alive()
