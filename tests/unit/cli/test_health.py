import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from prometheus_client import CollectorRegistry

from service.cli.health import LOOK_EVERY_S, HealthServer, Looks, Readiness
from service.errors import ConflictError
from service.metrics import Metrics
from tests.support import ManualClock, eventually


class Process:
    """What a health server is asked about."""

    def __init__(self) -> None:
        self.live = True
        self.said = Readiness(parts={"broker": True})


@contextmanager
def serving(process: Process) -> Iterator[httpx.Client]:
    registry = CollectorRegistry()
    Metrics(registry).leader.set(1)
    server = HealthServer(
        "127.0.0.1",
        0,
        registry=registry,
        live=lambda: process.live,
        ready=lambda: process.said,
    )
    server.start()
    try:
        with httpx.Client(base_url=server.url, trust_env=False) as client:
            yield client
    finally:
        server.stop()


def answer(client: httpx.Client, path: str) -> tuple[int, dict[str, str]]:
    found = client.get(path)
    return found.status_code, json.loads(found.content)


def test_a_process_is_live_until_its_threads_die() -> None:
    process = Process()
    with serving(process) as client:
        assert answer(client, "/livez") == (200, {"status": "live", "threads": "ok"})
        process.live = False
        assert answer(client, "/livez") == (
            503,
            {"status": "not live", "threads": "down"},
        )


def test_a_process_is_ready_while_all_its_parts_are_well() -> None:
    process = Process()
    with serving(process) as client:
        assert answer(client, "/readyz") == (200, {"status": "ready", "broker": "ok"})
        process.said = Readiness(parts={"broker": False}, role="standby")
        assert answer(client, "/readyz?verbose") == (
            503,
            {"status": "not ready", "broker": "down", "role": "standby"},
        )


def test_metrics_are_those_of_the_process() -> None:
    with serving(Process()) as client:
        found = client.get("/metrics")
        assert found.headers["content-type"].startswith("text/plain")
        assert "docmill_leader 1.0" in found.text


def test_nothing_else_is_served() -> None:
    with serving(Process()) as client:
        assert client.get("/").status_code == 404
        assert client.post("/livez").status_code == 501


def test_a_taken_port_is_said_with_what_to_do() -> None:
    with serving(Process()) as client, pytest.raises(ConflictError) as caught:
        HealthServer(
            "127.0.0.1",
            client.base_url.port or 0,
            registry=CollectorRegistry(),
            live=lambda: True,
            ready=lambda: Readiness(parts={}),
        )
    assert caught.value.code == "port_taken"
    assert "--health-port" in caught.value.message


class Database:
    """What is looked at: it may be down, and it may hang."""

    def __init__(self) -> None:
        self.up = True
        self.asked = 0
        self.answers = threading.Event()
        self.answers.set()

    def healthy(self) -> bool:
        self.asked += 1
        self.answers.wait()
        return self.up


def test_a_database_that_went_down_makes_a_process_unready() -> None:
    process, database, clock = Process(), Database(), ManualClock()
    looks = Looks(database.healthy, clock)
    with serving(process) as client:
        process.said = Readiness(parts={"broker": True, "store": looks.well()})
        assert answer(client, "/readyz")[1]["store"] == "ok"
        database.up = False
        clock.advance(LOOK_EVERY_S)
        process.said = Readiness(parts={"broker": True, "store": looks.well()})
        assert answer(client, "/readyz") == (
            503,
            {"status": "not ready", "broker": "ok", "store": "down"},
        )


def test_a_database_is_asked_at_most_once_in_a_while() -> None:
    database, clock = Database(), ManualClock()
    looks = Looks(database.healthy, clock)
    assert all(looks.well() for _ in range(5))
    assert database.asked == 1
    clock.advance(LOOK_EVERY_S)
    assert looks.well()
    assert database.asked == 2


def test_a_database_that_hangs_is_down_and_is_not_asked_again_meanwhile() -> None:
    database, clock = Database(), ManualClock()
    looks = Looks(database.healthy, clock)
    assert looks.well()
    database.answers.clear()
    clock.advance(LOOK_EVERY_S)
    assert not looks.well()
    clock.advance(LOOK_EVERY_S)
    assert not looks.well()
    assert database.asked == 2
    database.answers.set()
    eventually(looks.well)
