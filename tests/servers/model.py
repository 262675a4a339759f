"""A server that speaks the OpenAI-compatible protocol, well or badly, as told."""

import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DRIP_S = 0.05
READING = {
    "summary": "Muster AG bills 119.00 EUR for paper.",
    "keywords": ["paper", "Muster AG", "invoice"],
    "kind": "invoice",
    "confidence": 0.9,
}
LOOK = {
    "description": "A receipt of a bakery.",
    "keywords": ["bakery", "receipt"],
    "kind": "receipt",
    "confidence": 0.8,
    "text": "Total 4.20",
    "fields": {
        "total": "4.20",
        "currency": "EUR",
        "issue_date": "2026-13-40",
        "iban": "DE00 1234",
        "issuer": "Bakery",
    },
}

Behaviour = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """One connection; its server has the script."""

    server: "ModelServer"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        asked = json.loads(self.rfile.read(length))
        behaviour = self.server.next_behaviour(self.path, dict(self.headers), asked)
        try:
            behaviour(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def answer(
        self,
        status: int,
        body: bytes,
        *,
        kind: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
        """Say nothing."""


class ModelServer(ThreadingHTTPServer):
    """Behaves once for each entry of its script, then as `usual`."""

    daemon_threads = True
    # Connections whose client has left must not hold up the end of a test.
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: deque[Behaviour] = deque()
        self.usual: Behaviour = helpful
        self.asked: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.headers_seen: list[dict[str, str]] = []
        self.flooded: list[int] = []
        """Bytes of each endless answer that were taken."""
        self.over = threading.Event()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def next_behaviour(
        self, path: str, headers: dict[str, str], asked: dict[str, Any]
    ) -> Behaviour:
        with self._lock:
            self.asked.append(asked)
            self.paths.append(path)
            self.headers_seen.append(headers)
            return self.script.popleft() if self.script else self.usual


@contextmanager
def serving() -> Iterator[ModelServer]:
    with ModelServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


def completion(
    content: str | None, *, finish: str = "stop", usage: bool = True
) -> bytes:
    choice = {"message": {"content": content}, "finish_reason": finish}
    answer: dict[str, Any] = {"choices": [choice]}
    if usage:
        answer["usage"] = {"prompt_tokens": 100, "completion_tokens": 20}
    return json.dumps(answer).encode()


def helpful(handler: Handler) -> None:
    """Answer as a good model would."""
    asked = handler.server.asked[-1]
    if handler.path.endswith("/embeddings"):
        data = [
            {"index": number, "embedding": [0.123456789, float(number)]}
            for number in range(len(asked["input"]))
        ]
        body = {"data": data, "usage": {"prompt_tokens": 7}}
        handler.answer(200, json.dumps(body).encode())
        return
    shown = json.dumps(asked["messages"])
    content = json.dumps(LOOK if "image_url" in shown else READING)
    handler.answer(200, completion(content))


def says(content: str | None, *, finish: str = "stop", usage: bool = True) -> Behaviour:
    body = completion(content, finish=finish, usage=usage)
    return lambda handler: handler.answer(200, body)


def fails(
    status: int,
    code: str = "",
    message: str = "no",
    *,
    retry_after: str | None = None,
) -> Behaviour:
    body = json.dumps({"error": {"message": message, "code": code}}).encode()
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return lambda handler: handler.answer(status, body, headers=headers)


def body_of(body: bytes, kind: str = "application/json") -> Behaviour:
    return lambda handler: handler.answer(200, body, kind=kind)


def hang(handler: Handler) -> None:
    """Say nothing until the test is over."""
    handler.server.over.wait(30)
    handler.close_connection = True


def drip_headers(handler: Handler) -> None:
    """Send a header without end, a byte at a time."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    _drip(handler)


def drip_body(handler: Handler) -> None:
    """Send an answer without end, a byte at a time."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    _drip(handler)


def cut_off(handler: Handler) -> None:
    """Promise more than is sent."""
    whole = completion(json.dumps(READING))
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(whole)}\r\n\r\n"
    handler.wfile.write(head.encode() + whole[:40])
    handler.close_connection = True


def reset(handler: Handler) -> None:
    """Break the connection without a word."""
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.close_connection = True


def flood(handler: Handler) -> None:
    """Send more than anybody should keep."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
    piece, sent = b" " * 1_000_000, 0
    try:
        for _ in range(100):
            handler.wfile.write(piece)
            sent += len(piece)
    finally:
        handler.server.flooded.append(sent)


def _drip(handler: Handler) -> None:
    while not handler.server.over.wait(DRIP_S):
        handler.wfile.write(b"a")
        handler.wfile.flush()
    handler.close_connection = True
