"""What each role needs of the settings, and what it must not have."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from service.errors import SettingsError
from service.settings.model import PREFIX, Settings


class Role(StrEnum):
    """A kind of process."""

    EMBEDDED = "up"
    GATEWAY = "gateway"
    DOCUMENTS = "document worker"
    BATCHES = "batch worker"
    AGGREGATOR = "aggregator"


SHARED: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.EMBEDDED: (),
    Role.GATEWAY: ("broker_url", "store_url", "blob_url"),
    Role.DOCUMENTS: ("broker_url", "blob_url"),
    Role.BATCHES: ("broker_url", "store_url"),
    Role.AGGREGATOR: ("broker_url", "store_url", "blob_url"),
}
"""What processes of several roles meet at; its default is one process's own."""


def for_role(settings: Settings, role: Role) -> Settings:
    """Give the settings as a role may have them.

    A document worker opens untrusted files, so it gets no database credentials.

    Raises:
        SettingsError: The role cannot run with them; lists every problem at once.
    """
    problems = [
        f"{name} is not set. Give all processes the same one, for example as "
        f"{PREFIX}{name.upper()}."
        for name in SHARED[role]
        if not getattr(settings, name)
    ]
    if role is Role.EMBEDDED:
        problems = _problems_of_embedded(settings)
    if problems:
        lines = "".join(f"\n  - {problem}" for problem in problems)
        raise SettingsError(f"The {role} cannot run with these settings:{lines}")
    if role is Role.DOCUMENTS:
        return settings.model_copy(update={"store_url": ""})
    return settings


def _problems_of_embedded(settings: Settings) -> list[str]:
    problems = []
    if settings.broker_url:
        problems.append(
            "broker_url is set, but `docmill up` keeps its queues in memory. Leave it "
            "out, or run docmill gateway, worker and aggregator."
        )
    if settings.store_url and not settings.store_url.startswith("sqlite:///"):
        problems.append(
            "store_url names a database that others may use, but `docmill up` takes "
            "over whatever is at work there. Leave it out, or run the roles apart."
        )
    return problems
