"""HTTP to a model's server, each request under one deadline for all of it.

An event loop on a thread of its own does the waiting. A blocking client cannot be held
to a deadline: its read timeout begins anew with every byte, so that a server that drips
its headers or its answer holds it as long as it likes, and nothing wakes it at a stop.
"""

import asyncio
import threading
from collections.abc import Mapping
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass

import httpx

from service.errors import ProcessingStoppedError
from service.processing.llm.patience import SLICE_S, Patience
from service.processing.llm.problems import ModelError, Trouble

CONNECT_S = 10.0
THREAD = "model-http"
"""Name of the thread that waits."""
_PIECE_BYTES = 65_536
_CLOSED = "the model's client was closed"


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a server answered, whatever its status."""

    status: int
    retry_after: str | None
    """The header of that name."""
    body: bytes


class HttpThread:
    """Requests to one server, from any thread.

    Proxy variables are not read: all configuration is in the settings.

    Args:
        base_url: What paths are appended to.
        api_key: Sent as a bearer token, unless it is empty.
        answer_bytes_max: A longer answer is none that can be used.
    """

    def __init__(self, base_url: str, *, api_key: str, answer_bytes_max: int) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            # What is never unpacked cannot be a bomb.
            "Accept-Encoding": "identity",
        }
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._answer_bytes_max = answer_bytes_max
        self._lock = threading.Lock()
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: httpx.AsyncClient | None = None
        self._thread: threading.Thread | None = None

    def post(self, path: str, body: bytes, patience: Patience) -> HttpAnswer:
        """Send the body and give the whole answer.

        Raises:
            ModelError: ``unreachable``, ``timeout`` or, too long an answer,
                ``bad_answer``.
            ProcessingStoppedError: Told to stop while waiting, or closed.
        """
        waiting = self._begun(path, body, patience.left_s)
        try:
            return _awaited(waiting, patience)
        finally:
            waiting.cancel()

    def close(self) -> None:
        """Break off every request and end the thread, for good.

        A second call waits for the same end.
        """
        with self._lock:
            first, self._closed = not self._closed, True
            loop, client, thread = self._loop, self._client, self._thread
        if loop is None or client is None or thread is None:
            return
        if first:
            asyncio.run_coroutine_threadsafe(_end(client), loop).result()
            loop.call_soon_threadsafe(loop.stop)
        thread.join()
        if first:
            loop.close()

    def _begun(self, path: str, body: bytes, left_s: float) -> Future[HttpAnswer]:
        """Begin a request; the first one starts the thread."""
        with self._lock:  # so that `close` comes before it or breaks it off
            if self._closed:
                raise ProcessingStoppedError(_CLOSED)
            if self._loop is None or self._client is None:
                self._loop = asyncio.new_event_loop()
                self._client = _client(self._headers)
                self._thread = threading.Thread(
                    target=self._loop.run_forever, name=THREAD, daemon=True
                )
                self._thread.start()
            request = self._post(self._client, path, body, left_s)
            return asyncio.run_coroutine_threadsafe(request, self._loop)

    async def _post(
        self, client: httpx.AsyncClient, path: str, body: bytes, left_s: float
    ) -> HttpAnswer:
        try:
            async with (
                asyncio.timeout(left_s),
                client.stream("POST", self._base_url + path, content=body) as answer,
            ):
                return HttpAnswer(
                    status=answer.status_code,
                    retry_after=answer.headers.get("retry-after"),
                    body=await self._body(answer),
                )
        except (TimeoutError, httpx.TimeoutException) as error:
            raise ModelError(Trouble.TIMEOUT) from error
        except httpx.HTTPError as error:
            raise ModelError(Trouble.UNREACHABLE) from error

    async def _body(self, answer: httpx.Response) -> bytes:
        pieces, size = [], 0
        async for piece in answer.aiter_raw(_PIECE_BYTES):
            size += len(piece)
            if size > self._answer_bytes_max:
                raise ModelError(Trouble.BAD_ANSWER)
            pieces.append(piece)
        return b"".join(pieces)


def _client(headers: Mapping[str, str]) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        headers=headers,
        timeout=httpx.Timeout(None, connect=CONNECT_S),
        trust_env=False,
    )


def _awaited(waiting: Future[HttpAnswer], patience: Patience) -> HttpAnswer:
    while True:
        try:
            return waiting.result(timeout=SLICE_S)
        except TimeoutError:  # of this wait alone: the request has errors of its own
            patience.check()
        except CancelledError as error:
            raise ProcessingStoppedError(_CLOSED) from error


async def _end(client: httpx.AsyncClient) -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await client.aclose()
