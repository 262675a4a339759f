"""The real service as a process of its own, and a lean way to talk to it.

What is timed goes through `http.client`, whose own cost is small and the same for the
baselines; what is not goes through the client people use.
"""

import http.client
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from benchmarks import processes
from gateway.client import Client
from tests.support import eventually

ROOT = Path(__file__).resolve().parent.parent
JOBS = "/api/v1/documents/batch-process"
END_TYPES = ("batch.completed", "batch.failed", "batch.timeout", "batch.cancelled")

_READY = re.compile(r"Docmill is ready at (http://\S+)")
_READY_LIMIT_S = 30.0
_MADE_UP = "DOCMILL_JOB_TYPE_MODULES=tests.made_up_work"
_STOP_LIMIT_S = 20.0
_ANSWER_LIMIT_S = 120.0
_CHUNK_BYTES = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An event of a stream.

    Attributes:
        type: As in its JSON.
        data: Its ``data``.
        at_s: Wall-clock time at which its bytes were read from the socket.
    """

    type: str
    data: dict[str, Any]
    at_s: float


class Service:
    """A running service.

    Args:
        url: Where it listens.
        pid: Of its process.
    """

    def __init__(self, url: str, pid: int) -> None:
        self.url = url
        self.pid = pid

    def upload(self, files: Sequence[Path]) -> list[str]:
        """Store files; give their document ids, in the same order."""
        with Client(self.url) as client:
            return [str(each.document_id) for each in client.upload(files)]

    def submit(
        self,
        document_ids: Sequence[str],
        *,
        job_type: str,
        at_once: int,
        **options: int,
    ) -> str:
        """Submit a job and give its id."""
        body = {
            "documentIds": list(document_ids),
            "type": job_type,
            "options": {"maxConcurrent": at_once, **options},
        }
        return str(self.post(JOBS, body)["data"]["jobId"])

    def post(self, path: str, body: object) -> Any:
        """Send JSON on a connection of its own; give the JSON that is answered."""
        with closing(connected(self.url)) as connection:
            return posted(connection, path, body)

    def get(self, path: str) -> Any:
        """Give the JSON at `path`."""
        with closing(connected(self.url)) as connection:
            connection.request("GET", path)
            return _answer(connection)

    def events(
        self, job_id: str, types: Sequence[str] = END_TYPES
    ) -> Iterator[Received]:
        """Give a job's events of some types until its last."""
        path = f"{JOBS}/{job_id}/events?events={','.join(types)}"
        with closing(connected(self.url)) as connection:
            yield from received(connection, path)

    def finished(self, job_id: str) -> dict[str, Any]:
        """Wait until a job ended; give its body.

        Raises:
            RuntimeError: Some of its documents did not succeed.
        """
        for _ in self.events(job_id):
            pass
        body: dict[str, Any] = self.get(f"{JOBS}/{job_id}")["data"]
        if body["processedDocuments"] != body["totalDocuments"]:
            message = f"job {job_id} ended {body['status']}: {body['errors'][:1]}"
            raise RuntimeError(message)
        return body

    def cpu_s(self) -> float:
        """Give the CPU seconds of the service and its children so far."""
        return processes.cpu_s(self.pid)

    def rss_bytes(self) -> int:
        """Give the resident memory of the service's own process."""
        return processes.rss_bytes(self.pid)


@contextmanager
def running(data_dir: Path | None = None) -> Iterator[Service]:
    """Run ``docmill up`` on a folder (a new one by default) for a ``with`` block."""
    with TemporaryDirectory(prefix="docmill-bench-") as scratch:
        folder = data_dir or Path(scratch) / "data"
        log = Path(scratch) / "log"
        with log.open("wb") as output, _process(folder, output.fileno()) as process:
            try:
                url = _ready_url(process, log)
                yield Service(url, process.pid)
            finally:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(_STOP_LIMIT_S)
                except subprocess.TimeoutExpired:
                    process.kill()


def connected(url: str) -> http.client.HTTPConnection:
    """Give a connection to where `url` points."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    return http.client.HTTPConnection(
        parts.hostname, parts.port, timeout=_ANSWER_LIMIT_S
    )


def posted(connection: http.client.HTTPConnection, path: str, body: object) -> Any:
    """Send JSON; give the JSON that is answered."""
    headers = {"Content-Type": "application/json"}
    connection.request("POST", path, json.dumps(body), headers)
    return _answer(connection)


def received(connection: http.client.HTTPConnection, path: str) -> Iterator[Received]:
    """Give the events of the stream at `path` until it ends."""
    connection.request("GET", path, headers={"Accept": "text/event-stream"})
    response = connection.getresponse()
    buffer = b""
    while chunk := response.read1(_CHUNK_BYTES):
        at_s = time.time()
        *blocks, buffer = (buffer + chunk).split(b"\n\n")
        for block in blocks:
            for line in block.splitlines():
                if line.startswith(b"data: "):
                    event = json.loads(line[6:])
                    yield Received(type=event["type"], data=event["data"], at_s=at_s)


def seconds_between(body: dict[str, Any]) -> float:
    """Give the time from a job's first release to its last final."""
    began, ended = (
        datetime.fromisoformat(body[name]) for name in ("startedAt", "finishedAt")
    )
    return (ended - began).total_seconds()


def command(*arguments: str) -> list[str]:
    """Give the command line of ``docmill`` that knows made-up work."""
    return ["env", _MADE_UP, sys.executable, "-m", "service.cli", *arguments]


def _answer(connection: http.client.HTTPConnection) -> Any:
    with connection.getresponse() as response:
        body = response.read()
    if not 200 <= response.status < 300:
        raise RuntimeError(f"{response.status}: {body.decode(errors='replace')}")
    return json.loads(body)


def _process(folder: Path, output: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command("up", "--port", "0", "--data-dir", str(folder)),
        cwd=ROOT,
        stdout=output,
        stderr=subprocess.STDOUT,
    )


def _ready_url(process: subprocess.Popen[bytes], log: Path) -> str:
    """Wait until the service says where it listens.

    Raises:
        RuntimeError: It ended instead.
    """

    def look() -> str:
        said = log.read_text(errors="replace")
        match = _READY.search(said)
        if match is None and process.poll() is not None:
            raise RuntimeError(said)
        return match[1] if match else ""

    return eventually(look, timeout_s=_READY_LIMIT_S)
