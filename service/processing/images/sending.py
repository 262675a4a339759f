"""How a picture reaches a model, and that nothing of it stays behind."""

import base64
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from service.blobs import Blobs
from service.errors import TransientError
from service.logs import get_logger
from service.processing.images.links import TEMPORARY, Links
from service.processing.llm.problems import ModelError, Trouble

BLOBS_PATH = "/api/v1/blobs"
PICTURE_BYTES_MAX = 20_000_000
"""A larger one did not come out of our own step."""

_log = get_logger(__name__)


@dataclass(slots=True)
class Shown:
    """A picture while it can be looked at."""

    url: str = ""
    ttl_s: int | None = None
    """How long the address is good for; None = it is the picture itself."""
    deleted: bool = False
    """Whether nothing of it is left anywhere, once the block has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """What is needed to show pictures by temporary addresses."""

    blobs: Blobs
    links: Links
    base_url: str
    """Of the gateway, for stores that serve no addresses."""
    ttl_s: int


class Pictures:
    """Shows pictures to a model's service.

    Args:
        addresses: None = the picture itself is put into the request.
    """

    def __init__(self, addresses: Addresses | None = None) -> None:
        self._addresses = addresses

    @contextmanager
    def shown(self, path: Path) -> Iterator[Shown]:
        """Make a JPEG readable for the length of the block, and unreadable after it.

        A worker that dies inside leaves a blob, which the sweep removes.

        Raises:
            ModelError: ``too_long``: the picture is too large.
            TransientError: The blobs failed.
        """
        if path.stat().st_size > PICTURE_BYTES_MAX:
            raise ModelError(Trouble.TOO_LONG)
        if self._addresses is None:
            content = base64.b64encode(path.read_bytes()).decode()
            yield Shown(f"data:image/jpeg;base64,{content}", deleted=True)
            return
        with _uploaded(self._addresses, path) as shown:
            yield shown


@contextmanager
def _uploaded(addresses: Addresses, path: Path) -> Iterator[Shown]:
    key = f"{TEMPORARY}/{secrets.token_hex(16)}.jpg"
    shown = Shown("", addresses.ttl_s)
    try:
        addresses.blobs.put_file(key, path)
        shown.url = _address(addresses, key)
        yield shown
    finally:
        try:
            addresses.blobs.delete([key])
            shown.deleted = True
        except TransientError as error:
            _log.warning("picture_not_deleted", key=key, code=error.code)


def _address(addresses: Addresses, key: str) -> str:
    ttl_s = addresses.ttl_s
    signed = addresses.blobs.temporary_url(key, expires_s=ttl_s)
    if signed is not None:
        return signed
    token = addresses.links.token(key, expires_s=ttl_s)
    return f"{addresses.base_url.rstrip('/')}{BLOBS_PATH}/{token}"
