"""What single settings must be like, and how those with secrets are shown."""

import ipaddress
import re
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from pydantic import ValidationInfo

STARS = "***"
"""What is printed in the place of a secret."""


def masked_url(url: str) -> str:
    """Give the URL with the password and secret parameters replaced by stars."""
    url = re.sub(r"(://[^/:@]*):(?:(?!;amqps?://)[^?])*@", r"\1:***@", url)
    return re.sub(
        r"(?i)([?&][^&=]*(?:key|secret|token|password|sig)[^&=]*)=[^&]*", r"\1=***", url
    )


def is_loopback(host: str) -> bool:
    """Say whether only this machine itself can reach what listens on `host`."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def permitted_host(host: str, info: ValidationInfo) -> str:
    """Refuse an address that others can reach, unless `allow_public` came before.

    Raises:
        ValueError: It may not be listened on.
    """
    if not (is_loopback(host) or info.data.get("allow_public", True)):
        raise ValueError(
            "not a loopback address: there is no access control yet, so Docmill is "
            "served to this machine only. Use 127.0.0.1, ::1 or localhost, or set "
            "allow_public where nobody but its users can reach it"
        )
    return host


def folder(path: Path) -> Path:
    """Give the folder with a leading ``~`` written out.

    Raises:
        ValueError: It cannot be named so.
    """
    try:
        str(path).encode()
        return path.expanduser()
    except (UnicodeError, RuntimeError):  # the latter: nobody of that name
        raise ValueError("not a path in UTF-8 that begins at a known home") from None


def store_url(url: str) -> str:
    """Refuse a database Docmill cannot use.

    Raises:
        ValueError: It is none.
    """
    if url and not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError(
            "not a store Docmill has: use sqlite:///PATH or "
            "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"
        )
    return url


def broker_url(urls: str) -> str:
    """Refuse a broker Docmill cannot use.

    Raises:
        ValueError: It is none.
    """
    for url in urls.split(";") if urls else ():
        parts = _split(url)
        known = parts.scheme in {"amqp", "amqps"} and parts.hostname
        if not (known and _has_usable_port(parts)):
            raise ValueError(
                "not a broker Docmill can use: amqp://USER:PASSWORD@HOST:PORT/VHOST, "
                "several with ; between"
            )
    return urls


def blob_url(url: str) -> str:
    """Refuse a blob store Docmill cannot use.

    Raises:
        ValueError: It is none.
    """
    parts = _split(url)
    if url and parts.scheme not in {"file", "s3", "gs", "az"}:
        raise ValueError("not a blob store Docmill has: use file, s3, gs or az URLs")
    if parts.scheme == "file" and (parts.netloc or not parts.path.startswith("/")):
        raise ValueError("a file URL needs an absolute path: file:///PATH")
    return url


def _has_usable_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:  # its message may quote a password with a slash
        return False


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        # Its message may quote the URL, password and all.
        raise ValueError("not a URL") from None


def http_url(url: str) -> str:
    """Refuse an address that is not of the web.

    Raises:
        ValueError: It is none.
    """
    parts = _split(url)
    if url and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise ValueError("not an address: it begins with http:// or https://")
    if parts.query or parts.fragment:
        raise ValueError("an address that others are made from ends with its path")
    return url


def model_name(name: str, info: ValidationInfo) -> str:
    """Refuse to have an address of models and none of them.

    Raises:
        ValueError: The name is missing.
    """
    if info.data.get("model_url") and not name:
        raise ValueError("model_url is set, and no model of it is named")
    return name
