"""Builds the parts every role shares from the settings; the roles build the rest."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from service.blobs import Blobs, open_blobs
from service.clock import Clock, SystemClock
from service.errors import SettingsError
from service.metrics import Metrics
from service.processing.registry import Registry, build_registry
from service.settings import Settings
from service.store import Store, migrate, open_store


@dataclass(frozen=True, slots=True)
class Parts:
    """What gateway, workers and aggregator share."""

    settings: Settings
    clock: Clock
    store: Store
    blobs: Blobs
    registry: Registry
    metrics: Metrics


def build_parts(settings: Settings) -> Parts:
    """Open store and blobs, migrating the store of an embedded service on the way.

    Raises:
        SettingsError: Something the settings name cannot be used.
        TransientError: The store does not answer.
    """
    clock = SystemClock()
    registry = _registry(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate(settings.effective_store_url)
    return Parts(
        settings=settings,
        clock=clock,
        store=open_store(settings.effective_store_url),
        blobs=open_blobs(settings.effective_blob_url),
        registry=registry,
        metrics=Metrics(CollectorRegistry()),
    )


def _registry(settings: Settings) -> Registry:
    try:
        registry = build_registry(settings.job_type_modules)
    except ImportError as error:
        raise SettingsError(f"job_type_modules cannot be imported: {error}") from error
    if settings.default_type not in registry.names():
        raise SettingsError(
            f"default_type {settings.default_type} is not installed. Installed: "
            f"{', '.join(registry.names())}. Correct it, or leave it out for the "
            "default."
        )
    return registry
