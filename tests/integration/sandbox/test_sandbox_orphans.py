"""What is left when the worker itself is killed: nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import is_gone
from tests.support import eventually

Family = tuple["subprocess.Popen[str]", int, int]


@pytest.fixture
def family(tmp_path: Path) -> Iterator[Family]:
    """A worker, its server and its child, hung in C code with a minute to go."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integration.sandbox.driver", str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as worker:
        assert worker.stdout
        server, child = map(int, worker.stdout.readline().split())
        yield worker, server, child
        worker.kill()


def test_nothing_outlives_a_worker_killed_with_9(
    family: Family, tmp_path: Path
) -> None:
    worker, server, child = family

    worker.kill()

    eventually(lambda: is_gone(child) and is_gone(server))
    eventually(lambda: not list(tmp_path.glob("docmill-sandbox-*")))


def test_a_child_dies_with_its_server(family: Family) -> None:
    worker, server, child = family

    worker.send_signal(signal.SIGSTOP)
    os.kill(server, signal.SIGKILL)

    eventually(lambda: is_gone(child))


def test_a_signal_to_the_whole_service_leaves_the_end_to_the_worker(
    family: Family,
) -> None:
    _, server, child = family

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        for pid in (server, child):
            os.kill(pid, number)

    with pytest.raises(AssertionError, match="not true within"):
        eventually(lambda: is_gone(server) or is_gone(child), timeout_s=0.5)
