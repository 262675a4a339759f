from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import UnionType
from typing import Any, Literal, NewType, Union, get_args, get_origin

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.messages import (
    COMMANDS,
    ENCODER,
    EVENTS,
    AcceptedFacts,
    Command,
    Event,
    JobNotice,
    LogEntry,
    command_from_builtins,
)
from tests.golden import VALUES

GOLDEN = Path(__file__).parents[1] / "golden"
COMMAND_TYPES: tuple[type[msgspec.Struct], ...] = get_args(Command)
EVENT_TYPES: tuple[type[msgspec.Struct], ...] = get_args(Event)
TYPES: tuple[type[msgspec.Struct], ...] = (
    *COMMAND_TYPES,
    *EVENT_TYPES,
    LogEntry,
    JobNotice,
    AcceptedFacts,
)

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
SCALARS: Mapping[object, st.SearchStrategy[Any]] = {
    str: st.text(),
    bool: st.booleans(),
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False, allow_infinity=False),
    type(None): st.none(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    msgspec.Raw: ANY_JSON.map(ENCODER.encode).map(msgspec.Raw),
}


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Give values of any type that a field of a message has."""
    if kind in SCALARS:
        return SCALARS[kind]
    if isinstance(kind, NewType):
        return values_of(kind.__supertype__)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return structs_of(kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        return st.one_of(*map(values_of, inner))
    if origin is Literal:
        return st.sampled_from(inner)
    if origin is tuple:
        return st.lists(values_of(inner[0]), max_size=3).map(tuple)
    assert origin is Mapping, f"no strategy for {kind}"
    return st.dictionaries(values_of(inner[0]), values_of(inner[1]), max_size=3)


def structs_of(kind: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    fields = msgspec.structs.fields(kind)
    return st.builds(kind, **{each.name: values_of(each.type) for each in fields})


def decoded(text: bytes, kind: type[msgspec.Struct]) -> object:
    """Read a message as its reader does."""
    if kind in EVENT_TYPES:
        return EVENTS.decode(text)
    if kind in COMMAND_TYPES:
        return COMMANDS.decode(text)
    return msgspec.json.decode(text, type=kind)


def name_of(kind: type[msgspec.Struct]) -> str:
    names = {
        LogEntry: "log_entry",
        JobNotice: "job_notice",
        AcceptedFacts: "accepted_facts",
    }
    return names.get(kind) or str(kind.__struct_config__.tag)


def with_unknown_fields(value: Any) -> Any:
    """Give a message as a newer sender might: another field in every object."""
    if isinstance(value, list):
        return [with_unknown_fields(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {"addedLater": [1], **{k: with_unknown_fields(v) for k, v in value.items()}}


def free_form(kind: type[msgspec.Struct]) -> Iterator[str]:
    """Give the fields whose objects are no structs: their keys are content."""
    for each in msgspec.structs.fields(kind):
        if "Raw" in str(each.type) or get_origin(each.type) is Mapping:
            yield each.encode_name


@pytest.mark.parametrize("name", VALUES)
def test_a_recorded_message_still_says_what_it_said(name: str) -> None:
    value = VALUES[name]
    assert decoded((GOLDEN / name).read_bytes(), type(value)) == value


@pytest.mark.parametrize("name", VALUES)
def test_what_is_sent_today_holds_everything_that_was_recorded(name: str) -> None:
    recorded = msgspec.json.decode((GOLDEN / name).read_bytes())
    today = msgspec.json.decode(ENCODER.encode(VALUES[name]))
    assert {key: today[key] for key in recorded} == recorded


def test_every_message_type_has_a_recorded_file_and_every_file_its_value() -> None:
    assert {path.name for path in GOLDEN.glob("*.json")} == set(VALUES)
    assert set(map(type, VALUES.values())) == set(TYPES)
    for name, value in VALUES.items():
        assert name.startswith(f"{name_of(type(value))}.")


def test_no_two_message_types_share_a_name() -> None:
    assert len({name_of(kind) for kind in TYPES}) == len(TYPES)


@pytest.mark.parametrize("kind", TYPES, ids=name_of)
@given(data=st.data())
def test_a_message_comes_out_as_it_went_in(
    kind: type[msgspec.Struct], data: st.DataObject
) -> None:
    message = data.draw(structs_of(kind))
    assert decoded(ENCODER.encode(message), kind) == message


@pytest.mark.parametrize("kind", COMMAND_TYPES, ids=name_of)
@given(data=st.data())
def test_a_command_survives_the_way_through_an_actors_arguments(
    kind: type[msgspec.Struct], data: st.DataObject
) -> None:
    command = data.draw(structs_of(kind))
    as_argument = msgspec.json.decode(ENCODER.encode(msgspec.to_builtins(command)))
    assert command_from_builtins(as_argument) == command


@pytest.mark.parametrize("name", VALUES)
def test_fields_of_a_newer_sender_are_ignored_at_every_depth(name: str) -> None:
    value = VALUES[name]
    recorded = msgspec.json.decode((GOLDEN / name).read_bytes())
    kept = {key: recorded[key] for key in free_form(type(value))}
    if isinstance(value, JobNotice | AcceptedFacts):
        # The rows in it have content of their own.
        kept["rows"] = [{**row, "addedLater": [1]} for row in recorded["rows"]]
    newer = ENCODER.encode(with_unknown_fields(recorded) | kept)
    assert decoded(newer, type(value)) == value


@pytest.mark.parametrize("name", VALUES)
def test_a_message_without_its_optional_fields_is_read(name: str) -> None:
    value = VALUES[name]
    recorded = msgspec.json.decode((GOLDEN / name).read_bytes())
    for each in msgspec.structs.fields(type(value)):
        if not each.required:
            recorded.pop(each.encode_name, None)
    shorter = decoded(ENCODER.encode(recorded), type(value))
    for each in msgspec.structs.fields(type(value)):
        if each.required:
            assert getattr(shorter, each.name) == getattr(value, each.name)
        else:
            assert getattr(shorter, each.name) == each.default


@pytest.mark.parametrize("tag", ["task.exploded", "TaskStarted", "start_batch", None])
def test_an_event_with_an_unknown_tag_is_refused(tag: str | None) -> None:
    recorded = msgspec.json.decode((GOLDEN / "task.started.json").read_bytes())
    with pytest.raises(msgspec.ValidationError):
        EVENTS.decode(ENCODER.encode(recorded | {"type": tag}))


@pytest.mark.parametrize("tag", ["stop_batch", "task.started", None])
def test_a_command_with_an_unknown_tag_is_refused(tag: str | None) -> None:
    recorded = msgspec.json.decode((GOLDEN / "start_batch.json").read_bytes())
    with pytest.raises(msgspec.ValidationError):
        COMMANDS.decode(ENCODER.encode(recorded | {"type": tag}))
    with pytest.raises(msgspec.ValidationError):
        command_from_builtins(recorded | {"type": tag})
