import threading
from contextlib import ExitStack, suppress
from functools import partial

import pytest

from service.processing.llm.breaker import (
    OPEN_S,
    PROBE_S,
    REFUSED_OPEN_S,
    WINDOW_S,
    Breaker,
    State,
)
from service.processing.llm.problems import ModelError, Trouble
from tests.support import ManualClock

CALLERS = 6


def made(clock: ManualClock, states: list[State] | None = None) -> Breaker:
    shown = states if states is not None else []
    return Breaker(clock, on_state=shown.append, chance=lambda: 0.5)


def ends(breaker: Breaker, trouble: Trouble | None = None) -> None:
    """Make a call that ends so."""
    if trouble is None:
        with breaker.call():
            return
    with pytest.raises(ModelError), breaker.call():
        raise ModelError(trouble)


def refusal(breaker: Breaker) -> ModelError:
    with pytest.raises(ModelError) as caught, breaker.call():
        pytest.fail("it let a call through")
    assert caught.value.trouble is Trouble.BREAKER_OPEN
    return caught.value


def opened(clock: ManualClock) -> Breaker:
    breaker = made(clock)
    for _ in range(10):
        ends(breaker, Trouble.TIMEOUT)
    assert breaker.state is State.OPEN
    return breaker


def test_fewer_than_ten_calls_mean_nothing() -> None:
    breaker = made(ManualClock())
    for _ in range(9):
        ends(breaker, Trouble.UNREACHABLE)
    assert breaker.state is State.CLOSED


def test_half_of_ten_calls_failing_opens_it() -> None:
    states: list[State] = []
    breaker = made(ManualClock(), states)
    for trouble in [None, Trouble.SERVER_ERROR] * 5:
        ends(breaker, trouble)
    assert states == [State.CLOSED, State.OPEN]
    assert refusal(breaker).retry_after_s == OPEN_S


def test_less_than_half_does_not() -> None:
    breaker = made(ManualClock())
    for trouble in [None, None, Trouble.RATE_LIMITED] * 20:
        ends(breaker, trouble)
    assert breaker.state is State.CLOSED


def test_unusable_answers_count_half() -> None:
    breaker = made(ManualClock())
    for _ in range(9):
        ends(breaker, Trouble.BAD_ANSWER)
    ends(breaker)
    assert breaker.state is State.CLOSED  # 4.5 of 10
    ends(breaker, Trouble.TIMEOUT)
    refusal(breaker)  # 5.5 of 11


@pytest.mark.parametrize("trouble", [Trouble.TOO_LONG, Trouble.REJECTED])
def test_what_lies_in_the_document_is_not_counted(trouble: Trouble) -> None:
    breaker = made(ManualClock())
    for _ in range(30):
        ends(breaker, trouble)
    assert breaker.state is State.CLOSED


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble.UNREACHABLE,
        Trouble.TIMEOUT,
        Trouble.SERVER_ERROR,
        Trouble.RATE_LIMITED,
    ],
)
def test_what_lies_in_the_server_is_counted_whole(trouble: Trouble) -> None:
    breaker = made(ManualClock())
    for ended in [None] * 5 + [trouble] * 4:
        ends(breaker, ended)
    assert breaker.state is State.CLOSED
    ends(breaker, trouble)
    refusal(breaker)  # 5 of 10


def test_failures_leave_the_window() -> None:
    clock = ManualClock()
    breaker = made(clock)
    for _ in range(9):
        ends(breaker, Trouble.TIMEOUT)
    clock.advance(WINDOW_S)
    for trouble in [None] * 6 + [Trouble.TIMEOUT] * 4:
        ends(breaker, trouble)
    assert breaker.state is State.CLOSED


@pytest.mark.parametrize("trouble", [Trouble.QUOTA, Trouble.ACCESS_REFUSED])
def test_a_refused_account_opens_it_at_once_and_for_longer(trouble: Trouble) -> None:
    breaker = made(ManualClock())
    ends(breaker, trouble)
    assert refusal(breaker).retry_after_s == REFUSED_OPEN_S


def test_the_open_time_has_jitter() -> None:
    times = []
    for chance in (0.0, 1.0):
        breaker = Breaker(ManualClock(), chance=partial(float, chance))
        ends(breaker, Trouble.QUOTA)
        times.append(refusal(breaker).retry_after_s)
    assert times == [REFUSED_OPEN_S * 0.8, REFUSED_OPEN_S * 1.2]


def test_a_probe_that_ends_well_closes_it() -> None:
    clock = ManualClock()
    breaker = opened(clock)
    clock.advance(OPEN_S)
    ends(breaker)
    assert breaker.state is State.CLOSED
    ends(breaker, Trouble.TIMEOUT)  # the old failures are forgotten
    assert breaker.state is State.CLOSED


def test_a_probe_that_fails_opens_it_anew() -> None:
    clock = ManualClock()
    breaker = opened(clock)
    clock.advance(OPEN_S)
    ends(breaker, Trouble.BAD_ANSWER)
    assert refusal(breaker).retry_after_s == OPEN_S


def test_a_probe_answered_with_a_refusal_of_the_document_closes_it() -> None:
    clock = ManualClock()
    breaker = opened(clock)
    clock.advance(OPEN_S)
    ends(breaker, Trouble.REJECTED)
    assert breaker.state is State.CLOSED


def test_an_abandoned_probe_makes_room_for_another() -> None:
    clock = ManualClock()
    breaker = opened(clock)
    clock.advance(OPEN_S)
    with pytest.raises(KeyboardInterrupt), breaker.call():
        raise KeyboardInterrupt
    ends(breaker)
    assert breaker.state is State.CLOSED


def test_looking_does_not_probe() -> None:
    clock = ManualClock()
    breaker = opened(clock)
    clock.advance(OPEN_S)
    breaker.check()
    breaker.check()
    assert breaker.state is State.OPEN


def test_calls_begun_before_it_opened_teach_nothing_about_now() -> None:
    clock = ManualClock()
    breaker = made(clock)
    with breaker.call():
        ends(breaker, Trouble.QUOTA)
    assert breaker.state is State.OPEN
    with pytest.raises(ModelError), breaker.call():
        raise ModelError(Trouble.TIMEOUT)


@pytest.mark.parametrize("late", [None, Trouble.TIMEOUT, Trouble.QUOTA])
def test_a_late_call_does_not_end_the_probe_of_another(late: Trouble | None) -> None:
    clock, states = ManualClock(), list[State]()
    breaker = made(clock, states)
    with ExitStack() as old:
        old.enter_context(breaker.call())
        ends(breaker, Trouble.QUOTA)
        clock.advance(REFUSED_OPEN_S)
        with breaker.call():
            with suppress(ModelError), old.pop_all():
                if late is not None:
                    raise ModelError(late)
            assert refusal(breaker).retry_after_s == PROBE_S
    assert states == [State.CLOSED, State.OPEN, State.HALF_OPEN, State.CLOSED]


def test_a_late_call_counts_nothing_once_it_is_closed_again() -> None:
    clock = ManualClock()
    breaker = made(clock)
    with ExitStack() as old:
        for _ in range(9):
            old.enter_context(breaker.call())
        for _ in range(10):
            ends(breaker, Trouble.TIMEOUT)
        clock.advance(OPEN_S)
        ends(breaker)
        with suppress(ModelError), old.pop_all():
            raise ModelError(Trouble.TIMEOUT)
    ends(breaker, Trouble.TIMEOUT)
    assert breaker.state is State.CLOSED


def test_of_six_waiting_calls_one_probes() -> None:
    clock = ManualClock()
    breaker = opened(clock)
    clock.advance(OPEN_S)
    together, refused = threading.Barrier(CALLERS), threading.Barrier(CALLERS)
    through: list[int] = []
    waits: list[float | None] = []

    def caller(number: int) -> None:
        together.wait(5)
        try:
            with breaker.call():
                through.append(number)
                refused.wait(5)  # until all the others were turned away
        except ModelError as error:
            waits.append(error.retry_after_s)
            refused.wait(5)

    threads = [threading.Thread(target=caller, args=(n,)) for n in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(through) == 1
    assert waits == [PROBE_S] * (CALLERS - 1)
    assert breaker.state is State.CLOSED


def test_calls_do_not_wait_for_each_other() -> None:
    breaker = made(ManualClock())
    inside = threading.Barrier(CALLERS)

    def caller() -> None:
        with breaker.call():
            inside.wait(5)

    threads = [threading.Thread(target=caller) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not inside.broken


def test_no_call_is_lost_under_many_threads() -> None:
    breaker = made(ManualClock())
    start = threading.Barrier(8)

    def caller() -> None:
        start.wait(5)
        for number in range(200):
            ends(breaker, Trouble.TIMEOUT if number % 4 == 3 else None)

    threads = [threading.Thread(target=caller) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    for _ in range(799):  # 400 of 1 600 failed: 800 more make the half
        ends(breaker, Trouble.TIMEOUT)
    assert breaker.state is State.CLOSED
    ends(breaker, Trouble.TIMEOUT)
    refusal(breaker)
