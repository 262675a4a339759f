"""How a picture reaches a model, and that nothing of it stays behind."""

import base64
import secrets
from collections.abc import Iterator, Sequence
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
"""Of all pictures together: services take no larger requests."""

_log = get_logger(__name__)


@dataclass(slots=True)
class Shown:
    """Pictures while they can be looked at."""

    urls: tuple[str, ...] = ()
    ttl_s: int | None = None
    """How long the addresses are good for; None = they are the pictures themselves."""
    deleted: bool = False
    """Whether nothing of them is left anywhere, once the block has ended."""


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
    def shown(self, paths: Sequence[Path]) -> Iterator[Shown]:
        """Make JPEGs readable for the length of the block, and unreadable after it.

        A worker that dies inside leaves blobs, which the sweep removes.

        Raises:
            ModelError: ``too_long``: the pictures are too large together.
            TransientError: The blobs failed.
        """
        if sum(path.stat().st_size for path in paths) > PICTURE_BYTES_MAX:
            raise ModelError(Trouble.TOO_LONG)
        if self._addresses is None:
            yield Shown(tuple(map(_data_url, paths)), deleted=True)
            return
        with _uploaded(self._addresses, paths) as shown:
            yield shown


def _data_url(path: Path) -> str:
    content = base64.b64encode(path.read_bytes()).decode()
    return f"data:image/jpeg;base64,{content}"


@contextmanager
def _uploaded(addresses: Addresses, paths: Sequence[Path]) -> Iterator[Shown]:
    keys = [f"{TEMPORARY}/{secrets.token_hex(16)}.jpg" for _ in paths]
    shown = Shown(ttl_s=addresses.ttl_s)
    try:
        for key, path in zip(keys, paths, strict=True):
            addresses.blobs.put_file(key, path)
        shown.urls = tuple(_address(addresses, key) for key in keys)
        yield shown
    finally:
        try:
            addresses.blobs.delete(keys)
            shown.deleted = True
        except TransientError as error:
            _log.warning("pictures_not_deleted", keys=keys, code=error.code)


def _address(addresses: Addresses, key: str) -> str:
    ttl_s = addresses.ttl_s
    signed = addresses.blobs.temporary_url(key, expires_s=ttl_s)
    if signed is not None:
        return signed
    token = addresses.links.token(key, expires_s=ttl_s)
    return f"{addresses.base_url.rstrip('/')}{BLOBS_PATH}/{token}"
