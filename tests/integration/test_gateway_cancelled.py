"""Requests that are cancelled half-way leave nothing half-done."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry

from gateway.app import create_app
from service.blob_keys import document_key
from service.blobs import Blobs
from service.clock import SystemClock
from service.domain.model import LOCAL_OWNER, DocumentId
from service.metrics import Metrics
from service.processing.registry import build_registry
from service.settings import Settings
from service.store import Store, migrate, open_store
from service.transport.memory import MemoryBroker, MemoryTransport
from tests.blobs import claimed_blobs
from tests.integration.gateway_harness import DOCUMENTS

WRITES_S = 1.0
"""By then a request waits for the database's write lock."""


class Here:
    """A gateway on this event loop, so that its requests can be cancelled."""

    def __init__(self, folder: Path, store: Store, blobs: Blobs) -> None:
        self.folder = folder
        self.store = store
        self.blobs = blobs
        self.client = httpx.AsyncClient()

    def stored(self) -> list[Path]:
        return list(self.folder.glob("blobs/documents/doc_*"))

    def documents(self) -> list[DocumentId]:
        page = self.store.documents(LOCAL_OWNER, page_size=10)
        return [each.id for each in page.items]

    @contextmanager
    def writers_wait(self) -> Iterator[None]:
        """Hold the database's write lock."""
        with closing(sqlite3.connect(self.folder / "docmill.sqlite3")) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.rollback()


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Here]:
    settings = Settings(data_dir=tmp_path)
    migrate(settings.effective_store_url)
    store = open_store(settings.effective_store_url)
    found = Here(tmp_path, store, claimed_blobs(settings.effective_blob_url))
    broker = MemoryBroker()
    broker.declare_queue("batches")
    app = create_app(
        settings=settings,
        store=store,
        blobs=found.blobs,
        transport=MemoryTransport(broker),
        registry=build_registry(),
        clock=SystemClock(),
        metrics=Metrics(CollectorRegistry()),
    )
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://localhost"
        ) as found.client,
    ):
        yield found
    store.close()


@pytest.mark.parametrize("path", [DOCUMENTS, f"{DOCUMENTS}/upload"])
async def test_a_cancelled_upload_keeps_the_content_of_rows_it_wrote(
    here: Here, path: str
) -> None:
    files = [("files", ("a.txt", b"1")), ("files", ("b.txt", b"2"))]
    with here.writers_wait():
        request = asyncio.create_task(here.client.post(path, files=files))
        async with asyncio.timeout(10):
            while len(here.stored()) < 2:
                await asyncio.wait([request], timeout=0.01)
        await asyncio.wait([request], timeout=WRITES_S)
        request.cancel()
        await asyncio.wait([request], timeout=0.1)
    with pytest.raises(asyncio.CancelledError):
        await request
    assert len(here.documents()) == 2
    assert all(here.blobs.exists(document_key(each)) for each in here.documents())
    assert not list((here.folder / "tmp" / "uploads").iterdir())


async def test_a_cancelled_deletion_removes_the_content_too(here: Here) -> None:
    answer = await here.client.post(DOCUMENTS, files=[("files", ("a.txt", b"1"))])
    document = answer.json()["data"][0]["documentId"]
    with here.writers_wait():
        request = asyncio.create_task(here.client.delete(f"{DOCUMENTS}/{document}"))
        await asyncio.wait([request], timeout=WRITES_S)
        request.cancel()
        await asyncio.wait([request], timeout=0.1)
    with pytest.raises(asyncio.CancelledError):
        await request
    assert here.documents() == []
    assert here.stored() == []
