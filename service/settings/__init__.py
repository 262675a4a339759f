"""All configuration as one frozen value, read once at start.

Sources in order of weight: command-line options, ``DOCMILL_*`` environment variables,
one file a setting in the secrets folder, ``docmill.toml``, the defaults. The page
``docs/settings.md`` is generated from `Settings`.
"""

from service.settings.checks import is_loopback, masked_url
from service.settings.job_types import registry_of
from service.settings.model import Settings
from service.settings.roles import (
    KEPT_BACK,
    Role,
    for_role,
    picture_problem,
    refusals,
)
from service.settings.sources import environment, load_settings

__all__ = [
    "KEPT_BACK",
    "Role",
    "Settings",
    "environment",
    "for_role",
    "is_loopback",
    "load_settings",
    "masked_url",
    "picture_problem",
    "refusals",
    "registry_of",
]
