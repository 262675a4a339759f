import re

import pytest

from service.domain import reasons
from service.domain.model import (
    JobStatus,
    TaskStatus,
)
from service.domain.transitions import JOB_TRANSITIONS, TASK_TRANSITIONS
from tests.unit.docs.pages import ROOT, STATES, names, rows, section


def documented_transitions(title: str) -> list[tuple[str, str]]:
    return [
        (names(row[0])[0], names(row[1])[0]) for row in rows(section(STATES, title))
    ]


def charts() -> list[str]:
    return re.findall(r"```mermaid\n(.*?)```", STATES, re.DOTALL)


@pytest.mark.parametrize(
    ("title", "table"),
    [
        ("Transitions of a task", TASK_TRANSITIONS),
        ("Transitions of a job", JOB_TRANSITIONS),
    ],
)
def test_the_transitions_on_the_page_are_those_of_the_code(
    title: str, table: dict[str, frozenset[str]]
) -> None:
    documented = documented_transitions(title)
    assert len(set(documented)) == len(documented)
    assert set(documented) == {
        (str(before), str(after)) for before in table for after in table[before]
    }


@pytest.mark.parametrize(
    ("chart", "table"),
    [(0, TASK_TRANSITIONS), (1, JOB_TRANSITIONS)],
    ids=["task", "job"],
)
def test_a_state_chart_draws_only_what_can_happen_and_every_status(
    chart: int, table: dict[str, frozenset[str]]
) -> None:
    arrows = re.findall(r"(\S+) --> ([^\s:]+)", charts()[chart])
    assert {one for arrow in arrows for one in arrow} == {"[*]", *map(str, table)}
    for before, after in arrows:
        if before == "[*]":
            assert after == "PENDING"
        elif after == "[*]":
            assert not table[before]
        else:
            assert after in table[before]


@pytest.mark.parametrize(
    ("title", "statuses"), [("Tasks", TaskStatus), ("Jobs", JobStatus)]
)
def test_every_status_is_explained_in_order(
    title: str, statuses: type[TaskStatus] | type[JobStatus]
) -> None:
    explained = [names(row[0])[0] for row in rows(section(STATES, title))]
    assert explained == [status.value for status in statuses]


def test_every_reason_for_which_a_task_waits_is_explained() -> None:
    given = {word for name, word in vars(reasons).items() if name.isupper()}
    given.remove(reasons.UPSTREAM)  # an event's word for another one
    listed = [names(row[0])[0] for row in rows(section(STATES, "Why a task waits"))]
    assert sorted(listed) == sorted(given)


def test_no_reason_for_which_a_task_waits_is_written_out_elsewhere() -> None:
    literal = re.compile(r'(?:\breason=|_reason=|_returned\(command, )"')
    assert literal.search('task.hand_back(reason="tired")')
    written = [
        path
        for folder in ("service/domain", "service/transport", "actors")
        for path in (ROOT / folder).rglob("*.py")
        if literal.search(path.read_text(encoding="utf-8"))
    ]
    assert written == []
