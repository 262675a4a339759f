"""What each role needs of the settings, and what it must not have."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from service.errors import SettingsError
from service.processing.ocr import ocr_installed
from service.settings.job_types import registry_of
from service.settings.model import PREFIX, Settings


class Role(StrEnum):
    """A kind of process."""

    EMBEDDED = "docmill up"
    GATEWAY = "gateway"
    DOCUMENTS = "document worker"
    OCR = "OCR worker"
    BATCHES = "batch worker"
    AGGREGATOR = "aggregator"


SHARED: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.EMBEDDED: (),
    Role.GATEWAY: ("broker_url", "store_url", "blob_url"),
    Role.DOCUMENTS: ("broker_url", "blob_url"),
    Role.OCR: ("broker_url", "blob_url"),
    Role.BATCHES: ("broker_url", "store_url", "blob_url"),
    Role.AGGREGATOR: ("broker_url", "store_url", "blob_url"),
}
"""What processes of several roles meet at; its default is one process's own."""
KEPT_BACK: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.GATEWAY: ("model_api_key",),
    Role.DOCUMENTS: ("store_url",),
    Role.OCR: ("store_url",),
    Role.BATCHES: ("model_api_key", "image_url_secret"),
    Role.AGGREGATOR: ("model_api_key", "image_url_secret"),
}
"""Secrets that are none of a role's business."""
_ASKING: Final = frozenset({Role.EMBEDDED, Role.DOCUMENTS, Role.OCR})
"""The roles that ask models."""


def for_role(settings: Settings, role: Role) -> Settings:
    """Give the settings as a role may have them.

    Document and OCR workers open untrusted files, so they get no database
    credentials; they alone ask the model, so nobody else gets the key for that, and
    only gateways read the addresses that they sign.
    """
    kept_back = dict.fromkeys(KEPT_BACK.get(role, ()), "")
    return settings.model_copy(update=kept_back)


def refusals(settings: Settings, role: Role) -> dict[str, str]:
    """Give why a role cannot run with these settings, by the setting's name."""
    found = {
        name: f"{name} is not set, and the {role} needs it. Give all processes the "
        f"same one, for example as {PREFIX}{name.upper()}."
        for name in SHARED[role]
        if not getattr(settings, name)
    }
    if role is Role.EMBEDDED:
        found |= _refusals_when_alone(settings)
    reads_scans = role is Role.OCR or (role is Role.EMBEDDED and settings.ocr == "on")
    if reads_scans and not ocr_installed():
        found["ocr"] = (
            "ocr needs what is not installed here: pip install 'docmill[ocr]'."
        )
    if role in _ASKING and settings.model_url and (why := picture_problem(settings)):
        found["image_url_base"] = why
    return found | _refusals_of_job_types(settings)


def _refusals_of_job_types(settings: Settings) -> dict[str, str]:
    try:
        registry_of(settings)
    except SettingsError as error:
        return {"default_type": error.message}
    return {}


def _refusals_when_alone(settings: Settings) -> dict[str, str]:
    found = {}
    if settings.broker_url:
        found["broker_url"] = (
            "broker_url is set, but `docmill up` keeps its queues in memory. Leave it "
            "out, or run docmill gateway, worker and aggregator."
        )
    if settings.store_url and not settings.store_url.startswith("sqlite:///"):
        found["store_url"] = (
            "store_url names a database that others may use, but `docmill up` takes "
            "over whatever is at work there. Leave it out, or run the roles apart."
        )
    return found


def picture_problem(settings: Settings) -> str | None:
    """Give why nobody could fetch a picture for a model; None when it can be."""
    in_folder = settings.effective_blob_url.startswith("file:")
    if settings.image_mode != "url" or settings.image_url_base or not in_folder:
        return None
    return (
        "image_url_base is not set. Files are kept in a folder, so pictures need the "
        "gateway's address to be fetched from; or set image_mode to data."
    )
