from typing import Any

import msgspec
import pytest

from gateway.problems import ProblemError
from gateway.requests import JobsQuery, OptionsRequest, SubmitRequest
from gateway.validation import read
from service.domain.model import JobStatus


def errors_of(data: object) -> dict[str, str]:
    with pytest.raises(ProblemError) as caught:
        read(data, SubmitRequest)
    return {each.pointer: each.code for each in caught.value.errors}


def test_a_broken_pattern_is_told_in_words() -> None:
    with pytest.raises(ProblemError) as caught:
        read(
            {
                "documentIds": ["a"],
                "name": "two\nlines",
                "labels": {"bad key": "x"},
                "processing": {"pages": "0-3", "ocrLanguages": ["en", "english"]},
            },
            SubmitRequest,
        )
    told = {each.pointer: each.detail for each in caught.value.errors}
    assert told.keys() == {
        *("/name", "/labels", "/processing/pages", "/processing/ocrLanguages/1")
    }
    assert all(detail.startswith("Not of its form: ") for detail in told.values())
    assert "line breaks" in told["/name"]
    assert "a label's name" in told["/labels"].lower()
    assert "like `1-3,7`" in told["/processing/pages"]
    assert "Two small letters" in told["/processing/ocrLanguages/1"]


@pytest.mark.parametrize(
    ("data", "kind", "choices"),
    [
        (
            {"documentIds": ["a"], "processing": {"ocr": "maybe"}},
            SubmitRequest,
            ("auto", "off", "required"),
        ),
        ({"status": ["done"]}, JobsQuery, tuple(JobStatus)),
    ],
)
def test_a_value_of_no_closed_set_is_told_what_there_is(
    data: object, kind: type[msgspec.Struct], choices: tuple[str, ...]
) -> None:
    with pytest.raises(ProblemError) as caught:
        read(data, kind)
    [told] = caught.value.errors
    assert told.code == "unknown_value"
    assert told.detail.endswith(f" There are: {', '.join(choices)}.")


def test_a_minimal_body_gets_the_defaults() -> None:
    request = read({"documentIds": ["a"]}, SubmitRequest)
    assert request.options == OptionsRequest()
    assert request.labels == {}


@pytest.mark.parametrize("data", [None, [], "text", 5])
def test_what_is_no_object_is_one_error(data: object) -> None:
    assert errors_of(data) == {"": "wrong_type"}


def test_missing_and_unknown_fields_are_both_named() -> None:
    assert errors_of({"documents": []}) == {
        "/documentIds": "missing",
        "/documents": "unknown_field",
    }


def test_a_pointer_escapes_what_json_pointers_escape() -> None:
    found = errors_of({"documentIds": ["a"], "a/b~c": 1})
    assert found == {"/a~1b~0c": "unknown_field"}


def test_nested_structs_are_checked_inside() -> None:
    found = errors_of({"documentIds": ["a"], "options": {"timeout": 1, "x": 2}})
    assert found == {"/options/timeout": "out_of_range", "/options/x": "unknown_field"}
    assert errors_of({"documentIds": ["a"], "options": None}) == {
        "/options": "wrong_type"
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [("dryRun", True), ("source", {"prefix": "x"}), ("webhook", {"url": "u"})],
)
def test_a_later_field_is_refused_by_its_own_problem(field: str, value: Any) -> None:
    with pytest.raises(ProblemError) as caught:
        read({"documentIds": ["a"], field: value}, SubmitRequest)
    assert caught.value.code == "not_available_yet"
    [error] = caught.value.errors
    assert error.pointer == f"/{field}"


def test_a_later_field_of_the_wrong_type_is_wrong_first() -> None:
    assert errors_of({"documentIds": ["a"], "dryRun": "yes"}) == {
        "/dryRun": "wrong_type"
    }


def test_errors_of_several_kinds_are_an_invalid_request() -> None:
    with pytest.raises(ProblemError) as caught:
        read({"documentIds": ["a"], "dryRun": True, "x": 1}, SubmitRequest)
    assert caught.value.code == "invalid_request"
    assert len(caught.value.errors) == 2
