import re
from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pytest

from service.domain import events
from service.domain.estimates import Eta
from service.domain.model import (
    Counts,
    Failure,
    Job,
    JobStatus,
    Outcome,
)
from service.messages import (
    AcceptedFacts,
    Command,
    Event,
    JobNotice,
    LogEntry,
    Message,
    TaskMessage,
)
from tests.factories import NOW, make_job, make_task
from tests.unit.docs.pages import MESSAGES, names, rows, section

MESSAGE_TYPES: dict[str, type[msgspec.Struct]] = {
    **{str(t.__struct_config__.tag): t for t in get_args(Command) + get_args(Event)},
    "LogEntry": LogEntry,
    "JobNotice": JobNotice,
    "AcceptedFacts": AcceptedFacts,
}


def own_fields(kind: type[msgspec.Struct]) -> Iterator[tuple[str, str]]:
    """Give wire name and default of the fields that `kind` itself declares."""
    shared: set[str] = set()
    for base in kind.__mro__[1:]:
        if issubclass(base, msgspec.Struct):
            shared |= set(base.__struct_fields__)
    for each in msgspec.structs.fields(kind):
        if each.name not in shared:
            written = msgspec.json.encode(each.default) if not each.required else b""
            yield each.encode_name, written.decode() or "required"


def ended(status: JobStatus, **fields: Any) -> dict[str, Any]:
    job = make_job(
        status=status, started_at=NOW, finished_at=NOW, counts=Counts(), **fields
    )
    return events.batch_ended(job)


def example_data() -> dict[str, dict[str, Any]]:
    """Give data of every event that clients see, as full as it gets."""
    why = Failure(code="internal", message="Why.")
    job: Job = make_job()
    task = make_task(job=job, failure=why)
    return {
        "batch.created": events.batch_created(job),
        "batch.started": events.batch_started(job),
        "batch.completed": ended(
            JobStatus.COMPLETED, outcome=Outcome.SUCCEEDED, batch_error=why
        ),
        "batch.failed": ended(JobStatus.FAILED, error=why),
        "batch.timeout": ended(JobStatus.TIMEOUT, error=why),
        "batch.cancelled": ended(JobStatus.CANCELLED),
        "batch.progress": events.batch_progress(job, Eta(median_ms=1, p90_ms=2)),
        "task.started": events.task_started(task),
        "task.progress": events.task_progress(task, page=1, pages=2, message=None),
        "task.retrying": events.task_retrying(task, delay_s=1.0, failure=why),
        "task.completed": events.task_completed(task, added=1),
        "task.failed": events.task_failed(task),
        "task.cancelled": events.task_cancelled(task),
    }


def test_every_message_type_has_one_row_and_one_section() -> None:
    listed = [names(row[0])[0] for row in rows(section(MESSAGES, "Form and evolution"))]
    assert listed == list(MESSAGE_TYPES)
    assert re.findall(r"^### `(.*)`$", MESSAGES, re.MULTILINE) == list(MESSAGE_TYPES)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Fields of every command and event", Message),
        ("Fields of every message about a task", TaskMessage),
        *((f"`{name}`", kind) for name, kind in MESSAGE_TYPES.items()),
    ],
)
def test_every_field_of_a_message_has_its_row_with_its_default(
    title: str, kind: type[msgspec.Struct]
) -> None:
    documented = [
        (names(row[0])[0], row[2].strip("`")) for row in rows(section(MESSAGES, title))
    ]
    assert documented == list(own_fields(kind))


def test_every_event_that_clients_see_has_its_row() -> None:
    listed = list(rows(section(MESSAGES, "Events that clients see")))
    kinds = [names(row[0])[0] for row in listed]
    assert kinds == [*events.LOGGED_TYPES, *events.CONFLATED_TYPES]
    kept = {names(row[0])[0] for row in listed if row[1] == "logged"}
    assert kept == set(events.LOGGED_TYPES)


@pytest.mark.parametrize("kind", [*events.LOGGED_TYPES, *events.CONFLATED_TYPES])
def test_the_data_of_an_event_that_clients_see_is_documented(kind: str) -> None:
    listed = rows(section(MESSAGES, "Events that clients see"))
    [cell] = [row[3] for row in listed if names(row[0]) == [kind]]
    fields = set(names(re.sub(r"\(.*?\)", "", cell)))
    assert fields == set(example_data()[kind])
