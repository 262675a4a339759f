"""The whole service on quorum queues, each role as the broker's user made for it."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from gateway.client import Client
from service.transport.definitions import USERS, definitions_file
from service.transport.topology import QueueType
from tests.integration.ops.monitored import running, wait_for
from tests.integration.ops.node import Broker, broker_with
from tools.stack.waiting import HOST, free_port

PASSWORDS = {name: f"secret-{name}" for name in USERS}
DOCUMENTS = 20


@pytest.fixture(scope="module")
def broker(rabbitmq_root: Path) -> Iterator[Broker]:
    def write(path: Path) -> None:
        path.write_text(definitions_file(QueueType.QUORUM, passwords=PASSWORDS))

    with broker_with(rabbitmq_root, write) as started:
        yield started


@pytest.fixture(scope="module")
def service(
    broker: Broker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("roles")
    store = f"sqlite:///{folder}/docmill.sqlite3"
    shared = {
        "DOCMILL_BLOB_URL": (folder / "blobs").as_uri(),
        "DOCMILL_JOB_TYPE_MODULES": "tests.made_up_work",
        "DOCMILL_QUEUE_TYPE": QueueType.QUORUM,
        "DOCMILL_DRAIN_S": "1",  # a cancelled document is still at work for 30
    }
    with ExitStack() as stack:

        def start(name: str, *arguments: str, user: str = "", **more: str) -> int:
            """Start a role; gives the port where it tells of its health."""
            port = free_port()
            given = shared | more | {"DOCMILL_DATA_DIR": str(folder / name)}
            if user:
                given["DOCMILL_BROKER_URL"] = broker.url(user, PASSWORDS[user])
            option = "--port" if name == "gateway" else "--health-port"
            command = [sys.executable, "-m", "service.cli", *arguments]
            log = folder / f"{name}.log"
            process = stack.enter_context(
                running([*command, option, str(port)], given, log)
            )
            wait_for(process, f"http://{HOST}:{port}/readyz", log)
            return port

        migrate = [sys.executable, "-m", "service.cli", "migrate"]
        with running(migrate, {"DOCMILL_STORE_URL": store}, folder / "log") as process:
            assert process.wait(30) == 0
        with_store = {"DOCMILL_STORE_URL": store}
        start("aggregator", "aggregator", user="docmill-aggregator", **with_store)
        start(
            "batches",
            *("worker", "--queues", "batches"),
            user="docmill-batches",
            **with_store,
        )
        start(
            "documents",
            *("worker", "--queues", "documents", "--concurrency", "2"),
            user="docmill-documents",
        )
        port = start("gateway", "gateway", user="docmill-gateway", **with_store)
        with Client(f"http://{HOST}:{port}") as client:
            yield client
    logs = "".join(log.read_text() for log in folder.glob("*.log"))
    # What a role may not declare it finds; anything else would be a warning.
    assert "channel_closed" not in logs
    assert "ACCESS_REFUSED" not in logs


def files(folder: Path, content: str) -> list[Path]:
    made = [folder / f"{number}.txt" for number in range(DOCUMENTS)]
    for file in made:
        file.write_text(content)
    return made


def test_a_batch_is_processed_and_followed(service: Client, tmp_path: Path) -> None:
    seen: list[Any] = []
    job = service.submit(
        files(tmp_path, "1"), job_type="STEPS", on_progress=seen.append
    )
    assert job.status == "COMPLETED"
    assert len(list(service.results(job.id))) == DOCUMENTS
    assert seen[-1].completed == DOCUMENTS


def test_documents_that_fail_are_tried_again(service: Client, tmp_path: Path) -> None:
    job = service.submit(
        files(tmp_path, "1")[:3],
        job_type="ABORT",
        options={"retryAttempts": 1, "retryDelay": 100},
        on_failed=lambda _: None,
    )
    failures = [task.error for task in service.tasks(job.id)]
    assert {failure.code for failure in failures if failure} <= {"crashed", "poison"}
    assert all(failures)


def test_a_job_is_cancelled(service: Client, tmp_path: Path) -> None:
    job = service.submit(
        files(tmp_path, "30000"), job_type="SLEEP", options={"maxConcurrent": 1}
    )
    assert service.cancel(job.id)
