"""Stored content as answers: streamed, and never run by a browser."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, Final

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
        raise NotFoundError("The content is not there.")
    response = Response(media_type=media_type, headers=headers)
    if "Content-Length" not in headers:
        del response.headers["Content-Length"]  # Its own: that of no body.
    return response


async def _pieces(threads: Threads, chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    while (piece := await threads.run(next, chunks, None)) is not None:
        yield piece
