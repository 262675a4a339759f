"""Stored content as answers: streamed, and never run by a browser."""

from collections.abc import AsyncIterator, Iterator, Mapping
from itertools import chain
from typing import Any, Final
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from gateway.context import Call
from gateway.threads import Threads
from service.errors import NotFoundError

FOREIGN: Final = {
    "Content-Security-Policy": "sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Headers of content that others wrote (with ``nosniff``, which every answer has)."""


async def blob_response(
    call: Call[Any, Any], key: str, *, media_type: str, headers: Mapping[str, str]
) -> Response:
    """Stream a blob, or for HEAD say that it is there without reading it.

    Raises:
        NotFoundError: There is no such blob.
    """
    blobs, threads = call.gateway.blobs, call.gateway.threads
    headers = {**FOREIGN, **headers}
    if call.request.method != "HEAD":
        pieces = _pieces(threads, await threads.run(blobs.iter_chunks, key))
        return StreamingResponse(pieces, media_type=media_type, headers=headers)
    if not await threads.run(blobs.exists, key):
        raise NotFoundError("The content is not there.", code="blob_not_found")
    response = Response(media_type=media_type, headers=headers)
    return response if "Content-Length" in headers else _without_length(response)


async def made_response(
    call: Call[Any, Any], pieces: Iterator[bytes], *, media_type: str, name: str
) -> Response:
    """Send content as a download while it is made, piece by piece on other threads."""
    threads = call.gateway.threads
    headers = {**FOREIGN, "Content-Disposition": attachment(name)}
    if call.request.method == "HEAD":
        return _without_length(Response(media_type=media_type, headers=headers))
    first = await threads.run(next, pieces, b"")  # fails before the answer begins
    return StreamingResponse(
        _pieces(threads, chain((first,), pieces)),
        media_type=media_type,
        headers=headers,
    )


def _without_length(response: Response) -> Response:
    """Give the answer to a HEAD without its own length, which is that of no body."""
    del response.headers["Content-Length"]
    return response


def attachment(name: str) -> str:
    """Give the Content-Disposition of a download (RFC 6266, RFC 5987)."""
    plain = "".join(each if _is_plain(each) else "_" for each in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _is_plain(character: str) -> bool:
    return " " <= character <= "~" and character not in '"\\%'


async def _pieces(threads: Threads, chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    while (piece := await threads.run(next, chunks, None)) is not None:
        yield piece
