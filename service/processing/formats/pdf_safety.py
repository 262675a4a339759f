"""What a PDF carries that acts, and what of it PDFium mended silently."""

import re
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw

from service.processing.context import StepContext
from service.processing.formats.content import (
    EXTERNAL_REFERENCES_MAX,
    Safety,
    stated,
)

_RAW: Any = pypdfium2.raw
_TAIL_BYTES = 16_384
"""Where the end mark is looked for: servers append junk after it."""
_END_MARK = b"%%EOF"
_SCANNED_BYTES = 16_000_000
_OBJECT_STREAMS = 100
"""In these newer files keep their actions."""
_PACKED_BYTES = 262_144
_UNPACKED_BYTES = 1_000_000
_OBJECT_STREAM = re.compile(rb"/ObjStm\b[^>]{0,500}>>\s{0,9}stream\r?\n")
_SCRIPTS = (b"/JavaScript", b"/JS ", b"/JS(", b"/JS<")
_ACTIONS = (b"/Launch", b"/GoToR", b"/SubmitForm", b"/ImportData")
"""Those that start, open or send to something outside (ISO 32000-1 §12.6.4)."""
_TARGET = re.compile(rb"/(?:UF|F|URI)\s{0,9}\(([^()]{1,300})\)")
_OPENING = re.compile(
    rb"/OpenAction\s{0,9}(?:(\d{1,9})\s{1,9}(\d{1,5})\s{1,9}R|<<([^>]{1,500}))"
)
"""What is done when it is opened: the object that says so, or the action itself."""
_PAGE = re.compile(rb"/URI\s{0,9}\(([^()]{1,300})\)")
_OCTAL = re.compile(rb"\\([0-7]{3})")
_NEAR_BYTES = 500


def safety(document: pypdfium2.PdfDocument, path: Path) -> Safety:
    """Say whether a PDF has scripts, and what it would start, open or send to.

    A link to the web that a reader may click is none of these. Looked at are what
    PDFium lists, the first 16 MB and the beginning of the object streams in them.
    """
    scripts = _RAW.FPDFDoc_GetJavaScriptActionCount(document) > 0
    references: dict[str, None] = {}
    complete = True
    for stretch in _stretches(path):
        if stretch is None:
            complete = False
            break
        scripts = scripts or any(mark in stretch for mark in _SCRIPTS)
        references |= dict.fromkeys(_references(stretch))
    return Safety(
        javascript=scripts,
        external_references=tuple(references)[: EXTERNAL_REFERENCES_MAX + 1],
        complete=complete,
    )


def _references(stretch: bytes) -> Iterator[str]:
    """Give the targets of actions that reach out, or what the actions are called."""
    for action in _ACTIONS:
        at = stretch.find(action)
        for _ in range(EXTERNAL_REFERENCES_MAX + 1):
            if at < 0:
                break
            target = _TARGET.search(stretch, max(at - _NEAR_BYTES, 0), at + _NEAR_BYTES)
            named = stated(_literal(target[1])) if target else None
            yield named or action[1:].decode()
            at = stretch.find(action, at + 1)
    yield from _opened(stretch)


def _opened(stretch: bytes) -> Iterator[str]:
    """Give the web page that is opened with the file, unasked."""
    opening = _OPENING.search(stretch)
    if opening is None:
        return
    number, generation, action = opening.groups()
    if action is None:
        head = rb"\b%s\s{1,9}%s\s{1,9}obj\s{0,9}<<([^>]{1,500})" % (number, generation)
        found = re.search(head, stretch)
        action = found[1] if found else b""
    target = _PAGE.search(action)
    if target is not None:
        yield stated(_literal(target[1])) or "URI"


def _literal(content: bytes) -> str:
    """Give what a literal string says (ISO 32000-1 §7.3.4.2), octal escapes undone."""
    plain = _OCTAL.sub(lambda match: bytes([int(match[1], 8) & 255]), content)
    return plain.replace(b"\\", b"").decode("latin-1")


def _stretches(path: Path) -> Iterator[bytes | None]:
    """Give the file's bytes and what its object streams hold; None when there is more.

    Both are bounded.
    """
    with path.open("rb") as file:
        data = file.read(_SCANNED_BYTES)
        more = bool(file.read(1))
    yield data
    left = _UNPACKED_BYTES
    streams = _OBJECT_STREAM.finditer(data)
    for match in islice(streams, _OBJECT_STREAMS):
        packed = data[match.end() : match.end() + _PACKED_BYTES]
        try:
            unpacked = zlib.decompressobj().decompress(packed, left)
        except zlib.error:
            continue  # encrypted, or not packed like this
        yield unpacked
        left -= len(unpacked)
        if left <= 0:
            break
    if more or next(streams, None) is not None:
        yield None


def is_encrypted(document: pypdfium2.PdfDocument) -> bool:
    """Say whether a PDF that opened is encrypted: owner restrictions only."""
    return int(_RAW.FPDF_GetSecurityHandlerRevision(document)) >= 0


def note_damage(context: StepContext) -> None:
    """Say what PDFium mended silently: a lost end, a wrong cross-reference table."""
    tail, offset_right = _end(context.source.path)
    if _END_MARK not in tail:
        message = "The file's end is missing; what is there was read."
        context.add_issue("TRUNCATED", "error", message)
    elif not offset_right:
        message = "The table of contents inside the file was wrong and was rebuilt."
        context.add_issue("REPAIRED", "warning", message)


def is_cut(path: Path) -> bool:
    """Say whether the end of a PDF is missing."""
    tail, _ = _end(path)
    return _END_MARK not in tail


def _end(path: Path) -> tuple[bytes, bool]:
    """Give the file's last bytes, and whether they point to a cross-reference."""
    with path.open("rb") as file:
        head = file.read(1_024)
        size = file.seek(0, 2)
        file.seek(max(size - _TAIL_BYTES, 0))
        tail = file.read()
        found = re.findall(rb"startxref\s+(\d{1,12})", tail)
        if not found:
            return tail, False
        # Offsets count from "%PDF-" for some writers, from the first byte for others.
        for start in {0, max(head.find(b"%PDF-"), 0)}:
            file.seek(int(found[-1]) + start)
            if re.match(rb"\s*(?:xref|\d+\s+\d+\s+obj)", file.read(64)):
                return tail, True
        return tail, False
