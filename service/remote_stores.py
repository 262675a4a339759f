"""Object stores behind a URL: how one is opened, and how long it may be silent."""

from datetime import timedelta
from typing import TYPE_CHECKING, cast
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store, from_url

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig, S3Config

_CONNECT_TIMEOUT_S = 5.0
_TIMEOUT_S = 60.0
"""A silent remote store must not hold a worker longer than a document may take."""
_RETRY_TIMEOUT_S = 20.0
"""After it nothing is tried again."""
_PROBE_TIMEOUT_S = 5.0
_CLIENT: "ClientConfig" = {
    "connect_timeout": timedelta(seconds=_CONNECT_TIMEOUT_S),
    "timeout": timedelta(seconds=_TIMEOUT_S),
}
_RETRY: "RetryConfig" = {
    "max_retries": 4,
    "retry_timeout": timedelta(seconds=_RETRY_TIMEOUT_S),
    "backoff": {
        "init_backoff": timedelta(milliseconds=100),
        "max_backoff": timedelta(seconds=5),
        "base": 2,
    },
}
_S3_OPTIONS = frozenset(
    {
        "endpoint",
        "region",
        "access_key_id",
        "secret_access_key",
        "session_token",
        "virtual_hosted_style_request",
        "timeout_s",
    }
)
_NO_SUCH_KEY = "documents/none"
_SETTINGS_PROBLEMS = {
    "NoSuchBucket": "there is no such bucket",
    "InvalidAccessKeyId": "the access key is not known there",
    "SignatureDoesNotMatch": "the secret key does not fit the access key",
    "PermanentRedirect": "the bucket is in another region",
    "AuthorizationHeaderMalformed": "the bucket is in another region",
}
"""What S3 answers when only other settings help."""


def open_remote(url: str) -> "ObjectStore":
    """Open the store at `url`.

    ``s3://BUCKET/PREFIX`` takes options behind a question mark: `endpoint`, `region`,
    `access_key_id`, `secret_access_key`, `session_token`,
    `virtual_hosted_style_request` and `timeout_s` of one request. Those not given come
    from the usual ``AWS_…`` variables. Its bucket must be there; one that cannot be
    asked for now is taken as it is, so that a store that is down stops no start.

    Raises:
        ValueError: The URL does not lead to a store.
        BaseError: As `ValueError`.
    """
    parts = urlsplit(url)
    if parts.scheme == "s3":
        return _open_s3(parts)
    return from_url(url, client_options=_CLIENT, retry_config=_RETRY)


def _open_s3(parts: SplitResult) -> S3Store:
    """Open a bucket and ask once whether it is there.

    Raises:
        ValueError: An option is unknown or no number, or the bucket is not there.
    """
    given = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    if unknown := given.keys() - _S3_OPTIONS:
        known = ", ".join(sorted(_S3_OPTIONS))
        raise ValueError(f"unknown option {min(unknown)}; there are {known}")
    timeout_s = float(given.pop("timeout_s", _TIMEOUT_S))
    # Only who writes http:// means it: no password in the clear by mistake.
    plain = given.get("endpoint", "").startswith("http://")
    client: ClientConfig = {
        "connect_timeout": timedelta(seconds=min(_CONNECT_TIMEOUT_S, timeout_s)),
        "timeout": timedelta(seconds=timeout_s),
        "allow_http": plain,
    }
    retry_s = min(_RETRY_TIMEOUT_S, timeout_s)
    retry = _RETRY | {"retry_timeout": timedelta(seconds=retry_s)}
    config = cast("S3Config", given)
    prefix = unquote(parts.path).strip("/") or None

    def store(client: "ClientConfig", retry: "RetryConfig") -> S3Store:
        return S3Store(
            parts.netloc,
            prefix=prefix,
            config=config,
            client_options=client,
            retry_config=retry,
        )

    at_start = timedelta(seconds=min(_PROBE_TIMEOUT_S, timeout_s))
    _probe(store(client | {"timeout": at_start}, retry | {"max_retries": 0}))
    return store(client, retry)


def _probe(store: S3Store) -> None:
    """Ask for an object that is not there: the answer tells of bucket and credentials.

    Raises:
        ValueError: The bucket is not there, or the credentials are not accepted.
    """
    try:
        obstore.get(store, _NO_SUCH_KEY)
    except (BaseError, OSError) as error:
        for code, problem in _SETTINGS_PROBLEMS.items():
            if f"<Code>{code}</Code>" in str(error):
                raise ValueError(problem) from error
