"""The commands as people run them, against the real service."""

import json
import signal
from pathlib import Path

import httpx
import pytest

from gateway.client import Client
from tests.e2e.commands import SAMPLES, found, run, started, written
from tests.e2e.support import Service


@pytest.fixture
def server(service: Service) -> str:
    """The address of a running service that knows made-up work."""
    return service.url


def test_submit_and_follow_real_documents(server: str) -> None:
    files = [str(SAMPLES / name) for name in ("invoice.pdf", "minutes-utf8.txt")]
    done = run("submit", *files, "--follow", "--name", "Two", "--server", server)
    assert (done.returncode, done.stderr) == (0, "")
    job_id, *lines = done.stdout.splitlines()
    assert any("invoice.pdf: completed in" in line for line in lines)
    assert lines[-1].startswith(f"{job_id} COMPLETED: 2 of 2 documents succeeded")


def test_a_failed_document_is_named_and_fails_the_command(server: str) -> None:
    locked = str(SAMPLES / "payslip-protected.pdf")
    done = run("submit", locked, "--follow", "--server", server)
    assert done.returncode == 1
    job_id = done.stdout.splitlines()[0]
    assert "payslip-protected.pdf: failed: encrypted" in done.stdout
    assert f"{job_id} FAILED" in done.stdout
    again = run("retry", job_id, "--follow", "--server", server)
    assert again.returncode == 1
    retried = run("status", again.stdout.splitlines()[0], "--json", "--server", server)
    assert json.loads(retried.stdout)["retryOf"] == job_id


def test_a_refused_submission_stores_nothing(server: str, tmp_path: Path) -> None:
    [file] = written(tmp_path, refused="Not to be kept.")
    done = run("submit", file, "--type", "NO_SUCH", "--server", server)
    assert (done.returncode, done.stdout) == (2, "")
    documents = httpx.get(f"{server}/api/v1/documents?pageSize=1").json()["data"]
    assert "refused.txt" not in [each["name"] for each in documents]


def test_status_list_and_results_of_an_ended_job(server: str) -> None:
    files = [str(SAMPLES / name) for name in ("invoice-facturx.pdf", "order.html")]
    done = run("submit", *files, "-f", "-l", "test=results", "--server", server)
    job_id = done.stdout.splitlines()[0]

    status = run("status", job_id, "--server", server)
    assert "Status:    COMPLETED (succeeded)" in status.stdout
    listed = run("list", "--label", "test=results", "--json", "--server", server)
    assert [json.loads(line)["id"] for line in listed.stdout.splitlines()] == [job_id]

    table = run("results", job_id, "--server", server)
    assert "order.html" in table.stdout
    every = run("results", job_id, "--json", "--server", server)
    results = [json.loads(line) for line in every.stdout.splitlines()]
    assert len(results) == 2
    one = run("results", job_id, results[0]["documentId"], "--server", server)
    assert json.loads(one.stdout) == results[0]["data"]
    assert results[0]["data"]["fields"]["invoiceNumber"]["value"]
    document = results[0]["documentId"]
    text = run("results", job_id, document, "--text", "--server", server)
    assert text.stdout.startswith(results[0]["data"]["text"]["preview"])


def test_processing_options_do_what_they_say(server: str) -> None:
    report = str(SAMPLES / "report-tables.pdf")
    chosen = ("--processing", "pages=2-3", "--processing", "tables=false")
    done = run("submit", report, *chosen, "--follow", "--server", server)
    assert done.returncode == 0, done.stderr
    job_id = done.stdout.splitlines()[0]
    found = json.loads(run("results", job_id, "--json", "--server", server).stdout)
    here = json.loads(run("process", report, *chosen).stdout)
    for result in (found["data"], here):
        assert [page["page"] for page in result["pages"]] == [2, 3]
        assert result["tables"] == []


def test_watch_follows_a_running_job_and_cancel_ends_it(
    server: str, tmp_path: Path
) -> None:
    slow = {f"slow{number}": "1500" for number in range(6)}
    files = written(tmp_path, **slow)
    options = ("--type", "SLEEP", "--option", "maxConcurrent=1", "--server", server)
    job_id = run("submit", *files, *options).stdout.strip()
    log = tmp_path / "log"
    with started(log, "watch", job_id, "--json", "--server", server) as watching:
        found(log, r'"type":"task\.started"')
        cancelled = run("cancel", job_id, "--server", server)
        assert cancelled.returncode == 0
        assert "finishing" in cancelled.stderr
        assert watching.wait(20) == 1
    last = json.loads(log.read_text().splitlines()[-1])
    assert last["type"] == "batch.cancelled"
    assert run("cancel", job_id, "--server", server).returncode == 0


def test_interrupting_a_follow_leaves_the_job_running(
    server: str, tmp_path: Path
) -> None:
    files = written(tmp_path, quick="10", slow="4000")
    log = tmp_path / "log"
    options = ("--type", "SLEEP", "--follow", "--server", server)
    with started(log, "submit", *files, *options) as following:
        job_id = found(log, r"job_\w+")[0]
        # Not amid the imports before: Python drops what is raised in a callback.
        found(log, r"quick\.txt: completed")
        following.send_signal(signal.SIGINT)
        assert following.wait(10) == 130
    with Client(server) as client:
        assert client.follow(job_id).status == "COMPLETED"
    assert f"docmill watch {job_id}" in log.read_text()


def test_callbacks_of_the_python_client_are_called(server: str, tmp_path: Path) -> None:
    percents: list[int] = []
    ends: list[str] = []
    with Client(server) as client:
        job = client.submit(
            written(tmp_path, a="20", b="20", c="20"),
            job_type="SLEEP",
            on_progress=lambda progress: percents.append(progress.progress),
            on_completed=lambda ended: ends.append(ended.status),
        )
        events = list(client.watch(job.id, last_event_id=1))
    assert ends == ["COMPLETED"]
    assert percents == sorted(percents)
    ids = [event.id for event in events if event.id is not None]
    assert ids == sorted(ids)
    assert events[-1].type == "batch.completed"


def test_refusals_are_clear_lines(server: str, tmp_path: Path) -> None:
    file = written(tmp_path, a="1")[0]
    unknown = run("submit", file, "--type", "NONSENSE", "--server", server)
    assert unknown.returncode == 2
    assert "DATA_EXTRACTION" in unknown.stderr
    option = run("submit", file, "--option", "speed=9", "--server", server)
    assert (option.returncode, "speed" in option.stderr) == (2, True)
    job = run("watch", "job_unknown", "--server", server)
    assert (job.returncode, len(job.stderr.splitlines())) == (1, 1)
