"""Checks of request content that find everything wrong at once.

msgspec stops at the first mistake, so each field of a struct and each item of a list
is converted alone, and its pointer noted.
"""

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Final, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from gateway.problems import FieldProblem, refused

T = TypeVar("T", bound=msgspec.Struct)

ONLY_NOW: Final = "only_now"
"""Key of `msgspec.Meta.extra` that names the one value a field may have for now."""

_WHERE: Final = re.compile(r" - at .*$", re.DOTALL)
_PLACE: Final = re.compile(r"\.(\w+)|\[(\d+)\]")


def later(only: object) -> msgspec.Meta:
    """Mark a field that takes any value one day, and only `only` now."""
    return msgspec.Meta(
        description="For now only the default is available.",
        extra={ONLY_NOW: only},
        extra_json_schema={"const": only},
    )


def read(data: object, kind: type[T], *, source: str = "body", pointer: str = "") -> T:
    """Convert decoded content to `kind`.

    Raises:
        ProblemError: Something is wrong with it; lists every such thing.
    """
    errors = list(check(data, kind, source=source, pointer=pointer))
    if errors:
        raise refused(errors)
    return msgspec.convert(data, kind)


def check(
    data: object, kind: type[msgspec.Struct], *, source: str, pointer: str = ""
) -> Iterator[FieldProblem]:
    """Find everything that keeps `data` from being a `kind`."""
    if not isinstance(data, Mapping):
        yield FieldProblem(
            pointer=pointer, source=source, code="wrong_type", detail="Not an object."
        )
        return
    fields = _fields(kind)
    for name in data.keys() - fields.keys():
        yield FieldProblem(
            pointer=f"{pointer}/{_escaped(name)}",
            source=source,
            code="unknown_field",
            detail=f"There is no field {_shown(name)} here.",
        )
    for name, field in fields.items():
        place = f"{pointer}/{name}"
        if name in data:
            yield from _check_value(data[name], field.type, place, source)
        elif field.required:
            yield FieldProblem(
                pointer=place,
                source=source,
                code="missing",
                detail=f"The field {name} is missing.",
            )


@cache
def _fields(kind: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(kind)}


def _check_value(
    value: object, kind: Any, pointer: str, source: str
) -> Iterator[FieldProblem]:
    found = False
    for problem in _type_problems(value, kind, pointer, source):
        found = True
        yield problem
    only = _only_now(kind)
    if not found and only is not None and value != only[ONLY_NOW]:
        default = msgspec.json.encode(only[ONLY_NOW]).decode()
        yield FieldProblem(
            pointer=pointer,
            source=source,
            code="not_available_yet",
            detail=f"Only {default} is available for {pointer[1:]} yet.",
        )


def _type_problems(
    value: object, kind: Any, pointer: str, source: str
) -> Iterator[FieldProblem]:
    core = bare(kind)
    if isinstance(value, Mapping) and _is_struct(core):
        yield from check(value, core, source=source, pointer=pointer)
    elif isinstance(value, list) and get_origin(core) in {list, tuple}:
        item, count = get_args(core)[0], 0
        for index, each in enumerate(value):
            for problem in _type_problems(each, item, f"{pointer}/{index}", source):
                count += 1
                yield problem
        if not count:
            yield from _converted(value, kind, pointer, source)
    else:
        yield from _converted(value, kind, pointer, source)


def _converted(
    value: object, kind: Any, pointer: str, source: str
) -> Iterator[FieldProblem]:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        text = str(error)
        code, meant = _code(text), _meaning(text, kind)
        detail = _WHERE.sub("", text).replace("`", "") + "."
        if meant:  # a pattern tells people nothing
            detail = f"Not of its form: {meant}"
        if code == "unknown_value":
            detail += f" There are: {', '.join(_choices(kind))}."
        yield FieldProblem(
            pointer=pointer + _inner_pointer(text),
            source=source,
            code=code,
            detail=detail,
        )


def _meaning(text: str, kind: Any) -> str | None:
    """Give what is said, anywhere in a type, of the pattern that a complaint quotes."""
    for each in get_args(kind):
        if isinstance(each, msgspec.Meta) and each.pattern and each.description:
            if text.startswith(f"Expected `str` matching regex {each.pattern!r}"):
                return each.description
        elif meant := _meaning(text, each):
            return meant
    return None


def _choices(kind: Any) -> list[str]:
    """Give the values a closed set somewhere in a type has."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(each.value) for each in kind]
    if get_origin(kind) is Literal:
        return [str(each) for each in get_args(kind)]
    return [value for each in get_args(kind) for value in _choices(each)]


def _code(text: str) -> str:
    for part, code in (
        ("Invalid enum value", "unknown_value"),
        (", got `", "wrong_type"),
        (" of length ", "wrong_length"),
        ("matching regex", "wrong_form"),
    ):
        if part in text:
            return code
    return "out_of_range"


def _inner_pointer(text: str) -> str:
    _, found, where = text.partition(" - at `$")
    if not found:
        return ""
    return "".join(f"/{name or index}" for name, index in _PLACE.findall(where))


def bare(kind: Any) -> Any:
    """Strip annotations and ``None``/``UNSET`` alternatives."""
    if get_origin(kind) is Annotated:
        return bare(get_args(kind)[0])
    if get_origin(kind) in {Union, UnionType}:
        rest = [
            each
            for each in get_args(kind)
            if each not in {type(None), msgspec.UnsetType}
        ]
        return bare(rest[0]) if len(rest) == 1 else kind
    return kind


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _only_now(kind: Any) -> dict[str, Any] | None:
    if get_origin(kind) is not Annotated:
        return None
    for meta in get_args(kind)[1:]:
        if isinstance(meta, msgspec.Meta) and meta.extra and ONLY_NOW in meta.extra:
            return meta.extra
    return None


def _escaped(name: object) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")


def _shown(name: object) -> str:
    return msgspec.json.encode(str(name)[:100]).decode()
