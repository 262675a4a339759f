from service.domain.model import TaskId
from service.transport.outgoing import (
    GROUP_BYTES,
    GROUP_EVENTS,
    WAITING_BYTES,
    WAITING_EVENTS,
    Confirmations,
    Gathering,
    Outgoing,
)


def bodies(group: Outgoing | None) -> int:
    assert group is not None
    return group.body.count(b"e")


def test_what_gathered_goes_as_one_group_in_its_order() -> None:
    gathering = Gathering("x")
    told: list[bool] = []
    for body in (b"1", b"2", b"3"):
        gathering.add(body, told.append)
    gathering.add(b"4", None)
    group = gathering.take()
    assert group is not None
    assert (group.exchange, group.body, group.is_group) == ("x", b"[1,2,3,4]", True)
    group.tell(safe=True)
    assert told == [True, True, True]
    assert gathering.take() is None
    assert not gathering


def test_a_start_that_still_waits_is_dropped_with_the_end_of_its_task() -> None:
    gathering = Gathering("x")
    for number in range(3):
        gathering.add(b"%d" % number, None, starts=TaskId(f"t{number}"))
    gathering.drop_start(TaskId("t1"))
    gathering.drop_start(TaskId("another"))
    gathering.add(b"9", None)
    group = gathering.take()
    assert group is not None
    assert group.body == b"[0,2,9]"
    gathering.drop_start(TaskId("t0"))
    assert gathering.take() is None


def test_a_dropped_start_leaves_its_room() -> None:
    gathering = Gathering("x")
    assert gathering.add(b" " * WAITING_BYTES, None, starts=TaskId("t"))
    assert not gathering.add(b"e", None)
    gathering.drop_start(TaskId("t"))
    assert gathering.add(b"e", None)


def test_a_group_is_closed_by_its_number() -> None:
    gathering = Gathering("x")
    for _ in range(GROUP_EVENTS + 1):
        gathering.add(b"e", None)
    assert [bodies(gathering.take()), bodies(gathering.take())] == [GROUP_EVENTS, 1]


def test_a_group_is_closed_by_its_size() -> None:
    gathering = Gathering("x")
    for _ in range(3):
        gathering.add(b"e" + b" " * (GROUP_BYTES // 2), None)
    assert [bodies(gathering.take()), bodies(gathering.take())] == [2, 1]


def test_there_is_no_room_beyond_a_number_or_a_size() -> None:
    gathering = Gathering("x")
    assert all(gathering.add(b"e", None) for _ in range(WAITING_EVENTS))
    assert not gathering.add(b"e", None)
    gathering.take()
    assert gathering.add(b"e", None)
    large = Gathering("x")
    assert large.add(b" " * WAITING_BYTES, None)
    assert not large.add(b"e", None)
    large.take()
    assert large.add(b"e", None)


def test_unconfirmed_groups_go_again_first_and_as_they_were() -> None:
    gathering = Gathering("x")
    gathering.add(b"1", None)
    first = gathering.take()
    gathering.add(b"2", None)
    second = gathering.take()
    gathering.add(b"3", None)
    assert first is not None
    assert second is not None
    gathering.add_again([first, second])
    assert gathering.take() is first
    assert gathering.take() is second
    third = gathering.take()
    assert third is not None
    assert third.body == b"[3]"


def test_confirmations_are_waited_for_until_all_are_there() -> None:
    confirmations = Confirmations(2)
    confirmations.note(safe=True)
    assert not confirmations.wait(0)
    confirmations.note(safe=True)
    assert confirmations.wait(0)
    assert Confirmations(0).wait(0)


def test_one_refusal_ends_the_wait() -> None:
    confirmations = Confirmations(2)
    confirmations.note(safe=False)
    assert not confirmations.wait(60)
