"""What servers say of parameters that they do not know, and what only sounds so."""

import json
from typing import Any

import pytest

from service.processing.llm.parameters import OPTIONAL, refused_parameter
from service.processing.llm.transport import HttpAnswer

SENT = dict.fromkeys(("model", "messages", *OPTIONAL), "x")


def refused(body: Any, status: int = 400) -> str | None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return refused_parameter(HttpAnswer(status, None, data), SENT)


def error(message: Any, **fields: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", **fields}}


def detail(kind: str, name: str, **more: str) -> dict[str, Any]:
    """Give what pydantic says of a field, in its order."""
    return {"detail": [{"type": kind, "loc": ["body", name], "msg": "No", **more}]}


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (
            error(
                "Unsupported parameter: 'max_tokens' is not supported with this model. "
                "Use 'max_completion_tokens' instead.",
                param="max_tokens",
                code="unsupported_parameter",
            ),
            "max_tokens",
        ),
        (
            error(
                "Unsupported value: 'temperature' does not support 0 with this model. "
                "Only the default (1) value is supported.",
                param="temperature",
                code="unsupported_value",
            ),
            "temperature",
        ),
        (
            error(
                "Invalid parameter: 'response_format' of type 'json_schema' is not "
                "supported with this model.",
                param="response_format",
                code=None,
            ),
            "response_format",
        ),
        (
            error(
                "Invalid value: 'json_schema'. Supported values are: 'text'.",
                param="response_format.type",
                code="invalid_value",
            ),
            "response_format",
        ),
        (error("This model does not support it", param="max_tokens"), "max_tokens"),
        (error("Unrecognized request argument supplied: max_tokens"), "max_tokens"),
        (error("Unsupported param: temperature", code=400), "temperature"),
        (error("'response_format' is not supported by this model"), "response_format"),
        (error("This response_format type is unavailable now"), "response_format"),
        (
            error('response_format type must be one of "text" or "json_object"'),
            "response_format",
        ),
        (
            error(
                "UnsupportedParamsError: x does not support parameters: ['"
                "response_format'], for model=x"
            ),
            "response_format",
        ),
        (
            error("Extra inputs are not permitted, field: 'temperature'"),
            "temperature",
        ),
        ({"error": "unknown field: temperature"}, "temperature"),
        (detail("extra_forbidden", "max_tokens"), "max_tokens"),
        (
            {
                "object": "error",
                "message": "[{'type': 'extra_forbidden', 'loc': ('body', "
                "'response_format'), 'msg': 'Extra inputs are not permitted'}]",
                "param": None,
                "code": 400,
            },
            "response_format",
        ),
        (b"Unknown parameter: temperature", "temperature"),
    ],
)
def test_what_says_that_a_parameter_is_not_supported(body: Any, name: str) -> None:
    assert refused(body) == name
    assert refused(body, 422) == name
    assert refused(body, 500) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff max_tokens",
        b"[" * 10_000,
        [],
        error("max_tokens"),
        error("max_tokens is too large: 2000. It supports at most 1024.", code=None),
        error("Must be at least 1", param="max_tokens", code="integer_below_min_value"),
        error("Invalid schema for response_format 'Reading'", param="response_format"),
        error("Invalid 'temperature': expected a number", param="temperature"),
        error(
            "Unsupported parameter: 'seed' is not supported, unlike temperature",
            param="seed",
            code="unsupported_parameter",
        ),
        error("temperature is not supported", param="messages[0].content"),
        error("Unknown parameter: seed. You sent max_tokens and temperature."),
        error("Pictures are not supported. You sent {'max_tokens': 2000}"),
        error("response_format and tools: the latter are not supported"),
        error("maximum context length is 10; max_tokens is not supported above"),
        detail("extra_forbidden", "seed", input="max_tokens"),
        detail("missing", "max_tokens"),
    ],
)
def test_what_merely_names_one(body: Any) -> None:
    assert refused(body) is None


def test_what_was_not_sent_is_not_left_out() -> None:
    body = json.dumps(error("Unknown parameter: temperature")).encode()
    assert refused_parameter(HttpAnswer(400, None, body), {"model": "m"}) is None
