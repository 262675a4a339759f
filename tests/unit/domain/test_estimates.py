"""Predicted work and the expected end."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from service.domain import estimates
from service.domain.estimates import UNKNOWN_COST_MS, AtWork, Durations, Eta
from service.domain.model import Counts, Job, JobOptions, JobStatus
from tests.factories import NOW, make_job

PDF = ("DATA_EXTRACTION", "application/pdf", 4)


def halfway(**fields: Any) -> Job:
    """25 of 50 documents of 100 ms are done, 5 at once."""
    defaults: dict[str, Any] = {
        "status": JobStatus.PROCESSING,
        "options": JobOptions(max_concurrent=5),
        "counts": Counts(pending=20, processing=5, completed=25),
        "cost_total_ms": 5_000,
        "cost_done_ms": 2_500,
        "progress": 50,
        "observed_count": 25,
        "observed_cost_ms": 2_500,
        "observed_ms": 2_500,
        "observed_square_ms2": 25 * 100 * 100,
        "started_at": NOW,
    }
    return make_job(**(defaults | fields))


def at_work(*elapsed_ms: float, fraction: float = 0.0) -> list[AtWork]:
    return [
        AtWork(elapsed_ms=each, cost_ms=100, fraction=fraction) for each in elapsed_ms
    ]


def eta(job: Job, *, slots: int = 5, running: list[AtWork] | None = None) -> Eta:
    expected = estimates.expected_end(job, slots=slots, at_work=running or [], now=NOW)
    found = estimates.remaining(expected, NOW)
    assert found is not None
    return found


def test_steady_work_ends_when_its_rate_says() -> None:
    assert eta(halfway()) == Eta(median_ms=500, p90_ms=500)


def test_what_documents_at_work_have_done_already_counts() -> None:
    assert eta(halfway(), running=at_work(*[50.0] * 5)).median_ms == 450


def test_a_document_over_its_prediction_may_take_as_long_again() -> None:
    assert eta(halfway(), running=at_work(*[150.0] * 5)).median_ms == 450
    single = halfway(
        counts=Counts(processing=1, completed=1), cost_total_ms=200, cost_done_ms=100
    )
    assert eta(single, running=at_work(1_100.0)).median_ms == 1_000
    assert eta(single, running=at_work(29_900.0)).median_ms == 100
    for elapsed_ms in (100.0, 30_000.0, 99_000.0):
        assert eta(single, running=at_work(elapsed_ms)).median_ms == 1
    reported = at_work(1_100.0, fraction=1.0)
    done = structs.replace(single, cost_done_ms=200)
    assert eta(done, running=reported).median_ms == 1


def test_a_document_that_waits_for_its_time_is_waited_for() -> None:
    retrying = halfway(counts=Counts(retrying=1, completed=49), cost_done_ms=4_900)

    def left_ms(due_s: float) -> int:
        due = NOW + timedelta(seconds=due_s)
        job = estimates.expected_end(retrying, slots=5, at_work=[], now=NOW, due=due)
        found = estimates.remaining(job, NOW)
        assert found is not None
        return found.median_ms

    assert left_ms(4) == 4_100
    assert left_ms(-4) == 100


def test_a_long_document_that_reports_its_share_is_taken_at_its_word() -> None:
    single = halfway(
        counts=Counts(processing=1, completed=1), cost_total_ms=200, cost_done_ms=110
    )
    slow = at_work(1_000.0, fraction=0.1)
    assert eta(single, running=slow).median_ms == 9_000


def test_slower_than_predicted_scales_the_rest() -> None:
    slower = halfway(observed_ms=5_000, observed_square_ms2=25 * 200 * 200)
    assert eta(slower).median_ms == 1_000


def test_fewer_slots_than_the_limit_take_longer() -> None:
    assert eta(halfway(), slots=1).median_ms == 2_500


def test_spread_of_durations_widens_the_bound() -> None:
    uneven = halfway(observed_square_ms2=25 * 150 * 150)
    assert eta(uneven).p90_ms > eta(uneven).median_ms + 100


def test_without_observations_the_prediction_stands_with_a_wide_bound() -> None:
    fresh = halfway(observed_count=0, observed_cost_ms=0, observed_ms=0)
    assert eta(fresh).median_ms == 500
    assert eta(fresh).p90_ms > 700


def test_the_bound_at_half_time_is_kept() -> None:
    first = estimates.expected_end(halfway(), slots=5, at_work=[], now=NOW)
    later = estimates.expected_end(
        first, slots=5, at_work=[], now=NOW + timedelta(seconds=9)
    )
    assert later.bound_at_half == first.expected_end_p90 == NOW + timedelta(seconds=0.5)


def test_nothing_is_said_before_the_start_and_after_the_end() -> None:
    waiting = make_job(documents=2)
    unchanged = estimates.expected_end(waiting, slots=5, at_work=[], now=NOW)
    assert unchanged == waiting
    assert estimates.remaining(waiting, NOW) is None
    ended = halfway(status=JobStatus.COMPLETED, counts=Counts(completed=50))
    assert estimates.expected_end(ended, slots=5, at_work=[], now=NOW) == ended
    assert estimates.remaining(ended, NOW) == Eta(median_ms=0, p90_ms=0)


def test_time_left_runs_down_between_commits_and_never_to_nothing() -> None:
    job = estimates.expected_end(halfway(), slots=5, at_work=[], now=NOW)
    later = estimates.remaining(job, NOW + timedelta(milliseconds=200))
    assert later is not None
    assert later.median_ms == 300
    due = estimates.remaining(job, NOW + timedelta(seconds=0.5))
    assert due == Eta(median_ms=1, p90_ms=1)
    over = estimates.remaining(job, NOW + timedelta(seconds=1))
    assert over == Eta(median_ms=500, p90_ms=500)


def test_an_unknown_kind_gets_the_default_prediction() -> None:
    assert estimates.predict_ms({}, PDF) == UNKNOWN_COST_MS


def test_a_known_kind_is_predicted_by_its_nearest_size() -> None:
    observed = {
        ("DATA_EXTRACTION", "application/pdf", 2): Durations(mean_ms=10),
        ("DATA_EXTRACTION", "application/pdf", 5): Durations(mean_ms=70),
        ("DATA_EXTRACTION", "image/png", 4): Durations(mean_ms=999),
    }
    assert estimates.predict_ms(observed, PDF) == 70


def test_a_prediction_is_at_least_one_millisecond() -> None:
    assert estimates.predict_ms({PDF: Durations(mean_ms=0.01)}, PDF) == 1


@pytest.mark.parametrize(
    ("size_bytes", "expected"), [(0, 0), (1_023, 0), (1_024, 1), (10_240, 4)]
)
def test_size_classes_double(size_bytes: int, expected: int) -> None:
    assert estimates.size_class(size_bytes) == expected


def test_observations_give_mean_and_variance_and_old_ones_fade() -> None:
    steady = Durations()
    for _ in range(10):
        steady = steady.with_sample(100)
    assert steady.mean_ms == pytest.approx(100)
    assert steady.variance_ms2 == pytest.approx(0)
    for _ in range(200):
        steady = steady.with_sample(300)
    assert steady.mean_ms == pytest.approx(300, rel=0.01)
