"""The whole service with a language model behind it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import JOBS, ROOT, Json, Service, running
from tests.servers import model as servers
from tests.servers.model import ModelServer, serving
from tests.support import eventually

TEXT = "Invoice 4711\nMuster AG\nTotal EUR 119.00\nPlease pay within thirty days."
KEY = "sk-hunter2"
SCAN = ROOT / "samples" / "scanned-pages.pdf"


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with serving() as made:
        yield made


@pytest.fixture
def service(tmp_path: Path, server: ModelServer) -> Iterator[Service]:
    settings = (
        f"DOCMILL_MODEL_URL={server.url}",
        "DOCMILL_MODEL_NAME=small",
        f"DOCMILL_MODEL_API_KEY={KEY}",
    )
    with running(tmp_path, *settings) as running_service:
        yield running_service


def analysed(service: Service, *, model: str) -> tuple[Json, Json]:
    """Give the task of one document and its result, once its job has ended."""
    body: dict[str, Any] = {
        "documentIds": service.upload(TEXT),
        "type": "FULL_ANALYSIS",
        "processing": {"model": model},
    }
    answer = service.http.post(JOBS, json=body)
    assert answer.status_code == 202, answer.text
    job_id = answer.json()["data"]["jobId"]
    service.ended(job_id)
    (task,) = service.tasks(job_id)
    result = service.http.get(f"{JOBS}/{job_id}/results/{task['documentId']}")
    return task, result.json()["data"]["data"]


def test_a_document_is_read_by_the_model(service: Service, server: ModelServer) -> None:
    _, data = analysed(service, model="auto")
    assert data["summary"]["text"] == servers.READING["summary"]
    assert data["llm"]["used"]
    assert "Invoice 4711" in server.asked[0]["messages"][1]["content"]
    assert list(data["timingsMs"])[-1] == "model"
    metrics = service.http.get("/metrics").text
    assert 'docmill_model_calls_total{model="small",outcome="ok"} 1.0' in metrics


def test_a_document_that_insists_waits_until_the_model_is_back(
    service: Service, server: ModelServer
) -> None:
    server.script += [servers.fails(503, "", KEY, retry_after="1")] * 2
    task, data = analysed(service, model="required")
    assert task["status"] == "COMPLETED"
    assert data["llm"]["used"]
    assert len(server.asked) == 3
    assert task["attempts"] == 1, "those that met no model used none"
    log = service.log.read_text()
    assert "model_of_no_use" in log
    assert KEY not in log
    assert "4711" not in log


def test_the_model_is_asked_without_the_service_too(
    server: ModelServer, tmp_path: Path
) -> None:
    def process(*options: str) -> subprocess.CompletedProcess[str]:
        chosen = ("--type", "FULL_ANALYSIS", *options)
        return subprocess.run(
            [sys.executable, "-m", "service.cli", "process", str(SCAN), *chosen],
            cwd=tmp_path,
            env={
                "PATH": "/usr/bin",
                "PYTHONPATH": str(ROOT),
                "DOCMILL_MODEL_URL": server.url,
                "DOCMILL_MODEL_NAME": "small",
                "DOCMILL_MODEL_VISION_NAME": "eye",
                "DOCMILL_IMAGE_MODE": "url",  # which nobody could serve here
                "DOCMILL_IMAGE_URL_BASE": "http://127.0.0.1:1",
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=50,
        )

    done = process()
    assert done.returncode == 0, done.stderr
    image = json.loads(done.stdout)["image"]
    assert image["description"] == servers.LOOK["description"]
    assert "data:image/jpeg" in str(server.asked[0])
    server.usual = servers.fails(401)
    done = process("--processing", "model=required")
    assert (done.returncode, done.stdout) == (1, "")
    assert ": upstream_unavailable: " in done.stderr
    assert "model_of_no_use" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_picture_that_a_killed_worker_left_is_swept(
    tmp_path: Path, server: ModelServer
) -> None:
    settings = (
        f"DOCMILL_MODEL_URL={server.url}",
        "DOCMILL_MODEL_NAME=small",
        "DOCMILL_MODEL_VISION_NAME=eye",
        "DOCMILL_IMAGE_MODE=url",
        "DOCMILL_IMAGE_URL_BASE=http://127.0.0.1:1",
    )
    pictures = tmp_path / "data" / "blobs" / "temporary"
    server.usual = servers.hang
    with running(tmp_path, *settings, log_name="first") as first:
        documents = first.upload(SCAN.read_bytes(), name="scan.pdf")
        job_id = first.submit(documents, "FULL_ANALYSIS")
        assert eventually(lambda: server.asked)
        first.kill()
    (left,) = pictures.glob("*")
    three_hours_ago = left.stat().st_mtime - 3 * 3_600
    os.utime(left, (three_hours_ago, three_hours_ago))
    server.usual = servers.helpful
    with running(tmp_path, *settings, log_name="second") as second:
        assert second.ended(job_id)["status"] == "COMPLETED"
        eventually(lambda: not list(pictures.glob("*")))
        eventually(lambda: "temporary_swept" in second.log.read_text())
