"""Uploads: streamed from disk, many files in several requests."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, Final

import httpx

from gateway.client.connection import Connection
from gateway.client.values import UploadedDocument

MAX_FILES: Final = 50
"""Files in one request; a failed request is sent again whole."""
MAX_BYTES: Final = 32_000_000
"""Bytes of the files in one request; a larger file goes alone."""


def upload(
    connection: Connection, files: Iterable[str | os.PathLike[str]]
) -> list[UploadedDocument]:
    """Store files with the service, in their order.

    Raises:
        OSError: A file cannot be read; then nothing was sent of its request.
        ProblemError: The service refused a request; those before it are stored.
    """
    stored: list[UploadedDocument] = []
    for chunk in _chunks([Path(file) for file in files]):
        stored.extend(_send(connection, chunk))
    return stored


def _chunks(paths: Sequence[Path]) -> Iterator[list[Path]]:
    sizes = [path.stat().st_size for path in paths]
    chunk: list[Path] = []
    chunk_bytes = 0
    for path, size in zip(paths, sizes, strict=True):
        if chunk and (len(chunk) == MAX_FILES or chunk_bytes + size > MAX_BYTES):
            yield chunk
            chunk, chunk_bytes = [], 0
        chunk.append(path)
        chunk_bytes += size
    if chunk:
        yield chunk


def _send(connection: Connection, paths: list[Path]) -> list[UploadedDocument]:
    def send() -> httpx.Response:
        with ExitStack() as stack:
            parts: list[tuple[str, tuple[str, BinaryIO]]] = [
                ("files", (_name(path), stack.enter_context(path.open("rb"))))
                for path in paths
            ]
            return connection.http.post("/api/v1/documents", files=parts)

    answer = connection.decode(connection.attempt(send), list[UploadedDocument])
    return answer.data


def _name(path: Path) -> str:
    """Give the file's name as text, whatever bytes it has on disk."""
    return os.fsencode(path.name).decode("utf-8", errors="replace")
