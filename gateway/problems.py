"""What can go wrong over HTTP: one table, one body (RFC 9457), one way out."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from service.errors import (
    ConflictError,
    DocmillError,
    InvalidRequestError,
    NotFoundError,
    TransientError,
)
from service.logs import get_logger

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = 1
"""When a request refused for a passing reason may be sent again."""

_log = get_logger(__name__)


class FieldProblem(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One thing that is wrong with a request."""

    pointer: str
    """JSON pointer (RFC 6901) to the value, within `source`."""
    source: str = msgspec.field(default="body", name="in")
    """``body``, ``form``, ``query`` or ``header``."""
    code: str
    detail: str


class Problem(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True
):
    """The body of every refused or failed request."""

    type: str
    """Stable, relative: ``/problems/`` and the code; it leads to an explanation."""
    title: str
    status: int
    detail: str
    errors: tuple[FieldProblem, ...] = ()
    """Everything that is wrong, when it is the request's content."""


class ProblemKind(msgspec.Struct, frozen=True):
    """A row of the table."""

    status: int
    title: str


PROBLEMS: Final[Mapping[str, ProblemKind]] = {
    "malformed_json": ProblemKind(400, "The body is not JSON"),
    "malformed_form": ProblemKind(400, "The body is not a multipart form"),
    "incomplete_body": ProblemKind(400, "The body ended before its end"),
    "invalid_host": ProblemKind(400, "The Host header names another host"),
    "foreign_origin": ProblemKind(403, "Another site may not change anything here"),
    "not_found": ProblemKind(404, "There is no such thing"),
    "documents_not_found": ProblemKind(404, "Some documents do not exist"),
    "no_result": ProblemKind(404, "The document has no result in this job"),
    "content_missing": ProblemKind(404, "What was stored is gone"),
    "not_rendered": ProblemKind(404, "There is no picture of that page"),
    "no_batch_result": ProblemKind(404, "The job has no result across its documents"),
    "no_text": ProblemKind(404, "The document's result has no text"),
    "method_not_allowed": ProblemKind(405, "The address has no such method"),
    "conflict": ProblemKind(409, "The present state does not allow it"),
    "job_ended": ProblemKind(409, "The job has ended"),
    "job_running": ProblemKind(409, "The job has not ended yet"),
    "nothing_failed": ProblemKind(409, "The job has nothing to retry"),
    "document_in_use": ProblemKind(409, "An unfinished job needs the document"),
    "too_large": ProblemKind(413, "The request is too large"),
    "unsupported_media_type": ProblemKind(415, "The Content-Type is not accepted"),
    "unsupported_encoding": ProblemKind(415, "The Content-Encoding is not accepted"),
    "invalid_request": ProblemKind(422, "The request breaks a rule"),
    "not_available_yet": ProblemKind(422, "That option has no other value yet"),
    "unknown_job_type": ProblemKind(422, "The job type is not installed"),
    "idempotency_key_reused": ProblemKind(
        422, "The Idempotency-Key belongs to another request"
    ),
    "internal": ProblemKind(500, "Docmill failed"),
    "unavailable": ProblemKind(503, "Something Docmill needs does not answer"),
    "backlog_full": ProblemKind(503, "Too many documents wait already"),
    "too_many_streams": ProblemKind(503, "Too many streams are open"),
}
"""Code to status and title. An idempotency key used for another request is 422, as in
the IETF draft of the Idempotency-Key header."""

_BY_STATUS: Final = {
    400: "incomplete_body",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
}


class ProblemError(Exception):
    """Ends a request with the problem named by `code`."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


_FIELDS: Final = {
    "invalid_page_token": (
        FieldProblem(
            pointer="/pageToken",
            source="query",
            code="invalid_page_token",
            detail="Not a token that this list gave out.",
        ),
    )
}
"""Where in the request an error lies that only the service finds."""


def refused(errors: Sequence[FieldProblem]) -> ProblemError:
    """Give the problem for a request whose content is wrong in these ways.

    When all errors are of one kind that the table knows, it is that problem.
    """
    codes = {error.code for error in errors}
    only = codes.pop() if len(codes) == 1 else ""
    code = only if only in PROBLEMS else "invalid_request"
    number = len(errors)
    detail = errors[0].detail if number == 1 else f"{number} things are wrong with it."
    return ProblemError(code, detail, errors=errors)


def type_of(code: str) -> str:
    """Give the problem type of a code."""
    return "/problems/" + code.replace("_", "-")


def problem_response(error: ProblemError) -> Response:
    """Give the answer that says what is wrong."""
    kind = PROBLEMS[error.code]
    body = Problem(
        type=type_of(error.code),
        title=kind.title,
        status=kind.status,
        detail=error.detail,
        errors=error.errors,
    )
    headers = dict(error.headers)
    if kind.status == 503:
        headers.setdefault("Retry-After", str(RETRY_AFTER_S))
    return Response(
        msgspec.json.encode(body), kind.status, headers=headers, media_type=MEDIA_TYPE
    )


def translated(error: DocmillError) -> ProblemError:
    """Give the problem that an error of the service is over HTTP."""
    match error:
        case TransientError():
            _log.warning("request_unavailable", code=error.code, error=error.message)
            return ProblemError(
                "unavailable", "Please try again in a moment; nothing was changed."
            )
        case NotFoundError(code="blob_not_found"):
            return ProblemError("content_missing", "Its file is not there any more.")
        case NotFoundError():
            return _known(error, otherwise="not_found")
        case ConflictError():
            return _known(error, otherwise="conflict")
        case InvalidRequestError():
            return _known(error, otherwise="invalid_request")
        case _:
            _log.error("request_failed", code=error.code, error=error.message)
            return ProblemError("internal", "The log of the service says how.")


def _known(error: DocmillError, *, otherwise: str) -> ProblemError:
    code = error.code if error.code in PROBLEMS else otherwise
    return ProblemError(code, error.message, errors=_FIELDS.get(error.code, ()))


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return problem_response(error)


async def _on_service_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DocmillError)
    return problem_response(translated(error))


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _BY_STATUS.get(error.status_code, "internal")
    details = {
        "not_found": f"Nothing is at {request.url.path}; /docs lists what is there.",
        "method_not_allowed": f"{request.method} does not work here; see Allow.",
    }
    detail = details.get(code, str(error.detail))
    return problem_response(ProblemError(code, detail, headers=error.headers))


async def _on_disconnect(request: Request, error: Exception) -> Response:
    return problem_response(
        ProblemError("incomplete_body", "The connection ended within the body.")
    )


async def _on_bug(request: Request, error: Exception) -> Response:
    return problem_response(
        ProblemError("internal", "The log of the service says how.")
    )


EXCEPTION_HANDLERS: Final[Mapping[type[Exception], ExceptionHandler]] = {
    ProblemError: _on_problem,
    DocmillError: _on_service_error,
    HTTPException: _on_http_exception,
    ClientDisconnect: _on_disconnect,
    Exception: _on_bug,
}
