"""Files behind one URL: uploads, large results and full texts.

An object appears whole or not at all. The store runs threads of its own, so a process
that forked must never use the parent's `Blobs`.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, LocalStore, S3Store

from service.errors import (
    DocmillError,
    NotFoundError,
    SettingsError,
    TransientError,
)
from service.local_files import LocalFiles
from service.remote_stores import open_remote
from service.settings import masked_url

if TYPE_CHECKING:
    from obstore.store import ObjectStore

CHUNK_BYTES = 1 << 20
"""Size of one piece of `Blobs.iter_chunks`: little memory, few calls."""
LISTED = 1_000
"""Keys that are listed at once."""
MAX_KEY_CHARS = 512
MAX_URL_S = 604_800
"""A week: S3 signs for no longer."""

_SEGMENT = r"[A-Za-z0-9_-][A-Za-z0-9._-]*"
_KEY = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*")
_NO_BUCKET = "<Code>NoSuchBucket</Code>"


def open_blobs(url: str) -> "Blobs":
    """Open the store at `url`; a local folder is created, a bucket must be there.

    A local folder is used once it is claimed, by who knows what was stored before.

    Raises:
        SettingsError: The URL does not lead to a store.
    """
    parts = urlsplit(url)
    try:
        if parts.scheme == "file":
            root = Path(unquote(parts.path))
            return Blobs(
                LocalStore(root, mkdir=True, automatic_cleanup=True), root=root
            )
        return Blobs(open_remote(url))
    except (BaseError, OSError, ValueError) as error:
        raise SettingsError(
            f"blob_url {masked_url(url)} cannot be opened: {_first_line(error)}"
        ) from error


class Blobs:
    """Stored files by key. Safe to use from many threads; every call blocks.

    Every method raises `TransientError` when the store cannot be reached or written,
    and ``ValueError`` for a key that is not plain path segments.
    """

    def __init__(self, store: "ObjectStore", *, root: Path | None = None) -> None:
        self._store = store
        self._root = root
        self._files = None if root is None else LocalFiles(root)

    def available(self) -> bool:
        """Say whether a local folder is there; a remote store is not asked."""
        return self._files is None or self._files.marked()

    def claim(self, *, first: bool) -> bool:
        """Begin to use a local folder, and say whether it can be used.

        Without this an unmounted folder could not be told from one whose files are
        gone, and would be written to.

        Args:
            first: Nothing was stored before, so that an empty folder is the right one.
        """
        if self._files is not None and not self._files.marked():
            with self._errors("its folder"):
                self._files.claim(first=first)
        return self.available()

    def put_file(self, key: str, path: Path) -> None:
        """Store the file's content, replacing what was there; it is read in pieces."""
        self.put_all({key: path})

    def put_bytes(self, key: str, data: bytes) -> None:
        """Store the bytes, replacing what was there."""
        self.put_all({key: data})

    def put_all(self, contents: Mapping[str, Path | bytes]) -> None:
        """Store files and bytes by key, replacing what was there.

        Once this is through all of them are safe from a power cut. If it raises, some
        may have been stored.
        """
        checked = {_checked(key): content for key, content in contents.items()}
        if self._files is None:
            for key, content in checked.items():
                with self._errors(key):
                    obstore.put(self._store, key, content)
        elif checked:
            with self._errors(next(iter(checked))):
                self._files.put_all(checked)

    def get_bytes(self, key: str, *, limit: int | None = None) -> bytes:
        """Give the content, or its first `limit` bytes.

        Raises:
            NotFoundError: There is no such object.
        """
        with self._errors(key):
            found = obstore.get(self._store, _checked(key))
            if limit is None or found.meta["size"] <= limit:
                return bytes(found.bytes())
            return bytes(obstore.get_range(self._store, key, start=0, length=limit))

    def iter_chunks(self, key: str) -> Iterator[bytes]:
        """Give the content in pieces of about `CHUNK_BYTES`.

        The object is looked up in this call, so that a missing one fails before the
        first piece is asked for.

        Raises:
            NotFoundError: There is no such object.
        """
        with self._errors(key):
            found = obstore.get(self._store, _checked(key))
            pieces = found.stream(min_chunk_size=CHUNK_BYTES)
        return self._guarded(pieces, key)

    def fetch(self, key: str, target: Path) -> Path:
        """Make the content readable as a file and give the file's path.

        In a local store that is the stored file itself, which must not be changed;
        otherwise `target` is written.

        Raises:
            NotFoundError: There is no such object.
        """
        path = self.local_path(key)
        if path is not None:
            return Path(path)
        pieces = self.iter_chunks(key)
        with target.open("wb") as file:
            file.writelines(pieces)
        return target

    def local_path(self, key: str) -> str | None:
        """Give the path of a file that is stored here, None in a remote store.

        Raises:
            NotFoundError: There is no such object.
        """
        if self._root is None:
            return None
        path = f"{self._root}/{_checked(key)}"
        if not os.path.isfile(path):  # noqa: PTH113 - for each document
            raise self._missing(key)
        return path

    def delete(self, keys: Iterable[str]) -> None:
        """Remove the objects; those that are gone already do not matter.

        A key that ends in a slash is a folder and stands for all that is in it.
        """
        keys = [
            each
            for key in keys
            for each in (self.keys_in(key) if key.endswith("/") else [key])
        ]
        if isinstance(self._store, S3Store):
            checked = [_checked(key) for key in keys]
            with self._errors("many keys"):
                obstore.delete(self._store, checked)  # a thousand in one request
            return
        for key in keys:
            with suppress(NotFoundError), self._errors(key):
                obstore.delete(self._store, _checked(key))

    def keys_in(self, folder: str) -> list[str]:
        """Give the keys of all that is in a folder, which ends in a slash."""
        checked = _checked(folder.removesuffix("/"))
        with self._errors(checked):
            pages = obstore.list(self._store, checked)
            return [str(found["path"]) for page in pages for found in page]

    def exists(self, key: str) -> bool:
        """Say whether there is such an object."""
        try:
            with self._errors(key):
                obstore.head(self._store, _checked(key))
        except NotFoundError:
            return False
        return True

    def temporary_url(self, key: str, *, expires_s: float) -> str | None:
        """Give a URL by which anyone can read the object for a while.

        Signed by the store, which is not asked: the object may not be there. None where
        the store serves no URLs, as local files.

        Args:
            key: Of the object.
            expires_s: How long it may be used, at most `MAX_URL_S`.
        """
        checked = _checked(key)
        if not 0 < expires_s <= MAX_URL_S:
            raise ValueError(f"a URL lives for up to {MAX_URL_S} s, not {expires_s}")
        if not isinstance(self._store, (S3Store, GCSStore, AzureStore)):
            return None
        with self._errors(key):
            expires = timedelta(seconds=expires_s)
            return obstore.sign(self._store, "GET", checked, expires)

    def older(self, folder: str, *, before: datetime) -> Iterator[list[str]]:
        """Give, in parts, the keys of what was put into a folder before a time."""
        checked = _checked(folder)
        with self._errors(folder):
            for page in obstore.list(self._store, checked, chunk_size=LISTED):
                yield [
                    str(found["path"])
                    for found in page
                    if found["last_modified"] < before
                ]

    def folders(self, folder: str) -> list[str]:
        """Give the names of the folders in a folder."""
        checked = _checked(folder)
        with self._errors(folder):
            found = obstore.list_with_delimiter(self._store, checked)
        return [prefix.rpartition("/")[2] for prefix in found["common_prefixes"]]

    def remove_older(self, folder: str, *, before: datetime) -> int:
        """Remove what was put into a folder before a time; gives the number."""
        removed = 0
        for keys in self.older(folder, before=before):
            self.delete(keys)
            removed += len(keys)
        return removed

    def remove_unfinished(self, *, before: datetime) -> int:
        """Remove what writers killed before `before` left behind; gives the number.

        Walks the whole local folder, so it belongs in the background. Remote stores
        drop unfinished uploads by themselves.
        """
        return 0 if self._files is None else self._files.remove_unfinished(before)

    def _missing(self, key: str, said: str = "") -> DocmillError:
        away = "" if self.available() else "folder"
        away = "bucket" if _NO_BUCKET in said else away
        if away:  # which says nothing about the object
            return _failed(key, f"its {away} is gone.")
        return NotFoundError(f"There is no stored file {key}.", code="blob_not_found")

    @contextmanager
    def _errors(self, key: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise self._missing(key, str(error)) from error
        except (BaseError, OSError) as error:
            raise _failed(key, _first_line(error)) from error

    def _guarded(self, pieces: Iterable[bytes], key: str) -> Iterator[bytes]:
        with self._errors(key):
            yield from pieces


def _checked(key: str) -> str:
    if len(key) > MAX_KEY_CHARS or not _KEY.fullmatch(key):
        raise ValueError(f"not a blob key: {key[:MAX_KEY_CHARS]!r}")
    return key


def _failed(key: str, why: str) -> TransientError:
    return TransientError(
        f"The file store failed at {key}: {why}", code="upstream_unavailable"
    )


def _first_line(error: Exception) -> str:
    """Give what the store says without the dump of its internals below it."""
    return (str(error).splitlines() or [type(error).__name__])[0]
