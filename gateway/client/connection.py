"""One address of the service: requests, retries of lost connections, problems."""

import ipaddress
import random
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from gateway.client.errors import ClientError, DocmillUnreachableError, ProblemError

T = TypeVar("T")

RETRIES: Final = 2
"""Further tries of a request whose connection failed."""
PLAIN_TEXT: Final = "text/plain"
FIRST_DELAY_S: Final = 0.1
BUSY_STATUSES: Final = frozenset({429, 502, 503, 504})
"""Answers that a moment later may be different ones (RFC 9110 §15, RFC 6585)."""
MAX_BUSY_DELAY_S: Final = 5.0
"""Longest ``Retry-After`` that is waited for within a request."""


class Envelope(msgspec.Struct, Generic[T], frozen=True, kw_only=True, rename="camel"):
    """The frame around every successful answer."""

    data: T
    next_page_token: str = ""


class _Problem(msgspec.Struct, frozen=True, kw_only=True):
    type: str = "about:blank"
    title: str = ""
    detail: str = ""
    errors: tuple[dict[str, Any], ...] = ()


class Connection:
    """Talks HTTP to one Docmill; may be used by several threads.

    Args:
        base_url: Where Docmill listens, like ``http://127.0.0.1:8000``.
        timeout_s: Longest wait for an answer, or for one piece of it, in seconds.
        jitter: Gives numbers in [0, 1) that spread retries over time.
    """

    def __init__(
        self,
        base_url: str,
        *,
        timeout_s: float,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ClientError(
                f"{base_url!r} is no address of a Docmill: it looks like "
                "http://127.0.0.1:8000",
                code="invalid_address",
            )
        self.base_url = base_url.rstrip("/")
        self.timeout_s = timeout_s
        self.jitter = jitter
        self.closed = threading.Event()
        self.http = httpx.Client(
            base_url=self.base_url,
            timeout=timeout_s,
            follow_redirects=False,
            trust_env=not _is_loopback(parts.hostname),
        )

    def close(self) -> None:
        """End waiting for retries and give the connections back."""
        self.closed.set()
        self.http.close()

    def call(
        self,
        method: str,
        path: str,
        into: type[T],
        *,
        params: Mapping[str, str | int] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Envelope[T]:
        """Send one request and read its answer.

        Raises:
            ProblemError: The service refused or failed it.
            DocmillUnreachableError: No answer came, or one that is not Docmill's.
        """
        content = None if body is None else msgspec.json.encode(body)
        sent_headers = {"Accept": "application/json", **(headers or {})}
        if content is not None:
            sent_headers["Content-Type"] = "application/json"

        def send() -> httpx.Response:
            return self.http.request(
                method, path, params=params, content=content, headers=sent_headers
            )

        return self.decode(self.attempt(send), into)

    def text(self, path: str) -> str:
        """Fetch a plain text; raises as `call` does."""
        response = self.attempt(
            lambda: self.http.get(path, headers={"Accept": PLAIN_TEXT})
        )
        if not response.is_success:
            raise problem(response)
        kind = response.headers.get("content-type", "")
        if not kind.startswith(PLAIN_TEXT):
            raise self.strange(f"a text came as {kind or 'nothing known'}")
        return response.content.decode("utf-8", errors="replace")

    def remove(self, path: str) -> None:
        """Delete what is there; raises as `call` does."""
        response = self.attempt(lambda: self.http.delete(path))
        if not response.is_success:
            raise problem(response)

    def attempt(self, send: Callable[[], httpx.Response]) -> httpx.Response:
        """Send until the service answers, at most `RETRIES` times more.

        The request must be safe to repeat: it changes nothing, is idempotent, or
        carries an ``Idempotency-Key``. A slow answer is not asked for again.
        """
        for number in range(RETRIES + 1):
            if self.closed.is_set():
                raise ClientError("The client is closed.")
            last = number == RETRIES
            try:
                response = send()
            except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
                if last:
                    raise self.unreachable(error) from error
                self.pause(FIRST_DELAY_S * 2**number)
                continue
            except httpx.HTTPError as error:
                raise self.unreachable(error) from error
            if response.status_code not in BUSY_STATUSES or last:
                return response
            self.pause(retry_after_s(response, FIRST_DELAY_S * 2**number))
        raise AssertionError("the last round returns or raises")

    def decode(self, response: httpx.Response, into: type[T]) -> Envelope[T]:
        """Read a successful answer; raises as `call` does."""
        if not response.is_success:
            raise problem(response)
        try:
            return msgspec.json.decode(
                response.content,
                type=Envelope[into],  # type: ignore[valid-type]  # built at run time
            )
        except msgspec.MsgspecError as error:
            raise self.strange(str(error)) from error

    def pause(self, delay_s: float) -> None:
        """Wait up to half as long again as `delay_s`, unless closed meanwhile."""
        self.closed.wait(delay_s * (1 + self.jitter() / 2))

    def unreachable(self, error: httpx.HTTPError) -> DocmillUnreachableError:
        """Say in one line what kept the service from answering."""
        if isinstance(error, httpx.ConnectError):
            why = "nothing answers there"
        elif isinstance(error, httpx.TimeoutException):
            why = f"no answer within {self.timeout_s:g} s"
        else:
            why = f"the connection broke ({type(error).__name__})"
        return DocmillUnreachableError(
            f"Cannot reach Docmill at {self.base_url}: {why}. Is it running? "
            "Start it with: docmill up"
        )

    def strange(self, why: str) -> DocmillUnreachableError:
        """Say in one line that something else than Docmill answers."""
        return DocmillUnreachableError(
            f"What answers at {self.base_url} does not speak like Docmill: {why}"
        )


def problem(response: httpx.Response) -> ProblemError:
    """Read the body of a refused request, whoever wrote it."""
    try:
        body = msgspec.json.decode(response.content, type=_Problem)
    except msgspec.MsgspecError:
        body = _Problem()
    return ProblemError(
        status=response.status_code,
        type=body.type,
        title=body.title or f"{response.status_code} {response.reason_phrase}",
        detail=body.detail,
        errors=body.errors,
    )


def retry_after_s(response: httpx.Response, default_s: float) -> float:
    """Give the wait in seconds that a busy answer asks for, within bounds."""
    asked = response.headers.get("retry-after", "")
    return min(float(asked), MAX_BUSY_DELAY_S) if asked.isdecimal() else default_s


def _is_loopback(host: str) -> bool:
    """Whether a proxy from the environment could never reach the host."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
