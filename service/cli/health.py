"""Health and metrics of a process that serves nothing else over HTTP."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from service.clock import Clock
from service.errors import ConflictError

JSON: Final = "application/json"
ANSWER_LIMIT_S: Final = 10.0
"""A client that sends or takes nothing for so long is let go."""
LOOK_EVERY_S: Final = 1.0
"""What takes a while to look at is looked at no more often."""
LOOK_WAIT_S: Final = 0.5
"""A look that takes longer counts as down until it is over."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the process can do its work.

    Attributes:
        parts: What it cannot do without, like ``broker``, and whether that is well.
        role: What it does among others of its kind, if that changes.
    """

    parts: Mapping[str, bool]
    role: str | None = None


class Looks:
    """Whether something is well that may take long to say so, like a database.

    It is looked at when asked, on a thread of its own, at most once in a while and
    never twice at a time: whoever asks waits for `LOOK_WAIT_S` and no longer.

    Args:
        look: Looks.
        clock: Time.
    """

    def __init__(self, look: Callable[[], bool], clock: Clock) -> None:
        self._look = look
        self._clock = clock
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._over.set()
        self._next_s = clock.monotonic()
        self._well = False

    def well(self) -> bool:
        """Say what the last look found; False if it does not come to an end."""
        with self._lock:
            now_s = self._clock.monotonic()
            if self._over.is_set() and now_s >= self._next_s:
                self._next_s = now_s + LOOK_EVERY_S
                self._over.clear()
                threading.Thread(target=self._run, name="look", daemon=True).start()
        return self._over.wait(LOOK_WAIT_S) and self._well

    def _run(self) -> None:
        well = False
        try:
            well = self._look()
        finally:
            self._well = well
            self._over.set()


class HealthServer:
    """Answers ``/livez``, ``/readyz`` and ``/metrics`` on threads of its own.

    Args:
        host: Address to listen on.
        port: Port; 0 takes a free one.
        registry: What ``/metrics`` shows.
        live: Whether the process should be left alone; otherwise it is restarted.
        ready: Whether it can do its work.

    Raises:
        ConflictError: Code ``port_taken``: it cannot listen there.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        registry: CollectorRegistry,
        live: Callable[[], bool],
        ready: Callable[[], Readiness],
    ) -> None:
        def answer(path: str) -> tuple[int, str, bytes]:
            match path:
                case "/livez":
                    return _status("live", Readiness(parts={"threads": live()}))
                case "/readyz":
                    return _status("ready", ready())
                case "/metrics":
                    return 200, CONTENT_TYPE_LATEST, generate_latest(registry)
                case _:
                    return _json(404, {"status": "not found"})

        try:
            self._server = _Server((host, port), _handler(answer))
        except OSError as error:
            raise ConflictError(
                f"Cannot listen on {host}:{port} for health and metrics: "
                f"{error.strerror or error}. Choose another --health-port.",
                code="port_taken",
            ) from error
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="health", daemon=True
        )

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet about clients that went away."""


def _handler(
    answer: Callable[[str], tuple[int, str, bytes]],
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = ANSWER_LIMIT_S
        server_version = "docmill"
        sys_version = ""

        def do_GET(self) -> None:  # http.server's name
            """Answer one request."""
            status, media_type, body = answer(self.path.partition("?")[0])
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # theirs
            """Log nothing: probes come every few seconds."""

    return Handler


def _status(name: str, said: Readiness) -> tuple[int, str, bytes]:
    well = all(said.parts.values())
    body = {"status": name if well else f"not {name}"}
    body |= {part: "ok" if fine else "down" for part, fine in said.parts.items()}
    if said.role is not None:
        body["role"] = said.role
    return _json(200 if well else 503, body)


def _json(status: int, body: Mapping[str, str]) -> tuple[int, str, bytes]:
    return status, JSON, json.dumps(body).encode()
