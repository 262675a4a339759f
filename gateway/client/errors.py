"""What the client raises."""

from collections.abc import Mapping
from typing import Any

from service.errors import DocmillError


class ClientError(DocmillError):
    """Root of what the client raises beside errors of local files."""

    code = "client"


class DocmillUnreachableError(ClientError):
    """Nothing answers at the address, or what answers is not Docmill."""

    code = "unreachable"


class ProblemError(ClientError):
    """The service refused or failed a request and said why (RFC 9457).

    Attributes:
        status: HTTP status.
        type: URI naming the kind of problem; stable.
        title: The kind of problem in words.
        detail: What is wrong with this request.
        errors: One entry for each bad part of the request.
    """

    def __init__(
        self,
        *,
        status: int,
        type: str,  # noqa: A002 - the member's name in RFC 9457
        title: str,
        detail: str = "",
        errors: tuple[Mapping[str, Any], ...] = (),
    ) -> None:
        super().__init__(detail or title, code=_code(type, status))
        self.status = status
        self.type = type
        self.title = title
        self.detail = detail
        self.errors = errors


def _code(type_uri: str, status: int) -> str:
    """Give the last part of the type as a code: ``/problems/job-not-found``."""
    name = type_uri.rstrip("/").rpartition("/")[2]
    return name.replace("-", "_") if name != "about:blank" else f"http_{status}"
