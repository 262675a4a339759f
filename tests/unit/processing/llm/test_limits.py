import threading

import pytest

from service.clock import Clock, SystemClock
from service.errors import ProcessingStoppedError
from service.processing.llm.limits import Limits, TokenBucket
from service.processing.llm.patience import Patience
from service.processing.llm.problems import ModelError, Trouble
from tests.support import ManualClock

CLOCK = SystemClock()


def limits(clock: Clock = CLOCK, **chosen: int) -> Limits:
    given = {"concurrency": 5, "requests_per_minute": 0, "tokens_per_minute": 0}
    return Limits(**(given | chosen), clock=clock)


def patience(
    seconds: float,
    stopping: threading.Event | None = None,
    *,
    clock: Clock = CLOCK,
) -> Patience:
    said = stopping or threading.Event()
    until_s = clock.monotonic() + seconds
    return Patience(clock=clock, until_s=until_s, should_stop=said.is_set)


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    clock = ManualClock()
    bucket = TokenBucket(600, clock)
    assert [bucket.take(20) for _ in range(3)] == [0, 0, 0]
    assert bucket.take(10) == pytest.approx(1.0)
    assert bucket.take(10) == pytest.approx(2.0)
    clock.advance(2.0)
    assert bucket.take(10) == pytest.approx(1.0)


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    clock = ManualClock()
    bucket = TokenBucket(600, clock)
    clock.advance(3_600)
    assert bucket.take(60) == 0
    assert bucket.take(1) == pytest.approx(0.1)


def test_what_never_fits_is_given_once_the_bucket_is_full_and_is_owed_for() -> None:
    clock = ManualClock()
    bucket = TokenBucket(600, clock)
    assert bucket.take(600) == 0
    assert bucket.take(1) == pytest.approx(54.1)


def test_what_was_not_used_is_given_back() -> None:
    clock = ManualClock()
    bucket = TokenBucket(600, clock)
    bucket.take(60)
    bucket.give_back(30)
    assert bucket.take(30) == 0
    bucket.give_back(1_000)
    assert bucket.take(60) == 0


def test_without_a_limit_nobody_waits() -> None:
    bucket = TokenBucket(0, ManualClock())
    assert {bucket.take(1e9) for _ in range(100)} == {0.0}


def test_a_minute_never_gets_more_than_its_allowance_and_a_burst() -> None:
    clock = ManualClock()
    bucket = TokenBucket(60, clock)
    starts = []
    for _ in range(200):
        wait_s = bucket.take(1)
        clock.advance(wait_s)
        starts.append(clock.monotonic())
    for first in starts:
        within = [start for start in starts if first <= start < first + 60]
        assert len(within) <= 60 + 6


def test_no_room_before_the_deadline_is_said_at_once() -> None:
    standing = ManualClock()  # whoever waited would wait for ever
    one, five_s = limits(standing, requests_per_minute=1), patience(5, clock=standing)
    with one.slot(1, five_s):
        pass
    for _ in range(2):  # nothing is lost by asking
        with pytest.raises(ModelError) as caught, one.slot(1, five_s):
            pytest.fail("it was let through")
        assert caught.value.trouble is Trouble.BUSY
        assert caught.value.retry_after_s == pytest.approx(60)


def test_a_taken_slot_is_waited_for_until_the_deadline() -> None:
    one = limits(concurrency=1)
    with one.slot(1, patience(5)):
        with pytest.raises(ModelError) as caught, one.slot(1, patience(0.05)):
            pytest.fail("it was let through")
        assert caught.value.trouble is Trouble.BUSY
    with one.slot(1, patience(0)):
        pass


def test_waiting_ends_when_told_to_stop() -> None:
    stopping = threading.Event()
    slow = limits(tokens_per_minute=60)
    with slow.slot(100, patience(5)):
        pass
    timer = threading.Timer(0.05, stopping.set)
    timer.start()
    with (
        pytest.raises(ProcessingStoppedError),
        slow.slot(10, patience(600, stopping)),
    ):
        pytest.fail("it was let through")
    timer.join()


def test_used_tokens_take_the_place_of_estimated_ones() -> None:
    standing = ManualClock()
    few, while_s = limits(standing, tokens_per_minute=600), patience(90, clock=standing)
    for _ in range(3):
        with few.slot(60, while_s) as spent:
            spent.tokens = 0
    with few.slot(60, while_s) as spent:
        spent.tokens = 1_060
    with pytest.raises(ModelError) as caught, few.slot(60, while_s):
        pytest.fail("it was let through")
    assert caught.value.retry_after_s == pytest.approx(106)
