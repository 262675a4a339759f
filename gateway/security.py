"""What browsers are kept from doing: foreign names for this host, foreign requests."""

from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.problems import ProblemError, problem_response
from service.settings import is_loopback

LOCAL_NAMES: Final = ("127.0.0.1", "::1", "localhost")
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Our own scripts and styles, nothing inline, nobody's frame (CSP level 3)."""
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}


class SecurityMiddleware:
    """Refuses foreign hosts and origins, and marks every answer.

    Without the host check a foreign page could reach the service through a name of
    its own that leads to 127.0.0.1 (DNS rebinding); without the origin check it could
    post forms to it.

    Args:
        app: What to protect.
        hosts: Names this service answers to, without port; None = every name, for one
            that anybody reaches needs no such trick.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] | None) -> None:
        self._app = app
        self._hosts = None if hosts is None else frozenset(map(str.lower, hosts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve or refuse one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        problem = self._problem(Headers(scope=scope), scope["method"])
        app = self._app if problem is None else problem_response(problem)
        await app(scope, receive, marked)

    def _problem(self, headers: Headers, method: str) -> ProblemError | None:
        host = headers.get("host", "")
        if self._hosts is not None and _name(host) not in self._hosts:
            return ProblemError("invalid_host", "Use the address it listens on.")
        origin = headers.get("origin")
        if method in SAFE_METHODS or origin is None:
            return None
        if _authority(origin) == host.lower():
            return None
        return ProblemError("foreign_origin", "The request came from another site.")


def answered_names(host: str) -> frozenset[str] | None:
    """Give the names that a service listening on `host` answers to; None = every."""
    return frozenset({*LOCAL_NAMES, host}) if is_loopback(host) else None


def _name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _authority(origin: str) -> str | None:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    return parts.netloc.lower() if parts.scheme in {"http", "https"} else None
