"""Answers of a fixed form: the form as JSON schema, and reading what comes back."""

from typing import Any, TypeVar

import msgspec

_FENCE = "```"
_THOUGHT_END = "</think>"
_KEPT = ("type", "enum", "items", "anyOf", "description")
"""What every server understands of a schema; lengths and ranges are checked here."""

T = TypeVar("T")


def schema_of(form: type[msgspec.Struct]) -> dict[str, Any]:
    """Give the JSON schema of an answer, without references, every field required.

    That is the subset that servers with strict output accept.
    """
    (schema,), parts = msgspec.json.schema_components([form], ref_template="{name}")
    return _plain(schema, parts)


def read_answer(text: str, form: type[T]) -> T | None:
    """Read an answer: JSON, also inside a fence, or with words around it.

    Returns:
        None when it is not of this form.
    """
    try:
        return msgspec.json.decode(_json_part(text).encode(), type=form)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _json_part(text: str) -> str:
    text = text.rpartition(_THOUGHT_END)[2]
    if _FENCE in text:
        text = text.split(_FENCE, 1)[1].rpartition(_FENCE)[0] or text
    begin, end = text.find("{"), text.rfind("}")
    return text[begin : end + 1] if begin >= 0 else text


def _plain(schema: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return _plain(parts[schema["$ref"]], parts)
    plain = {key: schema[key] for key in _KEPT if key in schema}
    if "enum" in plain:
        plain["type"] = "string"  # msgspec leaves it out, strict servers want it
    if "items" in plain:
        plain["items"] = _plain(plain["items"], parts)
    if "anyOf" in plain:
        plain["anyOf"] = [_plain(each, parts) for each in plain["anyOf"]]
    if "properties" in schema:
        plain["properties"] = {
            name: _plain(each, parts) for name, each in schema["properties"].items()
        }
        plain["required"] = list(schema["properties"])
        plain["additionalProperties"] = False
    return plain
