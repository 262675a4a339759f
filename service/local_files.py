"""Writes files into a local folder: whole, and still there after a power cut."""

import ctypes
import os
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from service.ids import new_message_id

MARK = ".docmill"
"""Tells the folder of files from the empty place where it should be mounted; no key."""

_COPY_BYTES = 1 << 20
_TRIES = 100
"""An emptied folder may be removed just when a file is to be put into it."""
_REMEMBERED = 1_000
"""Most folders that are known to be durable; most of them are never met again."""
_LIBC = ctypes.CDLL(None)
_SYNC_FILE_RANGE_WRITE = 2
"""Begins and does not wait: sync_file_range(2)."""
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


class LocalFiles:
    """Files below one folder. Safe to use from many threads and processes.

    What a killed writer leaves ends in ``#`` and a number. obstore names its own rests
    so, and never lists them.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._durable: set[str] = set()

    def marked(self) -> bool:
        """Say whether this is the folder that was claimed once."""
        return os.path.exists(f"{self._root}/{MARK}")  # noqa: PTH110 - as below

    def claim(self, *, first: bool) -> None:
        """Mark the folder as the one that files are kept in.

        Args:
            first: Nothing was stored before, so that an empty folder is the right one.

        Raises:
            OSError: It cannot be written to.
        """
        if first or any(self._root.iterdir()):
            (self._root / MARK).touch()

    def put_all(self, contents: Mapping[str, Path | bytes]) -> None:
        """Store files by key, replacing what was there, in one round of flushing.

        Each file is flushed once, and so is each folder that has a new entry. A folder
        that is met for the first time counts as new in the one above it, whoever made
        it: that one may not have come to flush it yet. All files are on their way to
        the disk before the first is waited for, so one commit of the file system's
        journal does for all of them.

        Raises:
            OSError: Something could not be written.
        """
        made: set[str] = set()
        unfinished: dict[str, str] = {}
        try:
            for key, content in contents.items():
                path = f"{self._root}/{key}"
                unfinished[path] = f"{path}#{int(new_message_id(), 16)}"
                descriptor = self._opened(unfinished[path], _above(key), made)
                _fill(descriptor, content)
            for written in unfinished.values():
                _flush(written)
            for path, written in unfinished.items():
                os.replace(written, path)  # noqa: PTH105 - for each document
        except BaseException:
            for written in unfinished.values():
                Path(written).unlink(missing_ok=True)
            raise
        self._flush_folders({_above(key) for key in contents}, made)

    def remove_unfinished(self, before: datetime) -> int:
        """Remove what writers killed before a time left behind; gives the number."""
        removed = 0
        for folder, _, names in os.walk(self._root):
            for path in (Path(folder, name) for name in names if "#" in name):
                with suppress(OSError):  # its writer may be finishing just now
                    if path.stat().st_mtime < before.timestamp():
                        path.unlink()
                        removed += 1
        return removed

    def _opened(self, path: str, folder: str, made: set[str]) -> int:
        for _ in range(_TRIES):
            try:
                return os.open(path, _NEW, 0o666)
            except FileNotFoundError:
                self._make(folder, made)
        raise FileNotFoundError(path)

    def _make(self, folder: str, made: set[str]) -> None:
        """Make a folder, and those above it that are not there."""
        if not _above(folder) and not self.marked():
            raise FileNotFoundError(folder)
        for _ in range(2):
            try:
                os.mkdir(f"{self._root}/{folder}")  # noqa: PTH102 - as above
            except FileExistsError:
                return
            except FileNotFoundError:
                self._make(_above(folder), made)
            else:
                made.add(folder)
                return

    def _flush_folders(self, folders: set[str], made: set[str]) -> None:
        changed, fresh = set(folders), set[str]()
        for folder in folders:
            while folder and (folder in made or folder not in self._durable):
                fresh.add(folder)
                folder = _above(folder)
                changed.add(folder)
        for folder in changed:
            _flush(f"{self._root}/{folder}")
        if len(self._durable) > _REMEMBERED:
            self._durable.clear()
        self._durable.update(fresh)


def _above(key: str) -> str:
    """Give the folder of a file or folder; the root is empty."""
    return key.rpartition("/")[0]


def _fill(descriptor: int, content: Path | bytes) -> None:
    with open(descriptor, "wb") as target:
        if isinstance(content, bytes):
            target.write(content)
        else:
            with content.open("rb") as source:
                shutil.copyfileobj(source, target, _COPY_BYTES)
        target.flush()
        _start_writing(descriptor)


def _start_writing(descriptor: int) -> None:
    """Send a file on its way to the disk, where that can be asked for."""
    if sys.platform == "linux":
        start, length = ctypes.c_int64(0), ctypes.c_int64(0)  # all of it
        _LIBC.sync_file_range(descriptor, start, length, _SYNC_FILE_RANGE_WRITE)


def _flush(path: str) -> None:
    """Wait until a file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
