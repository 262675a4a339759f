import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.e2e.stack.support import Client, started
from tests.support import eventually
from tools.stack import Stack
from tools.stack.processes import StoreKind

BACKLOG_LIMIT = 600
SETTINGS = {
    "job_type_modules": "tests.made_up_work",
    "concurrency": "5",
    "drain_s": "2",
    "backlog_limit": str(BACKLOG_LIMIT),
}
LEADS_S = 20
SQLITE = "[sqlite]"

QUICK = (
    "test_stack_batches",
    "killed_worker",
    "killed_leader",
    "restart_of_the_broker",
)
"""What is tried with SQLite too in every run; the rest of it is slow."""

SHARES = ("crashes.py", "outages.py", SQLITE, "command.py", "batches.py")
"""What one process does without a break, the longest first."""


def share_of(nodeid: str) -> str:
    """Give all tests with SQLite, or those of a file, one share: few start a stack."""
    whole = nodeid if nodeid.endswith(SQLITE) else nodeid.partition("::")[0]
    return next((each for each in SHARES if whole.endswith(each)), "")


class ByStack(LoadScopeScheduling):
    """Gives each process one share after the other."""

    def _split_scope(self, nodeid: str) -> str:
        return share_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByStack:
    """Share the tests so; groups (loadgroup) xdist cannot see with pytest 9."""
    config.option.loadscopereorder = False  # they are in order
    return ByStack(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Iterator[None]:
    for item in items:
        own = "e2e/stack" in item.nodeid and item.nodeid.endswith(SQLITE)
        if own and not any(each in item.nodeid for each in QUICK):
            item.add_marker(pytest.mark.slow)
    yield
    if hasattr(config, "workerinput"):  # else by stack, as pytest orders them
        order = ("", *SHARES)
        items.sort(key=lambda item: order.index(share_of(item.nodeid)))


@pytest.fixture(scope="package", params=["postgresql", "sqlite"])
def running_stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    store: StoreKind = request.param
    with started(store=store, settings=SETTINGS) as stack:
        yield stack


@pytest.fixture
def stack(running_stack: Stack) -> Stack:
    """The stack with every member at work, whatever the test before did to it."""
    for name in running_stack.names:
        if not running_stack.running(name):
            running_stack.start(name)
    for name in running_stack.names:
        running_stack.wait_ready(name)
    eventually(running_stack.leader, timeout_s=LEADS_S)
    return running_stack


@pytest.fixture
def client(stack: Stack) -> Iterator[Client]:
    client = Client(stack)
    with client.http:
        yield client
        stack.wait_ready("gateway")
        client.cancel_all()


@pytest.fixture
def tell(
    running_stack: Stack, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], None]:
    """Print a figure past pytest, and past xdist, which drops standard output."""
    kind = "sqlite" if running_stack.postgresql is None else "postgresql"

    def print_it(line: str) -> None:
        with capsys.disabled():
            sys.stderr.write(f"\n[{kind}] {line}\n")

    return print_it
