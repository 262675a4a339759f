"""The job types that the settings name."""

from service.errors import SettingsError
from service.processing.registry import Registry, build_registry
from service.settings.model import Settings


def registry_of(settings: Settings) -> Registry:
    """Give the job types that are installed or that the settings' modules register.

    Raises:
        SettingsError: A module or an installed package cannot be loaded, or the default
            type is not among them.
    """
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
