"""One declaration for each operation: routes and /openapi.json are made from it."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, get_origin

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from gateway.context import Call, Gateway
from gateway.problems import FieldProblem, ProblemError, refused
from gateway.requests import NoQuery
from gateway.validation import bare, read
from service.domain.model import LOCAL_OWNER

JSON: Final = "application/json"
IDENTITY: Final = "identity"
"""The coding of a body that is sent as it is (RFC 9110 §8.4.1)."""
LEAST_JSON_LIMIT_BYTES: Final = 1_048_576
BYTES_FOR_ONE_ID: Final = 300
"""Longest id with quotes and a comma: a batch of them must fit the limit."""

_NUMBER: Final = re.compile(r"-?[0-9]{1,18}")

Handler = Callable[[Call[Any, Any]], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One way an operation ends well."""

    status: int
    description: str
    body: Any = None
    """Type of the JSON body, if it is JSON."""
    media_type: str | None = None
    """Of a body that is not JSON."""
    other_media_types: tuple[str, ...] = ()
    """What the body can be instead of JSON."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Name to meaning."""


@dataclass(frozen=True, slots=True)
class Header:
    """A request header that an operation reads."""

    name: str
    meaning: str
    pattern: str | None = None
    """Of the values that are accepted; None if every value is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A method of an address and everything a client must know of it."""

    method: str
    path: str
    name: str
    """``operationId``."""
    summary: str
    tag: str
    handler: Handler
    answers: tuple[Answer, ...]
    problems: tuple[str, ...] = ()
    """Codes of ``gateway.problems.PROBLEMS`` beside those that follow from the rest."""
    body: type[msgspec.Struct] | None = None
    body_required: bool = True
    query: type[msgspec.Struct] = NoQuery
    form: type[msgspec.Struct] | None = None
    """Fields of a multipart form beside ``files``."""
    headers: tuple[Header, ...] = ()
    """Request headers it reads."""
    stored: bool = True
    """It needs the store, so that it can be unavailable."""
    head: bool = True
    """Being a GET, it also answers HEAD; a stream without end does not."""


def routes(operations: Iterable[Operation], gateway: Gateway) -> list[Route]:
    """Give one route for each address, fixed addresses before those with a variable.

    Together in one route, the methods of an address are answered with 405 where they
    do not exist, even if another address's pattern would match.
    """
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, {})[operation.method] = operation
    paths = sorted(by_path, key=lambda path: [part[:1] == "{" for part in _parts(path)])
    return [Route(path, _Address(by_path[path], gateway)) for path in paths]


class _Address:
    """ASGI application of one address."""

    def __init__(self, methods: Mapping[str, Operation], gateway: Gateway) -> None:
        self._methods = dict(methods)
        if "GET" in methods and methods["GET"].head:
            self._methods["HEAD"] = methods["GET"]
        self._gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        operation = self._methods.get(request.method)
        if operation is None:
            allowed = ", ".join(sorted(self._methods))
            raise HTTPException(405, headers={"Allow": allowed})
        response = await _carried_out(operation, self._gateway, request)
        await response(scope, receive, send)


async def _carried_out(
    operation: Operation, gateway: Gateway, request: Request
) -> Response:
    _check_address(request)
    if operation.body is not None or operation.form is not None:
        _check_encoding(request)
    query = read(
        _query_values(request, operation.query), operation.query, source="query"
    )
    raw, body = b"", None
    if operation.body is not None:
        raw = await _whole_body(request, _json_limit_bytes(gateway))
        body = _json_body(operation, request, raw)
    call = Call(
        gateway=gateway,
        request=request,
        owner=LOCAL_OWNER,
        body=body,
        query=query,
        raw_body=raw,
    )
    return await operation.handler(call)


def _check_address(request: Request) -> None:
    """Refuse what names nothing, and what not every database can be asked for."""
    if any("\0" in part for part in request.path_params.values()):
        raise HTTPException(404)


def _check_encoding(request: Request) -> None:
    encoding = request.headers.get("content-encoding", IDENTITY)
    if encoding.strip().lower() != IDENTITY:
        raise ProblemError(
            "unsupported_encoding",
            "Send the body as it is, without Content-Encoding.",
            headers={"Accept-Encoding": IDENTITY},
        )


def json_response(
    body: msgspec.Struct, status: int = 200, *, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with a JSON body."""
    return Response(msgspec.json.encode(body), status, headers=headers, media_type=JSON)


def decoded(raw: bytes) -> object:
    """Read JSON.

    Raises:
        ProblemError: It is none, or has a number larger than any we can hold.
    """
    try:
        return msgspec.json.decode(raw)
    except msgspec.ValidationError as error:
        detail = "A number is too large: 1.8e308 is about the largest."
        raise refused(
            [FieldProblem(pointer="", code="out_of_range", detail=detail)]
        ) from error
    except msgspec.DecodeError as error:
        raise ProblemError("malformed_json", f"{error}.") from error
    except UnicodeDecodeError as error:
        raise ProblemError("malformed_json", "It is not text in UTF-8.") from error
    except RecursionError as error:
        raise ProblemError("malformed_json", "It is nested too deeply.") from error


def media_type(request: Request) -> str:
    """Give the media type of the request's body, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _json_body(operation: Operation, request: Request, raw: bytes) -> Any:
    assert operation.body is not None
    if not raw and not operation.body_required:
        return operation.body()
    if media_type(request) != JSON:
        raise ProblemError(
            "unsupported_media_type",
            f"Send the body as {JSON}.",
            headers={"Accept": JSON},
        )
    return read(decoded(raw), operation.body)


async def _whole_body(request: Request, limit_bytes: int) -> bytes:
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > limit_bytes:
            raise ProblemError(
                "too_large", f"The body is larger than {limit_bytes} bytes."
            )
        pieces.append(piece)
    return b"".join(pieces)


def _json_limit_bytes(gateway: Gateway) -> int:
    most = gateway.settings.max_documents_per_job * BYTES_FOR_ONE_ID
    return max(LEAST_JSON_LIMIT_BYTES, most)


def _query_values(request: Request, kind: type[msgspec.Struct]) -> dict[str, object]:
    """Give the query string as the fields of `kind` want it: lists and numbers.

    Lists come as repeated parameters or with commas between; an empty one is empty.
    What is no list and comes twice stays one, which no such field takes.
    """
    lists, numbers = _lists_and_numbers(kind)
    given: dict[str, list[str]] = {}
    for name, text in request.query_params.multi_items():
        given.setdefault(name, []).append(text)
    values: dict[str, object] = {}
    for name, texts in given.items():
        if name in lists:
            values[name] = [each for each in ",".join(texts).split(",") if each]
        elif len(texts) > 1:
            values[name] = texts
        else:
            number = name in numbers and _NUMBER.fullmatch(texts[0])
            values[name] = int(texts[0]) if number else texts[0]
    return values


@cache
def _lists_and_numbers(kind: type[msgspec.Struct]) -> tuple[set[str], set[str]]:
    """Give the names of the fields of `kind` that are lists, and of whole numbers."""
    types = {each.encode_name: bare(each.type) for each in msgspec.structs.fields(kind)}
    lists = {name for name, each in types.items() if get_origin(each) in {list, tuple}}
    return lists, {name for name, each in types.items() if each is int}


def _parts(path: str) -> list[str]:
    return path.strip("/").split("/")
