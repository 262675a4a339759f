"""What is drawn at a terminal, with a real stream behind it."""

import io
import re
from collections.abc import Callable

from rich.console import Console

from gateway.client import Client
from service.cli.follow import follow
from service.cli.tables import print_end, print_table
from tests.unit.gateway_client.scripted import Exchange, Script, event, serving

STEER = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def terminal(height: int = 24) -> Console:
    return Console(
        file=io.StringIO(), force_terminal=True, width=90, height=height, _environ={}
    )


def drawn(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return STEER.sub("", console.file.getvalue())


def tasks(number: int) -> list[dict[str, object]]:
    return [
        {"documentId": f"doc_{index}", "name": f"{index}.pdf", "status": "PROCESSING"}
        for index in range(number)
    ]


def answer(body: object) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.answer(200, body)


def followed(console: Console, number: int, *more: str) -> str:
    """Follow a job of `number` documents, all at work, up to some event."""
    script = Script()
    snapshot = event(
        "snapshot",
        1,
        id="job_1",
        status="PROCESSING",
        progress=25,
        totalDocuments=number,
        estimatedTimeRemaining=4_000,
    )
    names = answer({"data": tasks(number), "nextPageToken": ""})
    script.then(
        lambda exchange: exchange.stream("retry: 10\n\n", snapshot, *more),
        names,
        lambda exchange: exchange.answer(204),
        answer({"data": {"id": "job_1", "status": "COMPLETED"}}),
    )
    with serving(script) as address, Client(address) as client:
        job = follow(client, "job_1", console)
    assert job.final
    return drawn(console)


def test_a_terminal_shows_the_job_and_each_document_at_work() -> None:
    text = followed(
        terminal(),
        2,
        event(
            "task.progress",
            documentId="doc_0",
            step="text",
            fraction=0.5,
            page=3,
            pages=6,
        ),
    )
    assert "0/2  25 %  about 4 s left" in text
    assert re.search(r"0\.pdf.*text page 3/6", text)
    assert re.search(r"1\.pdf.*starting", text)


def test_a_failure_is_named_at_once_and_later_attempts_are_numbered() -> None:
    text = followed(
        terminal(),
        2,
        event("task.failed", 2, documentId="doc_0", error={"code": "corrupt"}),
        event("task.started", 3, documentId="doc_1", attempt=2),
    )
    assert "0.pdf: failed: corrupt" in text
    assert "1/2  25 %  1 failed" in text
    assert "attempt 2" in text


def test_more_documents_than_lines_are_counted() -> None:
    assert "and 7 more at work" in followed(terminal(height=8), 10)


def test_a_table_cannot_steer_the_terminal() -> None:
    console = terminal()
    print_table(console, ("NAME",), [("\x1b[2J[bold]x",)])
    assert "\x1b[2J" not in (console.file.getvalue())  # type: ignore[attr-defined]
    assert "[2J[bold]x" in drawn(console)


def test_of_a_large_job_only_failures_are_listed() -> None:
    listed = [{**task, "status": "COMPLETED"} for task in tasks(60)]
    listed[7] = {**listed[7], "status": "TIMEOUT", "error": {"code": "job_timeout"}}
    script = Script()
    script.then(
        answer({"data": {"id": "job_1", "status": "TIMEOUT", "totalDocuments": 60}}),
        answer({"data": listed, "nextPageToken": ""}),
    )
    console = Console(file=io.StringIO(), width=80)
    with serving(script) as address, Client(address) as client:
        print_end(console, client, client.status("job_1"))
    lines = drawn(console).splitlines()
    assert lines[1].split() == ["7.pdf", "TIMEOUT", "job_timeout"]
    assert lines[2] == "… and 59 more documents: docmill results job_1"
    assert lines[3].startswith("job_1 TIMEOUT: 0 of 60 documents succeeded")
