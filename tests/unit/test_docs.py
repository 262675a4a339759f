import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from service.domain import events, reasons
from service.domain.estimates import Eta
from service.domain.model import (
    Counts,
    Failure,
    Job,
    JobStatus,
    Outcome,
    TaskStatus,
)
from service.domain.options import ProcessingOptions
from service.domain.transitions import JOB_TRANSITIONS, TASK_TRANSITIONS
from service.messages import (
    AcceptedFacts,
    Command,
    Event,
    JobNotice,
    LogEntry,
    Message,
    TaskMessage,
)
from service.processing.results import (
    Analysis,
    AnomalyCode,
    BatchResult,
    Extraction,
    Fields,
    Quality,
    Result,
)
from service.settings.roles import SHARED, Role
from service.store import schema
from service.transport.topology import PERMISSIONS, topology
from tests.factories import NOW, make_job, make_task

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ADRS = sorted((DOCS / "adr").glob("*.md"))
PAGES = (
    *sorted(DOCS.glob("*.md")),
    *ADRS,
    ROOT / "rabbitmq" / "README.md",
    ROOT / "k8s" / "README.md",
)
STATES = (DOCS / "state_machine.md").read_text(encoding="utf-8")
MESSAGES = (DOCS / "messages.md").read_text(encoding="utf-8")
ARCHITECTURE = (DOCS / "architecture.md").read_text(encoding="utf-8")
PROCESSING = (DOCS / "processing.md").read_text(encoding="utf-8")
BROKER_USERS = {
    "gateway": "gateway",
    "document worker": "documents",
    "batch worker": "batches",
    "aggregator": "aggregator",
}
"""Role on the pages to its name among the broker's permissions."""
MESSAGE_TYPES: dict[str, type[msgspec.Struct]] = {
    **{str(t.__struct_config__.tag): t for t in get_args(Command) + get_args(Event)},
    "LogEntry": LogEntry,
    "JobNotice": JobNotice,
    "AcceptedFacts": AcceptedFacts,
}

RESULT_PARTS: dict[str, tuple[type[msgspec.Struct], frozenset[str]]] = {
    "What every result has": (Result, frozenset()),
    "`QUALITY_CHECK`": (Quality, frozenset()),
    "`DATA_EXTRACTION`": (Extraction, frozenset()),
    "`FULL_ANALYSIS`": (Analysis, frozenset({"quality", "extraction"})),
    "`BATCH_ANALYSIS`": (BatchResult, frozenset()),
}
"""Section to the part of a result; which of its fields have sections of their own."""


def section(page: str, title: str) -> str:
    """Give the text below a heading, up to the next one."""
    _, found, after = page.partition(f" {title}\n")
    assert found, f"there is no heading {title!r}"
    return re.split(r"^#", after, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> Iterator[tuple[str, ...]]:
    """Give the cells of every table row but the headings."""
    tables = re.findall(r"^\|.*\n\|[-|]+\|\n((?:\|.*\n)*)", text, re.MULTILINE)
    for table in tables:
        for line in table.splitlines():
            yield tuple(cell.strip() for cell in line.strip("|").split("|"))


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def documented_transitions(title: str) -> list[tuple[str, str]]:
    return [
        (names(row[0])[0], names(row[1])[0]) for row in rows(section(STATES, title))
    ]


def charts() -> list[str]:
    return re.findall(r"```mermaid\n(.*?)```", STATES, re.DOTALL)


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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), f"{target} is not there"
        if anchor:
            assert anchor in anchors(linked), f"{target} has no such heading"


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in headings
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_a_page_names_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    folders = "actors|benchmarks|docs|gateway|samples|service|tests|tools"
    for path in re.findall(rf"`((?:{folders})/[\w./-]*)`", text):
        assert (ROOT / path).exists(), f"{path} is not there"


@pytest.mark.parametrize("page", ADRS, ids=lambda page: page.name)
def test_a_decision_has_its_parts_and_fits_on_a_page(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {page.name[:4]} ")
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings == ["Status", "Context", "Options", "Decision", "Consequences"]
    assert len(text.splitlines()) <= 75


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(page.name[:4]) for page in ADRS]
    assert numbers == list(range(1, len(ADRS) + 1))


def test_words_in_the_glossary_are_sorted_and_explained_once() -> None:
    page = (DOCS / "glossary.md").read_text(encoding="utf-8")
    words = [row[0].strip("*") for row in rows(page)]
    assert words == sorted(set(words), key=str.lower)


def test_words_in_italics_on_the_page_of_states_are_in_the_glossary() -> None:
    page = (DOCS / "glossary.md").read_text(encoding="utf-8")
    words = {row[0].strip("*") for row in rows(page)}
    italic = set(re.findall(r"(?<!\*)\*(\w+)\*(?!\*)", STATES))
    assert italic - {"italics"} <= words


def broker_users(cell: str) -> set[str]:
    """Give the broker's users for the roles a cell names."""
    return {user for role, user in BROKER_USERS.items() if role in cell}


def test_the_roles_of_the_broker_are_those_on_the_page() -> None:
    assert set(BROKER_USERS.values()) == set(PERMISSIONS)


def test_the_settings_each_role_needs_are_those_of_the_code() -> None:
    listed = {
        row[0]: tuple(names(row[1]))
        for row in rows(section(ARCHITECTURE, "Who may touch what"))
    }
    assert listed == {
        str(role): needed
        for role, needed in SHARED.items()
        if role is not Role.EMBEDDED
    }


def test_exchanges_and_queues_on_the_page_are_those_of_the_topology() -> None:
    listed = list(rows(section(ARCHITECTURE, "What the broker holds")))
    held = topology()
    exchanges = [name for row in listed for name in names(row[0])]
    queues = [name for row in listed for name in names(row[1])]
    assert sorted(exchanges) == sorted(each.name for each in held.exchanges)
    assert sorted(queues) == sorted(each.name for each in held.queues)
    assert {(e.exchange, e.queue) for e in held.bindings} == {
        (names(row[0])[0], names(row[1])[0])
        for row in listed
        if names(row[0]) and names(row[1])
    }


def test_who_publishes_and_reads_on_the_page_may_do_so_and_nobody_else_reads() -> None:
    for exchange, queue, _, publishers, readers in rows(
        section(ARCHITECTURE, "What the broker holds")
    ):
        written = (names(exchange) or ["amq.default"])[0]
        for user in broker_users(publishers):
            assert re.search(PERMISSIONS[user].write, written), (user, written)
        for name in names(queue):
            may_read = {
                user for user, may in PERMISSIONS.items() if re.search(may.read, name)
            }
            # The aggregator may do everything.
            assert may_read == broker_users(readers) | {"aggregator"}, name


def test_the_tables_of_the_store_on_the_page_are_those_of_the_schema() -> None:
    listed = [
        name
        for row in rows(section(ARCHITECTURE, "The store"))
        for name in names(row[0])
    ]
    assert sorted(listed) == sorted(schema.metadata.tables)


def test_every_failure_between_processes_names_a_test_that_is_there() -> None:
    tests = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))
    }
    listed = list(rows(section(ARCHITECTURE, "Between processes")))
    assert listed
    for row in listed:
        [name] = names(row[3])
        assert name in tests, name


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


def structs_in(kind: Any) -> Iterator[type[msgspec.Struct]]:
    """Give the structs that a field's type is made of."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
    for part in get_args(kind):
        yield from structs_in(part)


def wire_names(kind: type[msgspec.Struct], without: frozenset[str]) -> set[str]:
    """Give the names of a part's fields on the wire, and of those inside them."""
    found = set()
    for each in msgspec.structs.fields(kind):
        found.add(each.encode_name)
        for inner in () if each.name in without else structs_in(each.type):
            found |= wire_names(inner, frozenset()) if inner is not Fields else set()
    return found


@pytest.mark.parametrize("title", RESULT_PARTS)
def test_every_field_of_a_result_is_on_the_page_of_processing(title: str) -> None:
    kind, without = RESULT_PARTS[title]
    text = section(PROCESSING, title)
    own = {each.encode_name for each in msgspec.structs.fields(kind)}
    listed = [
        name
        for row in rows(text)
        for name in names(row[0])
        if not name.isupper()  # codes of anomalies have a table of their own
    ]
    assert set(listed) == own
    assert len(listed) == len(own)
    without_code = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    assert wire_names(kind, without) <= set(names(without_code))


def test_every_processing_option_is_on_the_page_of_processing() -> None:
    listed = [names(row[0])[0] for row in rows(section(PROCESSING, "Options"))]
    options = msgspec.structs.fields(ProcessingOptions)
    submitted = [each for each in options if each.name != "expand_bytes"]
    assert listed == [each.encode_name for each in submitted]


def test_every_field_of_an_invoice_is_on_the_page_of_processing() -> None:
    listed = set(names(section(PROCESSING, "Fields")))
    assert wire_names(Fields, frozenset()) <= listed


def test_every_anomaly_is_on_the_page_of_processing() -> None:
    text = section(PROCESSING, "`FULL_ANALYSIS`")
    listed = {name for row in rows(text) for name in names(row[0]) if name.isupper()}
    assert listed == set(get_args(AnomalyCode))
