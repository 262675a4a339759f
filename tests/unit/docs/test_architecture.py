import re

from service.settings.roles import SHARED, Role
from service.store import schema
from service.transport.topology import PERMISSIONS, topology
from tests.unit.docs.pages import ARCHITECTURE, ROOT, names, rows, section

BROKER_USERS = {
    "gateway": "gateway",
    "document worker": "documents",
    "batch worker": "batches",
    "aggregator": "aggregator",
}
"""Role on the pages to its name among the broker's permissions."""


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
