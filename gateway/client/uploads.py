"""Uploads: streamed from disk, many files in several requests."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import quote

import httpx

from gateway.client.connection import Connection
from gateway.client.errors import ClientError, ProblemError
from gateway.client.values import UploadedDocument

PATH: Final = "/api/v1/documents"
MAX_FILES: Final = 50
"""Files in one request; a failed request is sent again whole."""
TOO_MANY_FILES: Final = "too_many_files"
"""How the service calls more files than its setting `max_files_per_upload`."""
MAX_BYTES: Final = 32_000_000
"""Bytes of the files in one request; a larger file goes alone."""


def upload(
    connection: Connection, files: Iterable[str | os.PathLike[str]]
) -> Iterator[UploadedDocument]:
    """Store files with the service and give them, in their order.

    A service that takes fewer files in one request gets them in more requests.

    Raises:
        OSError: A file cannot be read; then nothing was sent of its request.
        ProblemError: The service refused a request; those given are stored.
    """
    for chunk in _chunks([Path(file) for file in files]):
        start, most = 0, len(chunk)
        while start < len(chunk):
            try:
                stored = _send(connection, chunk[start : start + most])
            except ProblemError as error:
                if most == 1 or not _too_many(error):
                    raise
                most = -(-most // 2)
                continue
            yield from stored
            start += most


@contextmanager
def removing(
    connection: Connection, stored: Sequence[UploadedDocument]
) -> Iterator[None]:
    """Remove documents from the service if the block that needs them fails.

    Not when no answer came: then nobody knows whether a job has them.
    """
    try:
        yield
    except (ProblemError, OSError):
        for document in stored:
            with suppress(ClientError):
                connection.remove(f"{PATH}/{quote(document.document_id, safe='')}")
        raise


def _too_many(error: ProblemError) -> bool:
    return any(each.get("code") == TOO_MANY_FILES for each in error.errors)


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
            return connection.http.post(PATH, files=parts)

    answer = connection.decode(connection.attempt(send), list[UploadedDocument])
    return answer.data


def _name(path: Path) -> str:
    """Give the file's name as text, whatever bytes it has on disk."""
    return os.fsencode(path.name).decode("utf-8", errors="replace")
