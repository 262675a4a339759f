"""The OpenAPI 3.1 description, made from the operations and the structs they name."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from gateway.operations import JSON, Answer, Operation
from gateway.options import default_concurrent
from gateway.problems import MEDIA_TYPE, PROBLEMS, Problem
from gateway.requests import NoQuery
from service.processing.registry import Registry
from service.settings import Settings

VERSION: Final = "1"
"""Of the HTTP interface, as in its addresses."""
FORM: Final = "multipart/form-data"
EVENT_STREAM: Final = "text/event-stream"
REF: Final = "#/components/schemas/{name}"

_VARIABLE: Final = re.compile(r"{(\w+)}")
_CHANGES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def describe(
    operations: Iterable[Operation], settings: Settings, registry: Registry
) -> dict[str, Any]:
    """Give the description of exactly these operations in this installation."""
    listed = list(operations)
    bodies = _Bodies(listed)
    paths: dict[str, dict[str, Any]] = {}
    for operation in listed:
        methods = paths.setdefault(operation.path, {})
        methods[operation.method.lower()] = _operation(operation, bodies)
    description = {
        "openapi": "3.1.0",
        "info": {
            "title": "Docmill",
            "version": VERSION,
            "description": "Turns batches of documents into structured results and "
            "shows live where each one stands.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": bodies.components},
    }
    filled: dict[str, Any] = _filled(description, _limits(settings, registry))
    return filled


class _Bodies:
    """Schemas of every type that the operations name, and references to them."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        types: list[Any] = [Problem]
        for operation in operations:
            types += [each.body for each in operation.answers if each.body is not None]
            types += [operation.query]
            types += [operation.body] if operation.body else []
            types += [operation.form] if operation.form else []
        unique = list(dict.fromkeys(types))
        found, self.components = msgspec.json.schema_components(
            unique, ref_template=REF
        )
        self._references: dict[Any, dict[str, Any]] = {}
        self._references.update(zip(unique, found, strict=True))
        for operation in operations:
            self.components.pop(operation.query.__name__, None)
            if operation.form is not None:
                self._add_files(operation.form.__name__)

    def _add_files(self, name: str) -> None:
        """A form's fields are a struct's; its files are no value a struct has."""
        form = self.components[name]
        file = {"contentMediaType": "application/octet-stream"}
        files = {"type": "array", "items": file, "minItems": 1, "x-fill": "files"}
        form["properties"] = {"files": files} | form["properties"]
        form["required"] = ["files"]

    def reference(self, kind: Any) -> dict[str, Any]:
        """Give where the schema of `kind` is."""
        return self._references[kind]


def _operation(operation: Operation, bodies: _Bodies) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": [
            *_variables(operation),
            *_query(operation),
            *_headers(operation),
        ],
        "responses": _responses(operation, bodies),
    }
    if operation.body is not None:
        content = {JSON: {"schema": bodies.reference(operation.body)}}
        described["requestBody"] = {
            "required": operation.body_required,
            "content": content,
        }
    if operation.form is not None:
        described["requestBody"] = {
            "required": True,
            "content": {
                "multipart/form-data": {"schema": bodies.reference(operation.form)}
            },
        }
    return described


def _variables(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _VARIABLE.findall(operation.path)
    ]


def _query(operation: Operation) -> list[dict[str, Any]]:
    if operation.query is NoQuery:
        return []
    schema = msgspec.json.schema_components([operation.query], ref_template=REF)[1]
    properties = schema[operation.query.__name__]["properties"]
    return [
        {"name": name, "in": "query", "schema": _without_null(each)}
        for name, each in properties.items()
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query string cannot say null: what is left out is not there."""
    choices = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    return choices[0] if len(choices) == 1 else schema


def _headers(operation: Operation) -> list[dict[str, Any]]:
    return [
        {
            "name": each.name,
            "in": "header",
            "description": each.meaning,
            "schema": {"type": "string"}
            | ({"pattern": each.pattern} if each.pattern else {}),
        }
        for each in operation.headers
    ]


def _responses(operation: Operation, bodies: _Bodies) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for answer in operation.answers:
        responses[str(answer.status)] = _answer(answer, bodies)
    by_status: dict[int, list[str]] = {}
    for code in _problem_codes(operation):
        by_status.setdefault(PROBLEMS[code].status, []).append(code)
    for status, codes in sorted(by_status.items()):
        responses[str(status)] = {
            "description": "; ".join(
                f"{PROBLEMS[code].title} (`{code}`)" for code in codes
            ),
            "content": {MEDIA_TYPE: {"schema": bodies.reference(Problem)}},
        }
    return responses


def _problem_codes(operation: Operation) -> list[str]:
    """Add to the declared problems those that follow from the rest."""
    codes = [*operation.problems, "invalid_host", "invalid_request"]
    if operation.method in _CHANGES:
        codes += ["foreign_origin"]
    if operation.body is not None:
        codes += ["malformed_json", "not_available_yet"]
    if operation.form is not None:
        codes += ["malformed_form"]
    if operation.body is not None or operation.form is not None:
        codes += ["incomplete_body", "too_large"]
        codes += ["unsupported_media_type", "unsupported_encoding"]
    if operation.stored:
        codes += ["unavailable"]
    return list(dict.fromkeys(codes))


def _answer(answer: Answer, bodies: _Bodies) -> dict[str, Any]:
    described: dict[str, Any] = {"description": answer.description}
    if answer.body is not None:
        described["content"] = {
            JSON: {"schema": bodies.reference(answer.body)},
            **{other.partition(";")[0]: {} for other in answer.other_media_types},
        }
    elif answer.media_type is not None:
        described["content"] = {answer.media_type: _as_text(answer.media_type)}
    if answer.headers:
        described["headers"] = {
            name: {"description": meaning, "schema": {"type": "string"}}
            for name, meaning in answer.headers.items()
        }
    return described


def _as_text(media_type: str) -> dict[str, Any]:
    """Describe an answer that is no JSON; a stream has no schema of its whole text."""
    return {} if media_type == EVENT_STREAM else {"schema": {"type": "string"}}


def _limits(settings: Settings, registry: Registry) -> dict[str, dict[str, Any]]:
    """What schemas say that depends on the installation, by the name of the gap."""
    return {
        "types": {
            "enum": list(registry.names()),
            "default": settings.default_type,
        },
        "documents": {"minItems": 1, "maxItems": settings.max_documents_per_job},
        "concurrent": {
            "maximum": settings.max_concurrent_limit,
            "default": default_concurrent(settings),
        },
        "retention": {"const": round(settings.retention_s * 1000)},
        "files": {"maxItems": settings.max_files_per_upload},
    }


def _filled(value: Any, gaps: Mapping[str, dict[str, Any]]) -> Any:
    match value:
        case dict():
            filled = {key: _filled(each, gaps) for key, each in value.items()}
            gap = filled.pop("x-fill", None)
            return filled | gaps[gap] if isinstance(gap, str) else filled
        case list() | tuple():
            return [_filled(each, gaps) for each in value]
        case _:
            return value
