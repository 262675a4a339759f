"""The commands as people run them, against the real service."""

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from gateway.client import Client
from tests.support import eventually

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
READY = re.compile(r"Docmill is ready at (http://\S+)")
MADE_UP = "DOCMILL_JOB_TYPE_MODULES=tests.made_up_work"
ENDS_S = 45


def command(*arguments: str, settings: Sequence[str] = ()) -> list[str]:
    return ["env", *settings, sys.executable, "-m", "service.cli", *arguments]


def run(
    *arguments: str, settings: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments, settings=settings),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=ENDS_S,
    )


@contextmanager
def started(
    log: Path, *arguments: str, settings: Sequence[str] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in the background; all it writes goes to `log`."""
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command(*arguments, settings=settings),
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def found(log: Path, pattern: str) -> re.Match[str]:
    """Wait until `pattern` was written to `log`."""

    def look() -> re.Match[str]:
        match = re.search(pattern, log.read_text(errors="replace"))
        assert match is not None, log.read_text(errors="replace")
        return match

    return eventually(look, timeout_s=30)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running service that knows made-up work."""
    folder = tmp_path_factory.mktemp("service")
    log = folder / "log"
    data = str(folder / "data")
    with started(
        log, "up", "--port", "0", "--data-dir", data, settings=[MADE_UP]
    ) as process:
        yield found(log, READY.pattern)[1]
        process.send_signal(signal.SIGINT)
        process.wait(20)


def written(folder: Path, **contents: str) -> list[str]:
    """Write text files; gives their paths."""
    for name, content in contents.items():
        (folder / f"{name}.txt").write_text(content)
    return [str(folder / f"{name}.txt") for name in contents]


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


def test_processing_options_that_need_the_service_are_refused_without_it() -> None:
    mail = str(SAMPLES / "invoice.pdf")
    done = run("process", mail, "--processing", "expandAttachments=true")
    assert (done.returncode, done.stdout) == (2, "")
    assert "docmill submit" in done.stderr
    insists = ("--type", "FULL_ANALYSIS", "--processing", "model=required")
    done = run("process", mail, *insists)
    assert done.returncode == 1
    assert ": model_unavailable: " in done.stderr


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


def metrics(server: str) -> str:
    return httpx.get(f"{server}/metrics").text


def test_interrupting_a_follow_leaves_the_job_running(
    server: str, tmp_path: Path
) -> None:
    files = written(tmp_path, slow="2000")
    log = tmp_path / "log"
    options = ("--type", "SLEEP", "--follow", "--server", server)
    with started(log, "submit", *files, *options) as following:
        job_id = found(log, r"job_\w+")[0]
        with Client(server) as client:
            eventually(lambda: client.status(job_id).status == "PROCESSING")
            # Not amid the imports before: Python drops what is raised in a callback.
            eventually(lambda: "docmill_open_streams 1.0" in metrics(server))
            following.send_signal(signal.SIGINT)
            assert following.wait(10) == 130
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


def test_process_works_without_a_service() -> None:
    good, bad = str(SAMPLES / "invoice.pdf"), str(SAMPLES / "report-cut.pdf")
    done = run("process", good, bad)
    assert done.returncode == 1
    result = json.loads(done.stdout)
    assert result["source"]["filename"] == "invoice.pdf"
    assert result["text"]["preview"]
    assert done.stderr.startswith(f"{bad}: corrupt: ")
    assert run("process", good, "--type", "NONSENSE").returncode == 2


def test_process_writes_the_whole_text(tmp_path: Path) -> None:
    text = "Wörter über Wörter.\n" * 500
    files = written(tmp_path, long=text, short="A few words.")
    done = run("process", *files, "--text")
    assert (done.returncode, done.stdout) == (0, f"{text}A few words.\n")
    full = run("process", files[1], "--text", "--type", "FULL_ANALYSIS")
    assert (full.returncode, full.stdout) == (0, "A few words.\n")
    options = ("--text", "--type", "NOOP")
    none = run("process", files[1], *options, settings=[MADE_UP])
    assert (none.returncode, none.stdout) == (1, "")
    assert none.stderr == f"{files[1]}: its result has no text\n"


def test_process_ends_a_document_that_takes_too_long(tmp_path: Path) -> None:
    file = written(tmp_path, loop="x")[0]
    options = ("--type", "SPIN_IN_C", "--timeout", "0.3")
    done = run("process", file, *options, settings=[MADE_UP])
    assert (done.returncode, done.stdout) == (1, "")
    assert ": document_timeout: " in done.stderr


def test_a_second_service_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    log = tmp_path / "log"
    with started(log, "up", "--port", "0", "--data-dir", data):
        found(log, READY.pattern)
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
    for number in range(8):
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
    assert "8 ended UNEXPECTEDLY" in done.stdout


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
        found(log, r"\[[1-7]/8\]")
        first.send_signal(ending)
        assert first.wait(30) == (130 if ending is signal.SIGINT else -ending)

    second = run("demo", "--once", *options, settings=settings)
    assert second.returncode == 0, second.stdout + second.stderr
    assert f"Going on with the unfinished batch {job_id}." in second.stdout
    assert "8 of 8 documents succeeded, 0 failed; all as expected." in second.stdout


def test_the_demo_goes_on_serving_until_it_is_stopped(tmp_path: Path) -> None:
    folder = samples(tmp_path, content="1", status="COMPLETED")
    log = tmp_path / "log"
    options = ("--samples", str(folder), "--data-dir", str(tmp_path / "data"))
    with started(log, "demo", *options, "--port", "0") as demo:
        address = found(log, r"goes on serving at (http://\S+)")[1]
        assert run("list", "--server", address).returncode == 0
        demo.send_signal(signal.SIGINT)
        assert demo.wait(20) == 0
