from gateway.client import Event, Failure, Task
from service.cli.board import Board, Line


def task(number: int, status: str = "PENDING", **more: object) -> Task:
    name = f"{number}.pdf"
    return Task(document_id=f"doc_{number}", name=name, status=status, **more)  # type: ignore[arg-type]


def happened(kind: str, number: int, **data: object) -> Event:
    return Event(type=f"task.{kind}", data={"documentId": f"doc_{number}", **data})


def snapshot(total: int, **more: object) -> Event:
    known = {"id": "job_1", "status": "PROCESSING", "totalDocuments": total}
    return Event(type="snapshot", data={**known, **more})


def loaded(*tasks: Task) -> Board:
    board = Board()
    board.take(snapshot(len(tasks)))
    for each in tasks:
        board.put(each)
    return board


def test_a_snapshot_names_documents_and_those_at_work() -> None:
    board = loaded(
        task(1, "COMPLETED"),
        task(2, "PROCESSING", step="text", progress=40, attempts=1),
        task(3),
    )
    assert (board.done, board.total) == (1, 3)
    (work,) = board.at_work.values()
    assert (work.name, work.step, work.fraction, work.attempt) == (
        "2.pdf",
        "text",
        0.4,
        2,
    )


def test_who_comes_later_begins_where_the_job_is() -> None:
    board = Board()
    board.take(snapshot(4, progress=50, estimatedTimeRemaining=900))
    assert (board.percent, board.remaining_ms, board.total) == (50, 900, 4)
    refused = Failure(code="corrupt")
    lines = [
        board.put(task(1, "COMPLETED")),
        board.put(task(2, "TIMEOUT", error=refused)),
        board.put(task(3, "CANCELLED", error=Failure(code="cancelled"))),
        board.put(task(4)),
    ]
    assert lines == [
        Line("1.pdf: completed", good=True),
        Line("2.pdf: failed: corrupt", good=False),
        Line("3.pdf: cancelled", good=False),
        None,
    ]
    assert (board.done, board.failed) == (3, 2)


def test_what_the_list_knew_before_the_stream_said_it_counts_once() -> None:
    board = loaded(task(1, "COMPLETED"), task(2))
    assert board.take(happened("started", 1, attempt=1)) is None
    assert board.take(happened("completed", 1, attempt=1)) is None
    assert board.put(task(1, "COMPLETED")) is None
    assert (board.done, dict(board.at_work)) == (1, {})


def test_a_document_is_at_work_from_its_start_to_its_end() -> None:
    board = loaded(task(1))
    assert board.take(happened("started", 1, attempt=1)) is None
    board.take(happened("progress", 1, step="text", fraction=0.5, page=3, pages=9))
    (work,) = board.at_work.values()
    assert (work.step, work.fraction, work.page, work.pages) == ("text", 0.5, 3, 9)
    line = board.take(happened("completed", 1, attempt=1, processingTime=1500))
    assert line == Line("1.pdf: completed in 1.50 s", good=True)
    assert not board.at_work
    assert (board.done, board.failed) == (1, 0)


def test_failures_say_why_and_are_counted() -> None:
    board = loaded(task(1), task(2))
    board.take(happened("started", 1))
    line = board.take(happened("failed", 1, attempts=1, error={"code": "encrypted"}))
    assert line == Line("1.pdf: failed: encrypted", good=False)
    line = board.take(happened("cancelled", 2, how="neverStarted"))
    assert line == Line("2.pdf: cancelled", good=False)
    assert (board.done, board.failed) == (2, 2)


def test_a_retry_is_shown_and_not_counted() -> None:
    board = loaded(task(1))
    board.take(happened("started", 1, attempt=1))
    line = board.take(
        happened("retrying", 1, attempt=1, delay=2000, error={"code": "crashed"})
    )
    assert line == Line("1.pdf: failed: crashed; tried again in 2 s", good=False)
    assert (board.done, dict(board.at_work)) == (0, {})


def test_progress_brings_percent_and_estimate_but_no_count_of_documents() -> None:
    board = loaded(task(1), task(2))
    board.take(
        Event(
            type="batch.progress",
            data={
                "jobId": "job_1",
                "progress": 66,
                "totalDocuments": 2,
                "completed": 1,
                "estimatedTimeRemaining": 4750,
            },
        )
    )
    assert (board.percent, board.remaining_ms, board.done) == (66, 4750, 0)


def test_the_end_fills_the_bar() -> None:
    board = loaded(task(1))
    board.take(Event(type="batch.failed", data={"jobId": "job_1"}))
    assert (board.percent, board.remaining_ms) == (100, None)


def test_what_a_newer_service_may_send_is_passed_over() -> None:
    board = loaded(task(1))
    assert board.take(happened("parked", 1)) is None
    assert board.take(happened("progress", 7, step="text", fraction=0.5)) is None
    assert board.take(Event(type="batch.paused", data={})) is None
    assert not board.at_work


def test_a_name_that_would_steer_the_terminal_is_made_harmless() -> None:
    named = Task(document_id="doc_1", name="\x1b[2J.pdf", status="PROCESSING")
    board = loaded(named)
    assert "\x1b" not in board.at_work["doc_1"].name
