"""From files on disk to blobs and rows: all of them or nothing."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from gateway.context import Gateway
from gateway.uploads.spool import SpooledFile
from service.blob_keys import document_key
from service.domain.model import Owner
from service.errors import TransientError
from service.ids import new_document_id
from service.logs import get_logger
from service.processing.outputs import PAGE_NAME
from service.store.rows import Document

_log = get_logger(__name__)


@asynccontextmanager
async def stored_blobs(
    gateway: Gateway, owner: Owner, files: Sequence[SpooledFile]
) -> AsyncIterator[tuple[Document, ...]]:
    """Put the files among the blobs and give their rows, to be written in the block.

    If the block fails, the blobs are removed again. Run it by `Threads.whole`: it could
    not tell whether rows were written when it was cancelled.

    Raises:
        TransientError: The blob store did not take them.
    """
    documents = tuple(_document(gateway, owner, file) for file in files)
    try:
        for document, file in zip(documents, files, strict=True):
            await gateway.threads.run(
                gateway.blobs.put_file, document.blob_key, file.path
            )
        yield documents
    except Exception:  # whatever it was: then no row names them
        await remove_blobs(gateway, [each.blob_key for each in documents])
        raise


async def remove_blobs(
    gateway: Gateway, keys: Sequence[str], *, pages_in: Sequence[str] = ()
) -> None:
    """Remove blobs that no row names; a failure leaves them and is logged.

    Args:
        gateway: Whose they are.
        keys: Of the blobs.
        pages_in: Folders in which all pictures of pages go too.
    """

    def remove() -> None:
        found = [key for folder in pages_in for key in gateway.blobs.keys_in(folder)]
        pages = [key for key in found if PAGE_NAME.fullmatch(key.rpartition("/")[2])]
        gateway.blobs.delete([*keys, *pages])

    try:
        await gateway.threads.run(remove)
    except TransientError as error:
        _log.warning("blobs_left_behind", number=len(keys), error=error.message)


def _document(gateway: Gateway, owner: Owner, file: SpooledFile) -> Document:
    document_id = new_document_id(gateway.clock)
    return Document(
        id=document_id,
        owner=owner,
        name=file.name,
        blob_key=document_key(document_id),
        size_bytes=file.size_bytes,
        sha256=file.sha256,
        media_type=file.media_type,
        declared_media_type=file.declared_media_type,
        created_at=gateway.clock.now(),
    )
