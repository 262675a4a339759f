"""The release policy: limits and fair turns."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from service.domain.model import Counts, Job, JobId, JobOptions, JobStatus
from service.domain.release import in_flight_limit, share, wants
from tests.factories import make_job

A, B, C = JobId("a"), JobId("b"), JobId("c")


def limit(slots: int, mean_cost_ms: float) -> int:
    return in_flight_limit(
        slots, mean_cost_ms=mean_cost_ms, queue_ahead_s=0.1, most_ahead=1_000
    )


def test_without_a_live_worker_nothing_may_be_out() -> None:
    assert limit(0, 50) == 0


def test_long_documents_have_one_more_queued_for_each_slot() -> None:
    assert limit(5, 10_000) == 10


def test_short_documents_have_a_tenth_of_a_second_queued() -> None:
    assert limit(5, 10) == 5 + 50


def test_the_queue_ahead_is_bounded() -> None:
    assert limit(500, 1) == 500 + 1_000


def test_one_job_gets_all_it_can_use() -> None:
    assert share({A: 3}, room=10, after=None) == {A: 3}


def test_free_places_go_round() -> None:
    assert share({A: 5, B: 5}, room=4, after=None) == {A: 2, B: 2}


def test_the_turn_is_the_successors() -> None:
    assert share({A: 5, B: 5, C: 5}, room=1, after=A) == {B: 1}
    assert share({A: 5, B: 5, C: 5}, room=1, after=C) == {A: 1}


def test_what_one_job_cannot_use_others_get() -> None:
    assert share({A: 1, B: 9}, room=6, after=None) == {A: 1, B: 5}


@given(
    wanted=st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 50)),
    room=st.integers(0, 100),
    after=st.none() | st.sampled_from("abcdefgh"),
)
def test_shares_are_fair_and_within_bounds(
    wanted: dict[str, int], room: int, after: str | None
) -> None:
    asked = {JobId(name): number for name, number in sorted(wanted.items())}

    given_places = share(asked, room=room, after=JobId(after) if after else None)

    assert sum(given_places.values()) == min(room, sum(asked.values()))
    assert all(0 < number <= asked[name] for name, number in given_places.items())
    unsated = [
        given_places.get(n, 0) for n in asked if given_places.get(n, 0) < asked[n]
    ]
    if unsated:
        assert max(given_places.values(), default=0) - min(unsated) <= 1


def planned(**fields: Any) -> Job:
    return make_job(
        planned=True,
        status=JobStatus.PROCESSING,
        options=JobOptions(max_concurrent=4),
        **{"counts": Counts(pending=10, queued=1, processing=1), **fields},
    )


def test_a_job_wants_what_its_concurrency_limit_leaves() -> None:
    assert wants(planned()) == 2


def test_a_job_wants_no_more_than_waits() -> None:
    assert wants(planned(counts=Counts(pending=1))) == 1


def test_jobs_that_release_nothing_want_nothing() -> None:
    cases: tuple[dict[str, Any], ...] = (
        {"planned": False},
        {"cancel_requested": True},
        {"plan_failed": True},
        {"status": JobStatus.PAUSED},
        {"status": JobStatus.FAILED},
    )
    for fields in cases:
        assert wants(make_job(**{"planned": True, "documents": 3, **fields})) == 0
