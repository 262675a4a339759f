"""Commands that start several processes: `make stack`, and a worker without queues."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.settings import environment
from tests.e2e.stack.support import Client
from tests.processes import children, is_gone
from tests.support import eventually
from tools.stack import Stack
from tools.stack.rabbitmq import NODE
from tools.stack.waiting import free_port

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.timeout(120)


@contextmanager
def worker(stack: Stack, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run `docmill worker` beside the stack's own; gives its first health port."""
    port = free_port(beside=1)
    own = {
        "DOCMILL_BROKER_URL": stack.rabbitmq.url("aggregator"),  # it may read both
        "DOCMILL_STORE_URL": stack.store_url,
        "DOCMILL_BLOB_URL": (stack.folder / "blobs").as_uri(),
        "DOCMILL_DATA_DIR": str(stack.folder / "work"),
        "DOCMILL_JOB_TYPE_MODULES": "tests.made_up_work",
    }
    command = [sys.executable, "-m", "service.cli", "worker", "--concurrency", "2"]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [*command, "--health-port", str(port)],
            cwd=ROOT,
            env={**environment(), **own},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield process, port
        finally:
            process.kill()


def ready(port: int) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_a_worker_without_queues_is_a_process_for_each_group(
    stack: Stack, client: Client, tmp_path: Path
) -> None:
    for name in stack.names:
        if name.startswith(("documents", "batches")):
            stack.kill(name)
    with worker(stack, tmp_path / "log") as (process, port):
        eventually(lambda: ready(port) and ready(port + 1), timeout_s=30)
        job_id = client.batch(["50"] * 10, "SLEEP")
        client.assert_all_ended_once(job_id, 10)
        documents, batches = sorted(children(process.pid))
        assert stack.store_url not in environment_of(documents)
        assert stack.store_url in environment_of(batches)
        process.terminate()
        assert process.wait(30) == 0
        assert is_gone(documents)
        assert is_gone(batches)


def environment_of(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_text()


def test_when_one_of_its_processes_dies_the_worker_ends_with_its_code(
    stack: Stack, tmp_path: Path
) -> None:
    with worker(stack, tmp_path / "log") as (process, port):
        eventually(lambda: ready(port) and ready(port + 1), timeout_s=30)
        documents, batches = sorted(children(process.pid))
        os.kill(batches, signal.SIGKILL)
        assert process.wait(30) == 128 + signal.SIGKILL
        assert is_gone(documents)


def test_processes_of_a_killed_worker_stop_by_themselves(
    stack: Stack, tmp_path: Path
) -> None:
    with worker(stack, tmp_path / "log") as (process, port):
        eventually(lambda: ready(port) and ready(port + 1), timeout_s=30)
        own = children(process.pid)
        process.kill()
        process.wait()
        eventually(lambda: all(map(is_gone, own)), timeout_s=30)


def test_a_role_without_its_settings_says_all_it_lacks() -> None:
    bare = {
        name: value
        for name, value in environment().items()
        if not name.startswith("DOCMILL_")
    }
    ended = subprocess.run(
        [sys.executable, "-m", "service.cli", "aggregator"],
        cwd=ROOT,
        env=bare,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert ended.returncode == 2
    for name in ("broker_url", "store_url", "blob_url"):
        assert f"{name} is not set" in ended.stderr


def test_the_whole_stack_starts_and_stops_with_one_command(tmp_path: Path) -> None:
    log, data = tmp_path / "log", tmp_path / "data"
    port = free_port()
    command = [sys.executable, "-m", "tools.stack", "--port", str(port)]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [*command, "--store", "sqlite", "--data", str(data)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            said = eventually(lambda: address(process, log), timeout_s=60)
            assert said == f"http://127.0.0.1:{port}"
            assert ready(port)
            members = children(process.pid)
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0, log.read_text()
            assert all(map(is_gone, members))
            assert len(members) >= 8, "a broker, a gateway, two of each other role"
            assert (data / "rabbitmq" / "data" / NODE).is_dir(), "found again"
        finally:
            process.kill()


def address(process: subprocess.Popen[bytes], log: Path) -> str | None:
    text = log.read_text()
    if process.poll() is not None:
        raise RuntimeError(text)
    found = re.search(r"Docmill is ready at (http://\S+)", text)
    return found[1] if found else None
