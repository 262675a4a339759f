"""A gateway over a real store, real files and the memory transport, on a real port."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from prometheus_client import CollectorRegistry

from gateway.app import create_app
from service.blobs import Blobs
from service.clock import SystemClock
from service.errors import TransientError
from service.local_files import MARK
from service.messages import Command
from service.metrics import Metrics
from service.processing.registry import Registry, build_registry
from service.settings import Settings
from service.store import Store, migrate, open_store
from service.transport.memory import MemoryBroker, MemoryTransport
from tests.blobs import claimed_blobs
from tests.integration.gateway_mover import Mover
from tests.support import eventually

JOBS = "/api/v1/documents/batch-process"
DOCUMENTS = "/api/v1/documents"


class RefusingTransport(MemoryTransport):
    """A memory transport whose broker can be told to refuse commands."""

    remote = True

    def __init__(self, broker: MemoryBroker) -> None:
        super().__init__(broker)
        self.refuse = False
        self.refused = 0

    def send(self, commands: Sequence[Command]) -> None:
        if self.refuse:
            self.refused += 1
            raise TransientError("The broker did not confirm it.")
        super().send(commands)


class RunningGateway:
    """What a test needs of the running service."""

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        blobs: Blobs,
        transport: RefusingTransport,
        broker: MemoryBroker,
        client: httpx.Client,
    ) -> None:
        self.settings = settings
        self.store = store
        self.blobs = blobs
        self.transport = transport
        self.broker = broker
        self.client = client
        self.mover = Mover(store, transport)

    @property
    def port(self) -> int:
        return self.client.base_url.port or 0

    def upload(self, *names: str, content: bytes = b"hello") -> list[str]:
        """Store small files and give their ids."""
        files = [("files", (name, content)) for name in names]
        answer = self.client.post(DOCUMENTS, files=files)
        assert answer.status_code == 201, answer.text
        return [each["documentId"] for each in answer.json()["data"]]

    def submit(self, ids: list[str], **body: Any) -> str:
        """Submit a batch and give the job's id."""
        answer = self.client.post(JOBS, json={"documentIds": ids, **body})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["data"]["jobId"])

    def started(self, *names: str) -> tuple[str, list[str]]:
        """Store files, submit them, and give the job and its documents."""
        ids = self.upload(*names)
        return self.submit(ids), ids

    def leftovers(self) -> list[Path]:
        """Give every file that uploads have left on disk."""
        folders = (self.settings.data_dir / "tmp", self.settings.data_dir / "blobs")
        return [
            each
            for folder in folders
            for each in folder.rglob("*")
            if each.is_file() and each.name != MARK
        ]


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Give the body of a refused request, which must be this problem."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["type"] == f"/problems/{code}"
    assert body["status"] == status
    return body


@contextmanager
def running_gateway(
    folder: Path, *, registry: Registry | None = None, **limits: Any
) -> Iterator[RunningGateway]:
    """Run a gateway until the block ends; `limits` are settings."""
    settings = Settings(data_dir=folder, **limits)
    folder.mkdir(exist_ok=True)
    migrate(settings.effective_store_url)
    clock = SystemClock()
    store = open_store(settings.effective_store_url)
    blobs = claimed_blobs(settings.effective_blob_url)
    broker = MemoryBroker()
    broker.declare_queue("batches")
    transport = RefusingTransport(broker)
    app = create_app(
        settings=settings,
        store=store,
        blobs=blobs,
        transport=transport,
        registry=registry or build_registry(),
        clock=clock,
        metrics=Metrics(CollectorRegistry()),
    )
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host="127.0.0.1",
            port=0,
            log_config=None,
            timeout_graceful_shutdown=10,
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False
        ) as client:
            yield RunningGateway(
                settings=settings,
                store=store,
                blobs=blobs,
                transport=transport,
                broker=broker,
                client=client,
            )
    finally:
        app.state.end_streams()
        server.should_exit = True
        thread.join(timeout=15)
        store.close()
        assert not thread.is_alive()
