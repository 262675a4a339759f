"""Reading packed documents within limits: nothing is ever unpacked to disk."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lxml import etree

from service.processing.context import Limits
from service.processing.formats.content import parsing, refused

_RATIO_FROM_BYTES = 1_000_000
_ENCRYPTED_FLAG = 0x1
_CHUNK_BYTES = 1_048_576


class Archive:
    """An open packed document whose directory keeps to the limits."""

    def __init__(self, archive: zipfile.ZipFile, limits: Limits) -> None:
        self._archive = archive
        self._limits = limits
        self._read_bytes = 0
        self._by_name = {entry.filename: entry for entry in archive.infolist()}

    def names(self) -> tuple[str, ...]:
        """Give the names of all parts, in the directory's order, each once."""
        return tuple(self._by_name)

    def entries(self) -> tuple[zipfile.ZipInfo, ...]:
        """Give all parts in the directory's order, also those of one name."""
        return tuple(self._archive.infolist())

    def read(self, name: str) -> bytes | None:
        """Give a part's content, None when there is no such part.

        Of parts with one name it is the last, as programs take it that add a newer one.

        Raises:
            DocumentError: As `read_entry` does.
        """
        entry = self._by_name.get(name)
        return None if entry is None else self.read_entry(entry)

    def read_entry(self, entry: zipfile.ZipInfo) -> bytes:
        """Give the content of one of the `entries`.

        Raises:
            DocumentError: ``too_large``, when more comes out than the directory said
                or than all parts may have; ``corrupt``.
        """
        limit = self._limits.max_part_bytes
        chunks, size = [], 0
        with parsing(), self._archive.open(entry) as part:
            while chunk := part.read(_CHUNK_BYTES):
                size += len(chunk)
                if size > limit:
                    raise refused("too_large")
                chunks.append(chunk)
        self._read_bytes += size
        if self._read_bytes > self._limits.max_archive_bytes:
            raise refused("too_large")
        return b"".join(chunks)

    def xml(self, name: str) -> etree._Element | None:
        """Give a part as an XML tree, None when there is no such part."""
        content = self.read(name)
        return None if content is None else parse_xml(content)


@contextmanager
def open_archive(
    path: Path, limits: Limits, *, locked_parts: bool = False
) -> Iterator[Archive]:
    """Open a packed document.

    Args:
        path: Where it is.
        limits: Those it has to keep to.
        locked_parts: Open it although some of its parts need a password.

    Raises:
        DocumentError: ``corrupt``, ``encrypted``, or ``too_large`` when the directory
            breaks a limit, which costs no unpacking.
    """
    with parsing():
        archive = zipfile.ZipFile(path)
    with archive:
        check_directory(archive, limits)
        if not locked_parts and any(map(is_locked, archive.infolist())):
            raise refused("encrypted")
        yield Archive(archive, limits)


def is_locked(entry: zipfile.ZipInfo) -> bool:
    """Say whether a part needs a password."""
    return bool(entry.flag_bits & _ENCRYPTED_FLAG)


def check_directory(archive: zipfile.ZipFile, limits: Limits) -> None:
    """Refuse a bomb by what its directory says."""
    entries = archive.infolist()
    total = sum(entry.file_size for entry in entries)
    if len(entries) > limits.max_archive_entries or total > limits.max_archive_bytes:
        raise refused("too_large")
    for entry in entries:
        large = entry.file_size > _RATIO_FROM_BYTES
        ratio = entry.file_size / max(entry.compress_size, 1)
        if entry.file_size > limits.max_part_bytes or (
            large and ratio > limits.max_part_ratio
        ):
            raise refused("too_large")


def parse_xml(content: bytes) -> etree._Element:
    """Parse XML that may be hostile: no entities, no network, no huge trees.

    Raises:
        DocumentError: ``corrupt``.
    """
    with parsing():
        return etree.fromstring(content, xml_parser())


def xml_parser(*, recover: bool = False) -> etree.XMLParser:
    """Give a parser that fetches and expands nothing."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )


def local_name(element: etree._Element) -> str:
    """Give an element's name without its namespace."""
    tag = element.tag
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""
