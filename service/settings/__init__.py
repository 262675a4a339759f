"""All configuration as one frozen value, read once at start.

Sources in order of weight: command-line options, ``DOCMILL_*`` environment variables,
one file a setting in the secrets folder, ``docmill.toml``, the defaults. The page
``docs/settings.md`` is generated from `Settings`.
"""

from service.settings.model import Settings, masked_url
from service.settings.sources import load_settings

__all__ = ["Settings", "load_settings", "masked_url"]
