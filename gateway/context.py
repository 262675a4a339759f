"""What every request needs, handed to it instead of looked up."""

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from starlette.requests import Request

from gateway.backlog import Backlog
from gateway.sender import Sender
from gateway.streams.hub import StreamHub
from gateway.threads import Threads
from service.blobs import Blobs
from service.clock import Clock
from service.domain.model import DocumentId, JobId, Owner
from service.metrics import Metrics
from service.processing.registry import Registry
from service.settings import Settings
from service.store import Store
from service.transport import Transport

B_co = TypeVar("B_co", covariant=True)
Q_co = TypeVar("Q_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """The parts that requests are carried out with."""

    settings: Settings
    store: Store
    blobs: Blobs
    transport: Transport
    registry: Registry
    clock: Clock
    metrics: Metrics
    threads: Threads
    sender: Sender
    backlog: Backlog
    hub: StreamHub
    spool: Path
    """Folder for uploads on their way; emptied at start."""
    description: bytes
    """What ``/openapi.json`` says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[B_co, Q_co]):
    """One request, its body and query string checked."""

    gateway: Gateway
    request: Request
    owner: Owner
    body: B_co
    query: Q_co
    raw_body: bytes = b""

    @property
    def job_id(self) -> JobId:
        """The job in the address."""
        return JobId(self.request.path_params["jobId"])

    @property
    def document_id(self) -> DocumentId:
        """The document in the address."""
        return DocumentId(self.request.path_params["documentId"])
