import math
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from service.errors import DocumentError
from service.processing.context import StepContext
from service.processing.pipeline import (
    Limits,
    Outcome,
    StepReport,
    run_pipeline,
)
from service.processing.registry import JobType, Step
from service.processing.results import Result, Severity, Status
from tests.unit.processing.running import source_of


class TickingClock:
    """Moves on by a tick whenever it is read."""

    def __init__(self, tick_s: float = 0.25) -> None:
        self.read = 0.0
        self.tick_s = tick_s

    def now(self) -> datetime:
        return datetime(2026, 11, 9, 10, 0, 0, 123_456, tzinfo=UTC)

    def monotonic(self) -> float:
        self.read += self.tick_s
        return self.read


def run(
    tmp_path: Path, *steps: Step, tick_s: float = 0.25, time_limit_s: float = math.inf
) -> tuple[Outcome, list[StepReport]]:
    path = tmp_path / "letter.txt"
    path.write_bytes(b"hello")
    reports: list[StepReport] = []
    outcome = run_pipeline(
        JobType("MADE_UP", steps),
        source_of(path),
        Limits(),
        reports.append,
        TickingClock(tick_s),
        tmp_path / "text",
        time_limit_s=time_limit_s,
    )
    return outcome, reports


def test_steps_run_in_order_and_share_their_state(tmp_path: Path) -> None:
    def first(context: StepContext) -> None:
        context.state["seen"] = context.source.path.read_bytes()

    def second(context: StepContext) -> None:
        context.data["seen"] = context.state["seen"].decode()

    outcome, _ = run(tmp_path, Step("first", first), Step("second", second))

    assert outcome.data["seen"] == "hello"
    assert [timing.name for timing in outcome.steps] == ["first", "second"]
    assert [timing.milliseconds for timing in outcome.steps] == [250, 250]
    assert outcome.data["timingsMs"] == {"first": 250, "second": 250}
    assert outcome.outputs == ()


def test_every_result_has_the_common_part(tmp_path: Path) -> None:
    outcome, _ = run(tmp_path, Step("nothing", lambda _: None))

    result = msgspec.convert(outcome.data, Result)
    assert result.job_type == "MADE_UP"
    assert result.source.filename == "letter.txt"
    assert result.source.size_bytes == 5
    assert result.started_at == "2026-11-09T10:00:00.123Z"
    assert outcome.status == "ok"
    assert msgspec.json.encode(outcome.data)


def test_progress_counts_by_weight_and_pages_inside_a_step(tmp_path: Path) -> None:
    def pages(context: StepContext) -> None:
        for number in range(1, 5):
            context.report_page(number, 4)

    _, reports = run(
        tmp_path,
        Step("light", lambda _: None, weight=1.0),
        Step("heavy", pages, weight=3.0),
    )

    assert [(report.step, report.fraction, report.page) for report in reports] == [
        ("light", 0.0, None),
        ("heavy", 0.25, None),
        ("heavy", 0.25, 1),
        ("heavy", 0.4375, 2),
        ("heavy", 0.625, 3),
        ("heavy", 0.8125, 4),
    ]
    assert reports[-1].pages == 4


def test_pages_in_quick_succession_are_not_all_reported(tmp_path: Path) -> None:
    def pages(context: StepContext) -> None:
        for number in range(1, 1_001):
            context.report_page(number, 1_000)

    _, reports = run(tmp_path, Step("pages", pages), tick_s=0.001)

    assert 2 < len(reports) < 30
    fractions = [report.fraction for report in reports]
    assert fractions == sorted(fractions)


def test_progress_that_cannot_be_is_told_as_what_can(tmp_path: Path) -> None:
    def odd(context: StepContext) -> None:
        for share in (math.nan, -1.0, math.inf):
            context.progress(share)
        context.report_page(-5, -1)

    _, reports = run(tmp_path, Step("odd", odd))

    assert [each.fraction for each in reports] == [0.0, 0.0, 0.0, 1.0, 1.0]
    assert (reports[-1].page, reports[-1].pages) == (0, 0)


def test_a_part_of_a_step_is_shown_and_timed_as_one_of_its_own(tmp_path: Path) -> None:
    def pages(context: StepContext) -> None:
        context.progress(0.5)
        with context.part("inner"):
            context.log("Within.")
            for number in (1, 2):
                context.report_page(number, 2)
        context.progress(1.0)

    outcome, reports = run(
        tmp_path, Step("outer", pages), Step("last", lambda _: None), tick_s=1.0
    )

    shown = [(each.step, round(each.fraction, 4), each.page) for each in reports]
    assert shown == [
        ("outer", 0.0, None),
        ("outer", 0.25, None),
        ("inner", 0.25, None),
        ("inner", 0.25, None),  # what it said
        ("inner", 0.25, 1),
        ("inner", 0.5875, 2),  # Nine tenths of what is left are the part's.
        ("outer", 0.925, None),
        ("outer", 0.9625, None),
        ("last", 0.9625, None),
    ]
    steps = {step.name: step.milliseconds for step in outcome.steps}
    assert steps == {"outer": 4000, "inner": 3000, "last": 1000}
    assert outcome.data["log"] == ({"step": "inner", "message": "Within."},)


def test_a_page_of_which_nothing_was_said_is_not_forgotten(tmp_path: Path) -> None:
    def pages(context: StepContext) -> None:
        for number in (1, 2):
            context.report_page(number, 4)
        for _ in range(60):
            context.progress(0.4)

    _, reports = run(tmp_path, Step("pages", pages), tick_s=0.001)

    assert [each.page for each in reports] == [None, 1, 2]


def test_steps_know_how_much_time_is_left(tmp_path: Path) -> None:
    left_s: list[float] = []
    ask = Step("ask", lambda context: left_s.append(context.left_s()))
    run(tmp_path, ask, ask, tick_s=1.0, time_limit_s=10.0)
    run(tmp_path, ask)
    assert left_s == [8.0, 6.0, math.inf]


_ENDINGS: list[tuple[Severity, Status]] = [
    ("info", "ok"),
    ("warning", "ok"),
    ("error", "degraded"),
    ("fatal", "degraded"),
]


@pytest.mark.parametrize(("severity", "status"), _ENDINGS)
def test_a_severe_issue_makes_the_result_degraded(
    tmp_path: Path, severity: Severity, status: Status
) -> None:
    def note(context: StepContext) -> None:
        context.add_issue("BLURRY", severity, "Not sharp.", page=2)

    outcome, _ = run(tmp_path, Step("note", note))

    assert outcome.status == outcome.data["status"] == status
    assert outcome.data["issues"] == (
        {"code": "BLURRY", "severity": severity, "message": "Not sharp.", "page": 2},
    )


def test_a_limit_is_named_once_with_its_issue(tmp_path: Path) -> None:
    def cut(context: StepContext) -> None:
        context.hit_limit("cells", "Only some cells were read.")
        context.hit_limit("cells", "Only some cells were read.")

    outcome, _ = run(tmp_path, Step("cut", cut))

    assert outcome.data["limitsHit"] == ("cells",)
    assert [issue["code"] for issue in outcome.data["issues"]] == ["LIMIT_REACHED"]


def test_what_a_step_raises_passes_through(tmp_path: Path) -> None:
    def refuse(_: StepContext) -> None:
        raise DocumentError("No.", code="encrypted")

    def bug(_: StepContext) -> None:
        raise KeyError("a bug of ours")

    with pytest.raises(DocumentError):
        run(tmp_path, Step("refuse", refuse))
    with pytest.raises(KeyError):
        run(tmp_path, Step("bug", bug))
