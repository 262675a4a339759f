"""Somebody's package, installed as people install it, and its job types at work."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.support import ROOT, Service, running

PAGE = (ROOT / "docs" / "processors.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(?:toml|python)\n(.*?)```", PAGE, re.DOTALL)
OUTLINE = dict(
    zip(("pyproject.toml", "outline.py", "test_outline.py"), BLOCKS, strict=False)
)
"""The package of the page, by its files."""
PATIENT = {
    "pyproject.toml": OUTLINE["pyproject.toml"]
    .replace("outline:find_headings", "patient:wait")
    .replace("outline", "patient"),
    "patient.py": '''
import time

import msgspec

from service.processing.processors import processor


class Waited(msgspec.Struct):
    times_looked: int


@processor("PATIENT", result=Waited, reads=False)
def wait(context):
    """Take long enough to be watched."""
    time.sleep(0.5)  # whoever wants to watch is there by then
    context.log("it begins")
    began, looks = time.monotonic(), 0
    while (spent := time.monotonic() - began) < 0.5:
        context.progress(spent)
        looks += 1
    context.log("it ends")
    return Waited(looks)
''',
}
HTML = "<h1>Minutes</h1><p>Nobody came.</p><h2>Next time</h2>"


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        env=dict(os.environ) | environment,  # noqa: TID251 - what pip needs of it
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder into which both packages were installed."""
    sources = tmp_path_factory.mktemp("sources")
    folders = []
    for name, files in (("outline", OUTLINE), ("patient", PATIENT)):
        (folder := sources / f"docmill-{name}").mkdir()
        folders.append(str(folder))
        for file, content in files.items():
            (folder / file).write_text(content)
    target = tmp_path_factory.mktemp("site")
    offline = ("--no-deps", "--no-index", "--no-build-isolation", "--quiet")
    done = python("pip", "install", *offline, "--target", str(target), *folders)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="module")
def service(
    installed: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    with running(folder, f"PYTHONPATH={installed}") as running_service:
        yield running_service


def test_the_package_of_the_page_passes_its_own_test(
    installed: Path, tmp_path: Path
) -> None:
    (tmp_path / "test_outline.py").write_text(OUTLINE["test_outline.py"])
    arguments = ("-q", "-p", "no:cacheprovider", str(tmp_path))
    done = python("pytest", *arguments, PYTHONPATH=str(installed))
    assert "2 passed" in done.stdout, done.stdout


def test_its_type_is_listed_and_does_what_the_page_says(service: Service) -> None:
    listed = {
        each["name"]: each
        for each in service.http.get("/api/v1/job-types").json()["data"]
    }
    schema = listed["OUTLINE"]["resultSchema"]
    assert "longestHeading" in str(schema)
    (document,) = service.upload(HTML, name="minutes.html")
    job_id = service.submit([document], "OUTLINE")
    assert service.ended(job_id)["outcome"] == "succeeded"
    path = f"/api/v1/documents/batch-process/{job_id}/results/{document}"
    data = service.http.get(path).json()["data"]["data"]
    assert [each["text"] for each in data["headings"]] == ["Minutes", "Next time"]
    assert data["headings"][0]["pageNumber"] == 1
    assert data["log"] == [
        {"step": "find_headings", "message": "2 headings on 1 pages"}
    ]
    empty = service.batch(["<p> </p>"], "OUTLINE")
    service.ended(empty)
    (task,) = service.tasks(empty)
    assert task["error"]["code"] == "empty"


def test_what_it_says_reaches_the_stream_and_the_log(service: Service) -> None:
    (document,) = service.upload("any text")
    events = service.events(service.submit([document], "PATIENT"))
    progress = [each.data for each in events if each.type == "task.progress"]
    assert {each["step"] for each in progress} == {"wait"}
    assert "it begins" in {each["message"] for each in progress}
    fractions = [each["fraction"] for each in progress]
    assert fractions == sorted(fractions)
    assert 0 < fractions[-1] < 1
    job_id = str(events[-1].data["jobId"])
    path = f"/api/v1/documents/batch-process/{job_id}/results/{document}"
    data = service.http.get(path).json()["data"]["data"]
    assert data["timesLooked"] > 1
    assert [each["message"] for each in data["log"]] == ["it begins", "it ends"]
