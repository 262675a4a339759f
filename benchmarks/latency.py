"""How long one document, and the news of it, is under way."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.documents import texts
from benchmarks.figures import Figure, percentile
from benchmarks.service import (
    JOBS,
    ROOT,
    Received,
    Service,
    connected,
    posted,
    received,
    running,
)
from tools.stack.waiting import free_port, listens, wait_until

SINGLES = 400
NEWS, NEWS_MS, NEWS_AT_ONCE = 200, 20, 5
ROUNDS = 3
PAGE = 200


def measure() -> Iterator[Figure]:
    """Give the latency of a single empty document, and of a document's end."""
    with (
        TemporaryDirectory() as scratch,
        running() as service,
        _echo() as echo_url,
    ):
        yield from _single(Path(scratch), service, echo_url)
        yield from _news(Path(scratch), service, echo_url)


def _single(folder: Path, service: Service, echo_url: str) -> Iterator[Figure]:
    (document_id,) = service.upload(texts(folder, "", 1))
    through: list[list[float]] = []
    bare: list[list[float]] = []
    with (
        closing(connected(service.url)) as connection,
        closing(connected(echo_url)) as echo,
    ):
        for _ in range(SINGLES // 10):
            _process_one(connection, document_id)
        for _ in range(ROUNDS):
            through.append(
                [
                    _process_one(connection, document_id)
                    for _ in range(SINGLES // ROUNDS)
                ]
            )
            bare.append([_answer_one(echo) for _ in range(SINGLES // ROUNDS)])
    yield from _figures(
        "an empty document, POST to last event", through, "a bare POST", bare
    )


def _process_one(connection: HTTPConnection, document_id: str) -> float:
    """Give milliseconds from sending a single document to reading the last event."""
    began = time.perf_counter()
    accepted = posted(
        connection, f"/api/v1/documents/{document_id}/process", {"type": "NOOP"}
    )
    path = f"{JOBS}/{accepted['data']['jobId']}/events?events=batch.completed"
    taken_s = [
        time.perf_counter() - began
        for event in received(connection, path)
        if _tells_the_end(event)
    ]
    return 1000 * taken_s[0]


def _tells_the_end(event: Received) -> bool:
    """Whether an event says that the job is done; a later snapshot does so as well."""
    if event.type == "snapshot":
        return event.data["finishedAt"] is not None
    return event.type == "batch.completed"


def _answer_one(connection: HTTPConnection) -> float:
    began = time.perf_counter()
    posted(connection, "/answer", {"type": "NOOP"})
    return 1000 * (time.perf_counter() - began)


def _news(folder: Path, service: Service, echo_url: str) -> Iterator[Figure]:
    ids = service.upload(texts(folder, str(NEWS_MS), NEWS))
    through, bare = [], []
    _delays(service, ids)
    for _ in range(ROUNDS):
        through.append(_delays(service, ids))
        bare.append(_echo_delays(echo_url))
    yield from _figures(
        "a document's end in the worker to the client's socket",
        through,
        "Starlette SSE echo",
        bare,
    )


def _delays(service: Service, ids: list[str]) -> list[float]:
    """Give for each document the milliseconds from its end to its event's arrival.

    The end is known to the millisecond, so each is up to one too long.
    """
    job_id = service.submit(ids, job_type="SLEEP", at_once=NEWS_AT_ONCE)
    arrived_s = {
        event.data["documentId"]: event.at_s
        for event in service.events(job_id, ["task.completed"])
        if event.type == "task.completed"
    }
    tasks = service.get(f"{JOBS}/{job_id}/tasks?pageSize={PAGE}")["data"]
    return [
        1000 * (arrived_s[each["documentId"]] - _seconds(each["finishedAt"]))
        for each in tasks
        if each["documentId"] in arrived_s
    ]


def _echo_delays(url: str) -> list[float]:
    path = f"/stream?n={NEWS}&pause={NEWS_MS / NEWS_AT_ONCE / 1000}"
    with closing(connected(url)) as connection:
        return [
            1000 * (event.at_s - event.data["at"])
            for event in received(connection, path)
        ]


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def _figures(
    name: str, through: list[list[float]], baseline: str, bare: list[list[float]]
) -> Iterator[Figure]:
    for label, share in (("median", 0.5), ("p99", 0.99)):
        yield Figure(
            name=f"{name}: {label}",
            unit="ms",
            values=tuple(percentile(some, share) for some in through),
            baseline=f"{baseline}, {label}",
            baseline_values=tuple(percentile(some, share) for some in bare),
        )


@contextmanager
def _echo() -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.echo", str(port)], cwd=ROOT
    )
    try:
        wait_until(lambda: listens(port), "the echo")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
