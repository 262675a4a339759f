"""Commands that start a service, with the sample batch or without."""

import json
import signal
import socket
from pathlib import Path

import pytest

from tests.e2e.commands import MADE_UP, found, run, started

SAMPLES = 12
"""More than two rounds of five at once: the first is over long before the last."""


def test_a_second_service_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    log = tmp_path / "log"
    with started(log, "up", "--port", "0", "--data-dir", data):
        found(log, "Docmill is ready")
        second = run("up", "--port", "0", "--data-dir", data)
    assert second.returncode == 1
    assert "is running on the data folder" in second.stderr
    assert "Traceback" not in second.stderr


@pytest.mark.parametrize("start", ["up", "demo"])
def test_a_taken_port_is_named(start: str, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        refused = run(start, "--port", port, "--data-dir", str(tmp_path / "data"))
    assert refused.returncode == 1
    assert f"Port {port} on 127.0.0.1 is taken" in refused.stderr
    assert "PORT=" in refused.stderr
    assert not (tmp_path / "data").exists()


def test_migrate_makes_the_database(tmp_path: Path) -> None:
    done = run("migrate", "--data-dir", str(tmp_path / "data"))
    assert done.returncode == 0
    assert (tmp_path / "data" / "docmill.sqlite3").exists()


def test_the_demo_ends_with_every_sample_as_expected(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    done = run("demo", "--once", "--port", "0", "--data-dir", data)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "failed as expected: encrypted" in done.stdout
    assert "failed as expected: corrupt" in done.stdout
    assert "all as expected" in done.stdout


def samples(folder: Path, *, content: str, status: str) -> Path:
    expected = {}
    for number in range(SAMPLES):
        (folder / f"{number}.txt").write_text(content)
        expected[f"{number}.txt"] = {"status": status, "resultStatus": "ok"}
    (folder / "expected.json").write_text(json.dumps({"files": expected}))
    return folder


def test_the_demo_fails_when_a_sample_does_not_end_as_expected(tmp_path: Path) -> None:
    folder = samples(tmp_path, content="1", status="FAILED")
    options = ("--port", "0", "--data-dir", str(tmp_path / "data"))
    done = run("demo", "--once", "--samples", str(folder), *options)
    assert done.returncode == 1
    assert "UNEXPECTED: not FAILED ok" in done.stdout
    assert f"{SAMPLES} ended UNEXPECTEDLY" in done.stdout


@pytest.mark.parametrize("level", ["", "info"])
def test_the_demo_is_quiet_unless_told_otherwise(tmp_path: Path, level: str) -> None:
    folder = samples(tmp_path, content="1", status="COMPLETED")
    options = ("--port", "0", "--data-dir", str(tmp_path / "data"))
    settings = [f"DOCMILL_LOG_LEVEL={level}"]
    done = run("demo", "--once", "--samples", str(folder), *options, settings=settings)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ("job_accepted" in done.stdout + done.stderr) == (level == "info")


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_an_interrupted_demo_goes_on_with_its_batch(
    tmp_path: Path, ending: signal.Signals
) -> None:
    folder = samples(tmp_path, content="1500", status="COMPLETED")
    data = str(tmp_path / "data")
    options = ("--samples", str(folder), "--port", "0", "--data-dir", data)
    settings = [MADE_UP, "DOCMILL_DEFAULT_TYPE=SLEEP"]
    log = tmp_path / "first"
    with started(log, "demo", *options, settings=settings) as first:
        job_id = found(log, r"as (job_\w+)\.")[1]
        found(log, rf"\[[1-5]/{SAMPLES}\]")
        first.send_signal(ending)
        assert first.wait(30) == (130 if ending is signal.SIGINT else -ending)

    second = run("demo", "--once", *options, settings=settings)
    assert second.returncode == 0, second.stdout + second.stderr
    assert f"Going on with the unfinished batch {job_id}." in second.stdout
    told = f"{SAMPLES} of {SAMPLES} documents succeeded, 0 failed; all as expected."
    assert told in second.stdout


def test_the_demo_goes_on_serving_until_it_is_stopped(tmp_path: Path) -> None:
    folder = samples(tmp_path, content="1", status="COMPLETED")
    log = tmp_path / "log"
    options = ("--samples", str(folder), "--data-dir", str(tmp_path / "data"))
    with started(log, "demo", *options, "--port", "0") as demo:
        address = found(log, r"goes on serving at (http://\S+)")[1]
        assert run("list", "--server", address).returncode == 0
        demo.send_signal(signal.SIGINT)
        assert demo.wait(20) == 0
