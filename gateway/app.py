"""The application: routes, middleware, error answers and one lifespan, put together."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware

from gateway.access import AccessMiddleware
from gateway.backlog import Backlog
from gateway.context import Gateway
from gateway.openapi import describe
from gateway.operations import routes
from gateway.problems import EXCEPTION_HANDLERS
from gateway.routes import OPERATIONS
from gateway.security import SecurityMiddleware, answered_names
from gateway.sender import Sender
from gateway.streams.hub import StreamHub
from gateway.threads import Threads
from service.blobs import Blobs
from service.clock import Clock
from service.metrics import Metrics
from service.processing.registry import Registry
from service.settings import Settings
from service.store import Store
from service.transport import Transport

SPOOL: Final = Path("tmp") / "uploads"
"""Within the data folder: uploads on their way."""


def create_app(
    *,
    settings: Settings,
    store: Store,
    blobs: Blobs,
    transport: Transport,
    registry: Registry,
    clock: Clock,
    metrics: Metrics,
    spool: Path | None = None,
) -> Starlette:
    """Build the gateway over parts that stay the caller's: it closes none of them.

    ``app.state.end_streams`` ends all event streams, from any thread. A server waits
    for open connections before the lifespan ends, so whoever stops one without a
    signal calls it first.

    Args:
        settings: Limits, names and the data folder.
        store: Jobs and documents.
        blobs: Files.
        transport: To the aggregator and the actors, and back.
        registry: The job types that are installed.
        clock: Time.
        metrics: What to count in.
        spool: Folder for uploads on their way, for this process alone; None = one in
            the data folder.
    """
    threads = Threads()
    hub = StreamHub(
        store=store,
        transport=transport,
        threads=threads,
        clock=clock,
        metrics=metrics,
        limit=settings.max_streams,
    )
    gateway = Gateway(
        settings=settings,
        store=store,
        blobs=blobs,
        transport=transport,
        registry=registry,
        clock=clock,
        metrics=metrics,
        threads=threads,
        sender=Sender(transport),
        backlog=Backlog(
            store=store, threads=threads, clock=clock, limit=settings.backlog_limit
        ),
        hub=hub,
        spool=spool or settings.data_dir.absolute() / SPOOL,
        description=msgspec.json.encode(describe(OPERATIONS, settings, registry)),
    )
    app = Starlette(
        routes=routes(OPERATIONS, gateway),
        middleware=[
            Middleware(AccessMiddleware, metrics=metrics, clock=clock),
            Middleware(SecurityMiddleware, hosts=answered_names(settings.host)),
        ],
        exception_handlers=EXCEPTION_HANDLERS,
        lifespan=_lifespan(gateway),
    )
    app.router.redirect_slashes = False
    app.state.end_streams = hub.close
    return app


def _lifespan(
    gateway: Gateway,
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await gateway.threads.run(_empty, gateway.spool)
        polling = asyncio.create_task(gateway.hub.run())
        try:
            yield
        finally:
            gateway.hub.close()
            await polling
            await gateway.threads.close()
            gateway.sender.close()  # now that nothing posts any more

    return lifespan


def _empty(folder: Path) -> None:
    """Make the folder anew: what a killed process left half-way is nobody's."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
