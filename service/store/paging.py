"""Opaque page tokens: the key of a page's last row."""

import base64
import binascii
import re

from service.errors import InvalidRequestError

_KEY = re.compile(r"[\w.-]+", re.ASCII)  # an id or a position


def token_after(key: str) -> str:
    """Give the token of the page behind the row with `key`."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def key_of(token: str) -> str | None:
    """Give the key a token holds; None for the empty token of the first page.

    Raises:
        InvalidRequestError: It is no token.
    """
    if not token:
        return None
    try:
        padded = token + "=" * (-len(token) % 4)
        key = base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
        text = key.decode()
    except (binascii.Error, UnicodeError) as error:
        raise _invalid() from error
    if not _KEY.fullmatch(text):
        raise _invalid()
    return text


def index_of(token: str) -> int:
    """Give the position a token holds; -1 for the empty token of the first page.

    Raises:
        InvalidRequestError: It is no token of a list in order of position.
    """
    key = key_of(token)
    if key is None:
        return -1
    # Longer numbers do not fit a column.
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        raise _invalid()
    return int(key)


def _invalid() -> InvalidRequestError:
    message = "pageToken is not one that a list gave out."
    return InvalidRequestError(message, code="invalid_page_token")
