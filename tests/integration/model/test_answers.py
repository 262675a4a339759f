"""What a model's server may answer, and what becomes of it."""

import json
from contextlib import suppress

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.processing.analysis.kinds import KINDS
from service.processing.llm.breaker import State
from service.processing.llm.client import ANSWER_BYTES_MAX
from service.processing.llm.problems import ModelError, Trouble, Usage
from service.processing.llm.reading import read
from tests.integration.model.support import (
    KEY,
    TEXT,
    Counted,
    model_at,
    patience,
    trouble_of,
)
from tests.servers import model as servers
from tests.servers.model import Behaviour, ModelServer
from tests.support import eventually

ANSWER = json.dumps(servers.READING)
scraps = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20) | st.just(ANSWER),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "message", "content", "finish_reason", "usage"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)
bodies = st.binary(max_size=200) | scraps.map(lambda each: json.dumps(each).encode())


def test_a_good_answer_comes_back_in_its_form(server: ModelServer) -> None:
    counted = Counted()
    with model_at(server, counted) as model:
        reply = read(model, TEXT, patience())
    assert reply.value.summary == servers.READING["summary"]
    assert reply.usage == counted.usage == Usage(100, 20)
    assert counted.outcomes == ["ok"]
    assert server.paths == ["/v1/chat/completions"]
    (headers,) = server.headers_seen
    assert headers["Authorization"] == f"Bearer {KEY}"
    (asked,) = server.asked
    assert asked["model"] == "small"
    assert TEXT in asked["messages"][1]["content"]
    schema = asked["response_format"]["json_schema"]["schema"]
    assert schema["additionalProperties"] is False
    assert sorted(schema["required"]) == sorted(servers.READING)


@pytest.mark.parametrize(
    "content",
    [
        f"```json\n{ANSWER}\n```",
        f"Here it is:\n{ANSWER}\nAnything else?",
        f"<think>{{hm}}</think>\n{ANSWER}",
    ],
)
def test_json_may_have_words_around_it(server: ModelServer, content: str) -> None:
    server.script.append(servers.says(content))
    with model_at(server) as model:
        assert read(model, TEXT, patience()).value.kind == "invoice"
    assert len(server.asked) == 1


@pytest.mark.parametrize("counted", [None, {"prompt_tokens": None}, [100, 20]])
def test_tokens_are_estimated_where_the_server_counts_none(
    server: ModelServer, counted: object
) -> None:
    answer = msgspec.json.decode(servers.completion(ANSWER)) | {"usage": counted}
    server.script.append(servers.body_of(msgspec.json.encode(answer)))
    with model_at(server) as model:
        usage = read(model, TEXT, patience()).usage
    assert usage.prompt_tokens > 50
    assert usage.completion_tokens == len(ANSWER) // 3


@pytest.mark.parametrize(
    "behaviour",
    [
        servers.fails(400, "context_length_exceeded"),
        servers.fails(400, "", "This model's maximum context length is 4096 tokens"),
        servers.fails(413),
    ],
)
def test_a_prompt_that_is_too_long_is_shortened_once(
    server: ModelServer, behaviour: Behaviour
) -> None:
    server.script.append(behaviour)
    text = "word " * 2_000
    with model_at(server) as model:
        read(model, text, patience())
        server.usual = behaviour
        assert trouble_of(model, text=text).trouble == "too_long"
    sizes = [len(asked["messages"][1]["content"]) for asked in server.asked]
    assert len(sizes) == 4
    assert sizes[1] < sizes[0] * 0.6


@pytest.mark.parametrize("status", [400, 404, 418, 301])
def test_any_other_refusal_is_final_and_not_counted(
    server: ModelServer, status: int
) -> None:
    server.usual = servers.fails(status)
    counted = Counted()
    with model_at(server, counted) as model:
        for _ in range(12):
            error = trouble_of(model)
            assert error.trouble == "rejected"
            assert not error.meaning.passes
    assert len(server.asked) == 12
    assert counted.states == [State.CLOSED]


BAD = {
    "html": servers.body_of(b"<html>Sign in</html>", "text/html"),
    "no choices": servers.body_of(b'{"choices": []}'),
    "no content": servers.says(None),
    "cut json": servers.says(ANSWER[:40]),
    "half a body": servers.body_of(servers.completion(ANSWER)[:50]),
    "other form": servers.says('{"summary": 1}'),
    "unknown kind": servers.says(json.dumps({**servers.READING, "kind": "love"})),
    "length": servers.says(ANSWER, finish="length"),
    "filtered": servers.says("", finish="content_filter"),
    "deep": servers.says('{"summary":' * 100_000),
    "flood": servers.flood,
}


@pytest.mark.parametrize("behaviour", BAD.values(), ids=BAD.keys())
def test_an_answer_that_cannot_be_used_is_asked_for_once_more(
    server: ModelServer, behaviour: Behaviour
) -> None:
    server.script.append(behaviour)
    with model_at(server) as model:
        assert read(model, TEXT, patience()).value.kind == "invoice"
        server.usual = behaviour
        assert trouble_of(model).trouble == "bad_answer"
    assert len(server.asked) == 4


def test_of_an_endless_answer_only_so_much_is_taken(server: ModelServer) -> None:
    server.usual = servers.flood
    with model_at(server) as model:
        trouble_of(model)
    eventually(lambda: len(server.flooded) == 2)
    on_its_way = 20_000_000  # in the buffers of both ends
    assert max(server.flooded) < ANSWER_BYTES_MAX + on_its_way


def test_a_repair_shows_the_answer_and_its_cost_is_counted(server: ModelServer) -> None:
    server.script.append(servers.says('{"summary": 1}'))
    counted = Counted()
    with model_at(server, counted) as model:
        reply = read(model, TEXT, patience())
    assert reply.usage == counted.usage == Usage(200, 40)
    assert [each["role"] for each in server.asked[1]["messages"]] == [
        *("system", "user", "assistant", "user")
    ]


@pytest.mark.parametrize("parameter", ["response_format", "max_tokens", "temperature"])
def test_a_parameter_the_server_does_not_know_is_left_out(
    server: ModelServer, parameter: str
) -> None:
    server.script.append(servers.fails(400, "", f"Unsupported parameter: {parameter}"))
    with model_at(server) as model:
        read(model, TEXT, patience())
        read(model, TEXT, patience())
    first, second, third = server.asked
    assert parameter in first
    assert parameter not in second
    assert parameter not in third


def test_a_refusal_that_repeats_a_document_teaches_nothing(
    server: ModelServer,
) -> None:
    words = "Unknown parameter: temperature"

    def repeats(handler: servers.Handler) -> None:
        shown = json.dumps(handler.server.asked[-1]["messages"])
        refuse = servers.fails(400, "", f"I will not read {words!r}")
        (refuse if words in shown else servers.helpful)(handler)

    server.usual = repeats
    with model_at(server) as model:
        assert trouble_of(model, text=words).trouble == "rejected"
        read(model, TEXT, patience())
    assert "temperature" in server.asked[-1]


def test_what_one_model_does_not_know_another_is_still_sent(
    server: ModelServer,
) -> None:
    server.script.append(servers.fails(400, "", "Unknown parameter: temperature"))
    with model_at(server) as model, model_at(server, name="other") as other:
        read(model, TEXT, patience())
        read(other, TEXT, patience())
    assert ["temperature" in asked for asked in server.asked] == [True, False, True]


def test_a_limit_that_passes_may_speak_of_billing(server: ModelServer) -> None:
    server.usual = servers.fails(
        429,
        "rate_limit_exceeded",
        "Rate limit reached for requests. You can increase it by adding a payment "
        "method to your account at https://platform.openai.com/account/billing.",
        retry_after="0",
    )
    with model_at(server) as model:
        assert trouble_of(model).trouble == "rate_limited"
        assert trouble_of(model).trouble == "rate_limited"


def test_vectors_come_in_the_order_of_the_texts(server: ModelServer) -> None:
    data = [{"index": number, "embedding": [number, 1]} for number in (1, 0)]
    server.script.append(servers.body_of(json.dumps({"data": data}).encode()))
    with model_at(server) as model:
        reply = model.embed(["a", "b"], patience())
    assert list(map(list, reply.value)) == [[0, 1], [1, 1]]
    assert server.asked[0]["input"] == ["a", "b"]


@pytest.mark.parametrize(
    "data",
    [
        [],
        [{"index": 0, "embedding": [1]}],
        [{"index": 0, "embedding": [1]}, {"index": 1, "embedding": [1, 2]}],
        [{"index": 0, "embedding": []}, {"index": 1, "embedding": []}],
        [{"index": 0, "embedding": ["x"]}, {"index": 1, "embedding": [2]}],
    ],
)
def test_vectors_that_do_not_fit_are_no_answer(
    server: ModelServer, data: list[object]
) -> None:
    server.script.append(servers.body_of(json.dumps({"data": data}).encode()))
    with model_at(server) as model, pytest.raises(ModelError) as caught:
        model.embed(["a", "b"], patience())
    assert caught.value.trouble == "bad_answer"


def test_neither_key_nor_content_is_in_errors_and_logs(
    server: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.usual = servers.fails(401, "", f"bad key {KEY} for {TEXT}")
    with model_at(server) as model:
        error = trouble_of(model)
        shown = f"{error!r} {error} {model.config!r} {caplog.text}"
    assert "hunter2" not in shown
    assert "4711" not in shown


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(status=st.integers(200, 599).filter(lambda n: n not in {204, 304}), body=bodies)
def test_whatever_is_answered_ends_in_an_answer_or_a_named_trouble(
    server: ModelServer, status: int, body: bytes
) -> None:
    server.usual = lambda handler: handler.answer(
        status, body, headers={"Retry-After": "0"}
    )
    counted = Counted()
    with model_at(server, counted) as model, suppress(ModelError):
        assert read(model, TEXT, patience()).value.kind in KINDS
    assert set(counted.outcomes) <= {"ok", *Trouble}
    assert 1 <= len(counted.outcomes) <= 4
