"""Stores the files inside a document, so that they can become documents themselves.

What the sandboxed child said of them is not believed: how many there are is bounded,
and size, hash and type are found out here.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from service.blob_keys import attachment_key
from service.blobs import CHUNK_BYTES, Blobs
from service.domain.task_ids import MAX_ATTACHMENT_DEPTH, attachment_depth
from service.errors import DOCUMENT_CODES, DocumentError
from service.ids import attachment_document_id
from service.messages import AddedDocument, ProcessDocument
from service.processing.context import Limits
from service.processing.formats.attachments import MAX_EXPANDED_BYTES
from service.processing.formats.content import cleaned_name
from service.processing.outputs import (
    ATTACHMENT_OUTPUT,
    OutputFile,
    StrPath,
    output_path,
)
from service.processing.sniff import sniff_file

MAX_ATTACHMENTS = Limits().max_embedded
"""Of one document."""


def split(
    outputs: Sequence[OutputFile], command: ProcessDocument
) -> tuple[list[OutputFile], list[OutputFile]]:
    """Give the attachments in order, and all other outputs."""
    if not outputs:
        return [], []
    by_name = {output.name: output for output in outputs}
    found = []
    if _may_have(command):
        for number in range(1, MAX_ATTACHMENTS + 1):
            output = by_name.pop(ATTACHMENT_OUTPUT.format(number), None)
            if output is None:
                break
            found.append(output)
    return found, list(by_name.values())


def store(
    files: Sequence[OutputFile],
    command: ProcessDocument,
    run: str,
    *,
    prefix: StrPath,
    blobs: Blobs,
) -> tuple[AddedDocument, ...]:
    """Store attachments where documents are: the same ids at every attempt, own keys.

    Raises:
        DocumentError: They are larger together than any reader gives.
        TransientError: The blobs failed.
    """
    if not files:
        return ()
    sizes = [output_path(prefix, output.name).stat().st_size for output in files]
    if sum(sizes) > MAX_EXPANDED_BYTES:
        raise DocumentError(DOCUMENT_CODES["too_large"], code="too_large")
    added = tuple(
        _added(output, number, command, run, prefix=prefix)
        for number, output in enumerate(files, 1)
    )
    paths = [output_path(prefix, output.name) for output in files]
    keys = [document.blob_key for document in added]
    blobs.put_all(dict(zip(keys, paths, strict=True)))
    return added


def _added(
    output: OutputFile,
    number: int,
    command: ProcessDocument,
    run: str,
    *,
    prefix: StrPath,
) -> AddedDocument:
    path = output_path(prefix, output.name)
    document_id = attachment_document_id(command.task_id, number)
    size_bytes, sha256 = _measured(path)
    return AddedDocument(
        document_id=document_id,
        name=cleaned_name(output.title),
        blob_key=attachment_key(document_id, run),
        size_bytes=size_bytes,
        sha256=sha256,
        media_type=sniff_file(path),
    )


def _may_have(command: ProcessDocument) -> bool:
    shallow = attachment_depth(command.task_id) < MAX_ATTACHMENT_DEPTH
    return command.processing.expand_attachments and shallow


def _measured(path: Path) -> tuple[int, str]:
    size_bytes, digest = 0, hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            size_bytes += len(chunk)
            digest.update(chunk)
    return size_bytes, digest.hexdigest()
