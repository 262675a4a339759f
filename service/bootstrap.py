"""Builds the parts every role shares from the settings; the roles build the rest."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from service.blobs import Blobs, open_blobs
from service.clock import Clock, SystemClock
from service.domain.model import LOCAL_OWNER
from service.errors import TransientError
from service.local_files import MARK
from service.logs import get_logger
from service.metrics import Metrics
from service.processing.registry import Registry
from service.settings import Settings, registry_of
from service.store import Store, migrate, open_store

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Tools:
    """What every process has; none of it is a connection to the store or broker."""

    settings: Settings
    clock: Clock
    blobs: Blobs
    registry: Registry
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class Parts(Tools):
    """What a process that may use the store has."""

    store: Store


def build_tools(settings: Settings) -> Tools:
    """Build what needs no other process.

    Raises:
        SettingsError: Something the settings name cannot be used.
    """
    registry = registry_of(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return Tools(
        settings=settings,
        clock=SystemClock(),
        blobs=open_blobs(settings.effective_blob_url),
        registry=registry,
        metrics=Metrics(CollectorRegistry()),
    )


def build_parts(settings: Settings) -> Parts:
    """Open store and blobs, migrating the store of an embedded service on the way.

    Raises:
        SettingsError: Something the settings name cannot be used.
        TransientError: The store does not answer.
    """
    tools = build_tools(settings)
    migrate(settings.effective_store_url)
    return with_store(tools, open_store(settings.effective_store_url))


def with_store(tools: Tools, store: Store) -> Parts:
    """Give the tools together with an open store, which knows whether files are kept.

    Raises:
        TransientError: The store does not answer.
    """
    _claim(tools.blobs, store)
    return Parts(
        settings=tools.settings,
        clock=tools.clock,
        blobs=tools.blobs,
        registry=tools.registry,
        metrics=tools.metrics,
        store=store,
    )


def _claim(blobs: Blobs, store: Store) -> None:
    """Begin to use the folder of files, unless it is empty and should not be."""
    stored = store.documents(LOCAL_OWNER, page_size=1)
    try:
        claimed = blobs.claim(first=not stored.items)
    except TransientError as error:
        _log.error("files_unavailable", problem=error.message)
        return
    if not claimed:
        _log.error(
            "files_unavailable",
            problem="documents were stored, and the folder of blob_url is empty",
            what_to_do=f"mount it; or, to go on without them, put a file {MARK} in it",
        )
