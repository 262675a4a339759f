"""What a model's server may answer, and what becomes of it."""

import json
import threading
from contextlib import suppress

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.errors import ProcessingStoppedError
from service.processing.analysis.kinds import KINDS
from service.processing.llm.breaker import State
from service.processing.llm.client import ANSWER_BYTES_MAX, Model
from service.processing.llm.problems import ModelError, Trouble, Usage
from service.processing.llm.reading import read
from service.processing.llm.transport import THREAD
from tests.integration.model.support import (
    CLOCK,
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


@pytest.mark.parametrize("behaviour", [servers.drip_headers, servers.drip_body])
def test_a_drip_ends_at_the_deadline(server: ModelServer, behaviour: Behaviour) -> None:
    server.usual = behaviour
    _ends_at_the_deadline(server)


def test_a_server_that_hangs_ends_at_the_deadline(server: ModelServer) -> None:
    server.usual = servers.hang
    _ends_at_the_deadline(server)


def _ends_at_the_deadline(server: ModelServer) -> None:
    began_s = CLOCK.monotonic()
    with model_at(server) as model:
        error = trouble_of(model, seconds=1.2)
    assert error.trouble == "timeout"
    assert CLOCK.monotonic() - began_s >= 1.2
    assert len(server.asked) == 1


def test_waiting_ends_when_told_to_stop(server: ModelServer) -> None:
    server.usual = servers.hang
    stopping, counted = threading.Event(), Counted()
    timer = threading.Timer(0.2, stopping.set)
    timer.start()
    with (
        model_at(server, counted) as model,
        pytest.raises(ProcessingStoppedError),
    ):
        read(model, TEXT, patience(20, stopping.is_set))
    timer.join()
    assert counted.outcomes == ["stopped"]


@pytest.mark.parametrize(
    ("behaviour", "trouble"),
    [
        (servers.reset, "unreachable"),
        (servers.cut_off, "unreachable"),
        (servers.fails(500), "server_error"),
        (servers.fails(408), "server_error"),
        (servers.fails(409), "server_error"),
        (servers.fails(503, retry_after="0"), "server_error"),
        (servers.fails(429), "rate_limited"),
        (servers.fails(429, retry_after="0"), "rate_limited"),
    ],
)
def test_what_may_pass_is_tried_twice(
    server: ModelServer, behaviour: Behaviour, trouble: str
) -> None:
    server.script += [behaviour]
    counted = Counted()
    with model_at(server, counted) as model:
        assert read(model, TEXT, patience()).value.kind == "invoice"
        server.script += [behaviour, behaviour]
        error = trouble_of(model)
    assert error.trouble == trouble
    assert error.meaning.passes
    assert counted.outcomes == [trouble, "ok", trouble, trouble]


def test_nobody_listening_is_said_so(server: ModelServer) -> None:
    server.server_close()
    with model_at(server) as model:
        assert trouble_of(model).trouble == "unreachable"


def test_a_pause_the_server_asks_for_is_kept(server: ModelServer) -> None:
    server.script.append(servers.fails(429, retry_after="1"))
    began_s = CLOCK.monotonic()
    with model_at(server) as model:
        read(model, TEXT, patience())
    assert CLOCK.monotonic() - began_s >= 1.0
    assert len(server.asked) == 2


def test_a_pause_beyond_the_deadline_is_left_to_the_caller(server: ModelServer) -> None:
    server.script.append(servers.fails(429, retry_after="120"))
    with model_at(server) as model:
        error = trouble_of(model)
    assert error.retry_after_s == 120
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("behaviour", "trouble"),
    [
        (servers.fails(429, "insufficient_quota"), "quota"),
        (servers.fails(429, "", "Check your plan and billing details"), "quota"),
        (servers.fails(402), "quota"),
        (servers.fails(401), "access_refused"),
        (servers.fails(403), "access_refused"),
    ],
)
def test_a_refused_account_opens_the_breaker_at_once(
    server: ModelServer, behaviour: Behaviour, trouble: str
) -> None:
    server.usual = behaviour
    counted = Counted()
    with model_at(server, counted) as model:
        assert trouble_of(model).trouble == trouble
        assert trouble_of(model).trouble == "breaker_open"
    assert len(server.asked) == 1
    assert counted.states == [State.CLOSED, State.OPEN]


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


def test_unusable_answers_count_half(server: ModelServer) -> None:
    server.usual = servers.says("no")
    counted = Counted()
    with model_at(server, counted) as model:
        for _ in range(5):
            trouble_of(model)
        assert trouble_of(model).trouble == "breaker_open"
    assert len(server.asked) == 10  # all of the least number of calls, at half


def test_failures_of_half_the_calls_open_the_breaker(server: ModelServer) -> None:
    with model_at(server) as model:
        for _ in range(5):
            read(model, TEXT, patience())
        server.usual = servers.fails(500, retry_after="0")
        for _ in range(2):
            assert trouble_of(model).trouble == "server_error"
        assert trouble_of(model).trouble in {"server_error", "breaker_open"}
        assert trouble_of(model).trouble == "breaker_open"
    assert len(server.asked) == 10


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


def test_with_too_little_time_nothing_is_asked(server: ModelServer) -> None:
    with model_at(server) as model:
        assert trouble_of(model, seconds=0.5).trouble == "no_time"
    assert server.asked == []


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


def test_calls_at_once_are_limited(server: ModelServer) -> None:
    gate, inside, most = threading.Event(), [0], [0]
    lock = threading.Lock()

    def slow(handler: servers.Handler) -> None:
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            if inside[0] == 2:
                gate.set()
        gate.wait(5)
        with lock:
            inside[0] -= 1
        servers.helpful(handler)

    server.usual = slow
    with model_at(server, concurrency=2) as model:
        threads = [
            threading.Thread(target=read, args=(model, TEXT, patience()))
            for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert most[0] == 2
    assert len(server.asked) == 6


def test_what_was_really_used_counts_for_the_minute(server: ModelServer) -> None:
    with model_at(server, tokens_per_minute=1_200) as model:
        assert read(model, TEXT, patience()).usage == Usage(100, 20)
        error = trouble_of(model, seconds=2)
        assert error.trouble == "busy"
        assert error.retry_after_s is not None
        assert 0 < error.retry_after_s <= 6, "120 tokens are a tenth of a minute's"
    assert len(server.asked) == 1


def test_closing_breaks_off_what_is_under_way(server: ModelServer) -> None:
    server.usual = servers.hang
    ended: list[type[BaseException]] = []

    with model_at(server) as model:

        def ask() -> None:
            try:
                read(model, TEXT, patience(30))
            except ProcessingStoppedError as error:
                ended.append(type(error))

        thread = threading.Thread(target=ask)
        thread.start()
        eventually(lambda: server.asked)
        model.close()
        thread.join(5)
    assert ended == [ProcessingStoppedError]


def test_after_the_close_nothing_is_asked_and_no_thread_begins(
    server: ModelServer,
) -> None:
    with model_at(server) as used, model_at(server) as unused:
        read(used, TEXT, patience())
        for model in (used, unused):
            model.close()
            with pytest.raises(ProcessingStoppedError):
                read(model, TEXT, patience())
            model.close()
        assert waiting_threads() == 0
    assert len(server.asked) == 1


def test_a_close_among_many_callers_is_the_end_of_all(server: ModelServer) -> None:
    ends: list[str] = []
    first = threading.Event()

    def ask_again_and_again(model: Model) -> None:
        try:
            while True:
                read(model, TEXT, patience(30))
                first.set()
        except ProcessingStoppedError as error:
            ends.append(error.code)

    with model_at(server, concurrency=8) as model:
        asking = [
            threading.Thread(target=ask_again_and_again, args=(model,))
            for _ in range(8)
        ]
        closing = [threading.Thread(target=model.close) for _ in range(3)]
        for thread in asking:
            thread.start()
        assert first.wait(20)
        for thread in closing:
            thread.start()
        for thread in asking + closing:
            thread.join(20)
        assert waiting_threads() == 0
    assert ends == ["stopped"] * 8


def waiting_threads() -> int:
    return sum(each.name == THREAD for each in threading.enumerate())


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
