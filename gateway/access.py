"""Counts and times every answer by its route's template."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.clock import Clock
from service.metrics import Metrics

NO_ROUTE: Final = "none"
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER_METHOD: Final = "other"
CLIENT_LEFT: Final = 499
"""Status shown for requests that ended without an answer (as nginx counts them)."""
EVENT_STREAM: Final = b"text/event-stream"


class AccessMiddleware:
    """Keeps the HTTP metrics.

    Args:
        app: What to measure.
        metrics: Where to count.
        clock: Measures.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, clock: Clock) -> None:
        self._app = app
        self._metrics = metrics
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, streaming = CLIENT_LEFT, False

        async def noted(message: Message) -> None:
            nonlocal status, streaming
            if message["type"] == "http.response.start":
                status = message["status"]
                streaming = any(
                    EVENT_STREAM in value for _, value in message["headers"]
                )
            await send(message)

        began = self._clock.monotonic()
        try:
            await self._app(scope, receive, noted)
        finally:
            seconds = self._clock.monotonic() - began
            self._count(scope, status, None if streaming else seconds)

    def _count(self, scope: Scope, status: int, seconds: float | None) -> None:
        route = getattr(scope.get("route"), "path", NO_ROUTE)
        method = scope["method"] if scope["method"] in METHODS else OTHER_METHOD
        self._metrics.http_requests.labels(method, route, str(status)).inc()
        if seconds is not None:
            self._metrics.http_duration.labels(method, route).observe(seconds)
