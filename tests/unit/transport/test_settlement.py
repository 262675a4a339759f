import dramatiq
import pytest

from service.transport.settlement import (
    SettledMessage,
    Settlement,
    belongs_to_another,
    settlement_of,
    was_delivered_before,
)


class Line:
    """What messages come through."""

    def __init__(self, *, connected: bool = True) -> None:
        self.connected = connected


class Settled:
    """A settlement, and what came of it."""

    def __init__(self) -> None:
        self.settlement = Settlement()
        self.told: list[bool] = []

    def work_is_over(self) -> None:
        self.settlement.when_settled(self.told.append)


def test_a_message_is_good_once_its_end_is_confirmed() -> None:
    settled = Settled()
    confirm = settled.settlement.expect(last=True)
    assert settled.settlement.ended
    settled.work_is_over()
    assert settled.told == []
    confirm(True)
    assert settled.told == [True]


def test_a_confirmation_may_come_before_the_work_is_over() -> None:
    settled = Settled()
    settled.settlement.expect(last=True)(True)
    assert settled.told == []
    settled.work_is_over()
    assert settled.told == [True]


def test_a_message_whose_end_was_never_said_is_not_good() -> None:
    settled = Settled()
    settled.settlement.expect(last=False)(True)
    settled.work_is_over()
    assert settled.told == [False]


@pytest.mark.parametrize("lost", [0, 1])
def test_a_message_is_good_only_if_everything_said_is_safe(lost: int) -> None:
    settled = Settled()
    parts = [settled.settlement.expect(last=number == 1) for number in range(2)]
    settled.work_is_over()
    for number, confirm in enumerate(parts):
        assert settled.told == []
        confirm(number != lost)
    assert settled.told == [False]


def test_a_void_message_is_good_without_a_word() -> None:
    settled = Settled()
    settled.settlement.void()
    settled.work_is_over()
    assert settled.told == [True]


def test_an_abandoned_message_is_not_good_and_waits_for_nothing() -> None:
    settled = Settled()
    confirm = settled.settlement.expect(last=True)
    settled.settlement.abandon()
    settled.work_is_over()
    assert settled.told == [False]
    confirm(True)
    assert settled.told == [False]


def test_a_message_is_anothers_once_its_connection_is_gone() -> None:
    message: dramatiq.Message[None] = dramatiq.Message(
        queue_name="q", actor_name="a", args=(), kwargs={}, options={}
    )
    line = Line()
    own = SettledMessage(message, redelivered=False, tag=1, received_by=line)
    assert not belongs_to_another(own)
    line.connected = False
    assert belongs_to_another(own)
    assert not belongs_to_another(dramatiq.MessageProxy(message))


def test_other_brokers_messages_have_no_history() -> None:
    message: dramatiq.Message[None] = dramatiq.Message(
        queue_name="q", actor_name="a", args=(), kwargs={}, options={}
    )
    plain = dramatiq.MessageProxy(message)
    assert not was_delivered_before(plain)
    assert settlement_of(plain) is not settlement_of(plain)
    own = SettledMessage(message, redelivered=True, tag=1, received_by=Line())
    assert was_delivered_before(own)
    assert settlement_of(own) is own.settlement
