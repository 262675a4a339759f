from collections.abc import Iterator

import pytest

from actors.middleware import CURRENT, Running, say
from actors.reply import about
from service.clock import SystemClock
from service.messages import (
    BatchPlanned,
    TaskCompleted,
    TaskEvent,
    TaskProgressed,
)
from service.transport import OnConfirm
from service.transport.settlement import Settlement
from tests.contract.transport_contract import start_batch

CLOCK = SystemClock()
ABOUT = about(start_batch(), CLOCK)


class Saying:
    """A task at work on this thread, and what was published of it."""

    def __init__(self) -> None:
        self.settlement = Settlement()
        self.confirms: list[OnConfirm | None] = []
        self.settled: list[bool] = []

    def publish(self, event: TaskEvent, *, on_confirm: OnConfirm | None = None) -> None:
        self.confirms.append(on_confirm)

    def confirm(self, number: int) -> None:
        confirm = self.confirms[number]
        assert confirm is not None
        confirm(True)


@pytest.fixture
def saying() -> Iterator[Saying]:
    saying = Saying()
    token = CURRENT.set(
        Running(command=start_batch(), began_s=0.0, settlement=saying.settlement)
    )
    yield saying
    CURRENT.reset(token)


def planned(part: int) -> BatchPlanned:
    return BatchPlanned(**ABOUT, part=part, parts=2, costs_ms={})


def test_a_plan_ends_with_its_last_part_and_is_safe_with_all_of_them(
    saying: Saying,
) -> None:
    say(saying.publish, planned(0))
    before = saying.settlement.ended
    say(saying.publish, planned(1))
    assert (before, saying.settlement.ended) == (False, True)
    saying.settlement.when_settled(saying.settled.append)
    saying.confirm(1)
    assert saying.settled == []
    saying.confirm(0)
    assert saying.settled == [True]


def test_progress_settles_nothing(saying: Saying) -> None:
    say(saying.publish, TaskProgressed(**ABOUT, step="extract", fraction=0.5))
    assert saying.confirms == [None]
    assert not saying.settlement.ended


def test_outside_of_a_task_there_is_nothing_to_settle(saying: Saying) -> None:
    CURRENT.set(None)
    completed = TaskCompleted(**ABOUT, worker_id="w", processing_s=0.0)
    say(saying.publish, completed)
    assert saying.confirms == [None]
