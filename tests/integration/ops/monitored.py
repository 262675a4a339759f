"""A real Prometheus that scrapes a real service, both as processes of their own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from tests.support import eventually
from tools.stack.waiting import HOST, free_port

START_LIMIT_S = 30
ROOT = Path(__file__).parents[3]
LABELS = {"namespace": "docmill", "pod": "docmill-0"}
"""What Prometheus adds to the series of a pod."""


class Prometheus:
    """A running Prometheus."""

    def __init__(self, url: str) -> None:
        self._url = url

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Give the series of an expression now, the undefined values left out."""
        answer = httpx.get(
            f"{self._url}/api/v1/query", params={"query": expression}, timeout=10
        )
        body = answer.json()
        assert body["status"] == "success", f"{expression}: {body['error']}"
        result: list[dict[str, Any]] = body["data"]["result"]
        return [series for series in result if series["value"][1] != "NaN"]

    def scrapes(self) -> int:
        """Give how often the service was scraped."""
        return sum(int(s["value"][1]) for s in self.query("count_over_time(up[1h])"))

    def wait_for_scrapes(self, count: int) -> None:
        """Wait until the service was scraped that often once more."""
        target = self.scrapes() + count
        eventually(lambda: self.scrapes() >= target, timeout_s=START_LIMIT_S)


@contextmanager
def docmill(folder: Path) -> Iterator[int]:
    """Run `docmill up` with job types made up for tests, and give its port."""
    port = free_port()
    command = [sys.executable, "-m", "service.cli", "up", "--port", str(port)]
    given = {
        "DOCMILL_DATA_DIR": str(folder / "data"),
        "DOCMILL_JOB_TYPE_MODULES": "tests.made_up_work",
        "DOCMILL_CONCURRENCY": "2",
    }
    with running(command, given, folder / "docmill.log") as process:
        wait_for(process, f"http://{HOST}:{port}/readyz", folder / "docmill.log")
        yield port


@contextmanager
def prometheus(binary: str, folder: Path, target: int) -> Iterator[Prometheus]:
    """Run a Prometheus that scrapes the port every second."""
    config = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "scrape_configs": [
            {
                "job_name": "docmill",
                "static_configs": [{"targets": [f"{HOST}:{target}"], "labels": LABELS}],
            }
        ],
    }
    (folder / "prometheus.yml").write_bytes(msgspec.yaml.encode(config))
    port = free_port()
    command = [
        binary,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address={HOST}:{port}",
    ]
    with running(command, {}, folder / "prometheus.log") as process:
        url = f"http://{HOST}:{port}"
        wait_for(process, f"{url}/-/ready", folder / "prometheus.log")
        yield Prometheus(url)


@contextmanager
def running(
    command: list[str], given: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8", **given}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment, cwd=ROOT, stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    def answers() -> bool:
        if process.poll() is not None:
            raise RuntimeError(log.read_text())
        try:
            return httpx.get(url, timeout=1).is_success
        except httpx.TransportError:
            return False

    eventually(answers, timeout_s=START_LIMIT_S)
