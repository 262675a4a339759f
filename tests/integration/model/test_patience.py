"""How long a model's server is waited for, and when it is not asked at all."""

import threading

import pytest

from service.errors import ProcessingStoppedError
from service.processing.llm.breaker import State
from service.processing.llm.client import Model
from service.processing.llm.problems import Usage
from service.processing.llm.reading import read
from service.processing.llm.transport import THREAD
from tests.integration.model.support import (
    CLOCK,
    TEXT,
    Counted,
    model_at,
    patience,
    trouble_of,
)
from tests.servers import model as servers
from tests.servers.model import Behaviour, ModelServer
from tests.support import eventually


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
        error = trouble_of(model, seconds=2.5)
    assert error.trouble == "timeout"
    assert CLOCK.monotonic() - began_s >= 2.5
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


def test_with_too_little_time_nothing_is_asked(server: ModelServer) -> None:
    with model_at(server) as model:
        assert trouble_of(model, seconds=0.5).trouble == "no_time"
    assert server.asked == []


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
