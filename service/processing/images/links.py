"""Temporary addresses of stored files that the gateway itself serves.

For stores that sign no addresses, which is a folder. Whoever has one can read that one
file until it expires; nothing can be guessed from it.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from service.clock import Clock
from service.errors import NotFoundError

TEMPORARY = "temporary"
"""Folder of the blobs that live for minutes; nothing else is ever served so."""
SIGNING_FILE = "image-url-secret"
SECRET_BYTES = 32
_TOKEN_CHARS = 1_000
_PRIVATE = 0o600


class Links:
    """Signs keys of temporary blobs, and reads what it signed.

    Args:
        secret: Known to gateways and workers.
        clock: Its wall-clock time.
    """

    def __init__(self, secret: bytes, clock: Clock) -> None:
        self._secret = secret
        self._clock = clock

    def token(self, key: str, *, expires_s: float) -> str:
        """Give what stands for the key in an address, for so long.

        Raises:
            ValueError: The key is of no temporary blob.
        """
        if not key.startswith(f"{TEMPORARY}/"):
            raise ValueError(f"not temporary: {key!r}")
        expires = round(self._clock.now().timestamp() + expires_s)
        signed = f"{expires} {key}".encode()
        return f"{_text(signed)}.{_text(self._signature(signed))}"

    def key(self, token: str) -> str:
        """Give the key of a token that is ours and good.

        Raises:
            NotFoundError: It is not.
        """
        try:
            signed, signature = map(_bytes, token[:_TOKEN_CHARS].split("."))
        except (ValueError, binascii.Error):
            raise _unknown() from None
        if not hmac.compare_digest(signature, self._signature(signed)):
            raise _unknown()
        expires, key = signed.decode().split(" ", 1)
        if self._clock.now().timestamp() >= int(expires):
            raise _unknown()
        return key

    def _signature(self, signed: bytes) -> bytes:
        return hmac.digest(self._secret, signed, hashlib.sha256)


def shared_secret(chosen: str, data_dir: Path) -> bytes:
    """Give the chosen secret, or the one in the data folder, made if need be.

    Whoever is first makes it, and whole: others see all of it or nothing.
    """
    if chosen:
        return chosen.encode()
    path = data_dir / SIGNING_FILE
    if not path.exists():
        new = path.with_name(f"{SIGNING_FILE}.{secrets.token_hex(8)}")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
        try:
            path.hardlink_to(new)
        except FileExistsError:
            pass
        finally:
            new.unlink()
    return path.read_bytes()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(
        text + "=" * (-len(text) % 4), altchars=b"-_", validate=True
    )


def _unknown() -> NotFoundError:
    return NotFoundError("There is no such address, or it has expired.")
