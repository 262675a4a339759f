"""A small real HTTP server whose answers a test writes down beforehand."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ACCEPTED = {
    "data": {
        "jobId": "job_1",
        "status": "PENDING",
        "documentCount": 2,
        "type": "DATA_EXTRACTION",
    },
    "message": "Batch processing job created successfully",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Exchange:
    """One request being answered; a test's step writes to it."""

    def __init__(self, handler: BaseHTTPRequestHandler, seen: Seen) -> None:
        self._handler = handler
        self.seen = seen

    def answer(
        self,
        status: int,
        body: object = None,
        *,
        content_type: str = "application/json",
        **headers: str,
    ) -> None:
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        if body is None:
            payload = b""
        self._handler.send_response(status)
        for name, value in headers.items():
            self._handler.send_header(name.replace("_", "-"), value)
        self._handler.send_header("Content-Type", content_type)
        self._handler.send_header("Content-Length", str(len(payload)))
        self._handler.end_headers()
        self._handler.wfile.write(payload)

    def problem(self, status: int, code: str, detail: str, **more: object) -> None:
        kind = {"type": "/problems/" + code.replace("_", "-"), "title": code}
        body = {**kind, "detail": detail, **more}
        self.answer(status, body, content_type="application/problem+json")

    def stream(self, *chunks: str) -> None:
        """Send a stream's head and some of it; it ends when the step returns."""
        self._handler.send_response(200)
        self._handler.send_header("Content-Type", "text/event-stream")
        self._handler.send_header("Connection", "close")
        self._handler.end_headers()
        self._handler.close_connection = True
        for chunk in chunks:
            self._handler.wfile.write(chunk.encode())
            self._handler.wfile.flush()

    def drop(self) -> None:
        """Reset the TCP connection, as a dying host does."""
        self._handler.close_connection = True
        linger = struct.pack("ii", 1, 0)
        sock = self._handler.connection
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._handler.wfile.close()
        self._handler.rfile.close()
        sock.close()


Step = Callable[[Exchange], None]


class Script:
    """Answers each request with the next step and remembers what it saw."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self._steps: list[Step] = []
        self._lock = threading.Lock()

    def then(self, *steps: Step) -> None:
        self._steps.extend(steps)

    def next(self, seen: Seen) -> Step:
        with self._lock:
            self.seen.append(seen)
            return self._steps.pop(0) if self._steps else _unexpected

    @property
    def finished(self) -> bool:
        return not self._steps


def _unexpected(exchange: Exchange) -> None:
    exchange.problem(500, "unexpected", f"no step for {exchange.seen.path}")


@contextmanager
def serving(script: Script) -> Iterator[str]:
    """Serve the script on a free port; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            length = int(self.headers.get("content-length", 0))
            chunked = self.headers.get("transfer-encoding") == "chunked"
            assert not chunked, "the script reads bodies of known length"
            body = self.rfile.read(length)
            headers = {key.lower(): value for key, value in self.headers.items()}
            seen = Seen(self.command, self.path, headers, body)
            script.next(seen)(Exchange(self, seen))

        do_GET = do_POST = do_DELETE = _handle  # noqa: N815 - the names http.server calls

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

        def handle(self) -> None:
            try:
                super().handle()
            except (OSError, ValueError):
                """The step or the client closed the connection."""

        def finish(self) -> None:
            try:
                super().finish()
            except (OSError, ValueError):
                """The same."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def event(kind: str, seq: int | None = None, **data: object) -> str:
    """Write one event as the service does."""
    body = {"type": kind, "timestamp": "2026-11-09T10:00:00.000Z", "data": data}
    number = "" if seq is None else f"id: {seq}\n"
    return f"event: {kind}\n{number}data: {json.dumps(body)}\n\n"


def status(state: str, **more: object) -> dict[str, object]:
    return {"data": {"id": "job_1", "status": state, "totalDocuments": 2, **more}}
