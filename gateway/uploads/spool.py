"""Files on their way in: written and hashed piece by piece, removed on failure."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final
from uuid import uuid4

from gateway.threads import Threads
from service.errors import TransientError
from service.processing.sniff import sniff_file

BUFFER_BYTES: Final = 262_144
"""Content gathered before it goes to a thread: the hop costs more than the write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpooledFile:
    """A file that came in whole."""

    name: str
    path: Path
    size_bytes: int
    sha256: str
    media_type: str
    declared_media_type: str | None


class FileWriter:
    """Writes one file as it comes. Methods must be awaited on one event loop.

    Args:
        threads: Where the disk is waited for.
        folder: Where to write.
        name: The file's name, for people.
        declared_media_type: What the client says it is.
    """

    def __init__(
        self,
        threads: Threads,
        folder: Path,
        *,
        name: str,
        declared_media_type: str | None,
    ) -> None:
        self._threads = threads
        self._path = folder / uuid4().hex
        self._name = name
        self._declared = declared_media_type
        self._file: BinaryIO | None = None
        self._digest = hashlib.sha256()
        self._gathered: list[bytes] = []
        self._gathered_bytes = 0
        self.size_bytes = 0

    async def write(self, data: bytes) -> None:
        """Add content.

        Raises:
            TransientError: The disk did not take it.
        """
        self.size_bytes += len(data)
        self._gathered.append(data)
        self._gathered_bytes += len(data)
        if self._gathered_bytes >= BUFFER_BYTES:
            await self._threads.run(self._flush)

    async def finish(self) -> SpooledFile:
        """Close the file and say what it is."""
        return await self._threads.run(self._finish)

    def discard(self) -> None:
        """Close and remove the file, whole or not. Blocks."""
        if self._file is not None:
            self._file.close()
        self._path.unlink(missing_ok=True)

    def _flush(self) -> None:
        data = b"".join(self._gathered)
        self._gathered, self._gathered_bytes = [], 0
        try:
            if self._file is None:
                self._file = self._path.open("xb")
            self._file.write(data)
        except OSError as error:
            raise TransientError(f"The upload cannot be written: {error}") from error
        self._digest.update(data)

    def _finish(self) -> SpooledFile:
        self._flush()
        assert self._file is not None
        try:
            self._file.close()  # writes what Python still holds
        except OSError as error:
            raise TransientError(f"The upload cannot be written: {error}") from error
        return SpooledFile(
            name=self._name,
            path=self._path,
            size_bytes=self.size_bytes,
            sha256=self._digest.hexdigest(),
            media_type=sniff_file(self._path),
            declared_media_type=self._declared,
        )
