"""The commands against a small real server with written-down answers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from service.cli.main import main
from tests.unit.cli.answers import Run, answer, page
from tests.unit.gateway_client.scripted import Exchange, Script, event

ACCEPTED = {"jobId": "job_1", "status": "PENDING", "documentCount": 2, "type": "X"}
ENDED = {
    "id": "job_1",
    "status": "COMPLETED",
    "outcome": "partial",
    "progress": 100,
    "totalDocuments": 2,
    "processedDocuments": 1,
    "failedDocuments": 1,
    "startedAt": "2026-11-09T10:00:00.000Z",
    "finishedAt": "2026-11-09T10:00:02.500Z",
}
TASKS: list[dict[str, object]] = [
    {"documentId": "doc_1", "name": "a.pdf", "status": "COMPLETED"},
    {
        "documentId": "doc_2",
        "name": "b.pdf",
        "status": "FAILED",
        "error": {"code": "encrypted", "message": "needs a password"},
    },
]
RESULTS = [{"documentId": "doc_1", "success": True, "data": {"status": "ok"}}]


def stream(exchange: Exchange) -> None:
    exchange.stream(
        event("snapshot", 1, id="job_1", status="PENDING", totalDocuments=2),
        event("task.started", 2, jobId="job_1", documentId="doc_1", attempt=1),
        event(
            "task.completed", 3, jobId="job_1", documentId="doc_1", processingTime=40
        ),
        event("task.failed", 4, jobId="job_1", documentId="doc_2", error={"code": "x"}),
        event("batch.completed", 5, jobId="job_1", outcome="partial"),
    )


def test_submit_prints_nothing_but_the_id_on_standard_output(
    script: Script, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "a.pdf").write_text("a")
    document = {
        "documentId": "doc_1",
        "name": "a.pdf",
        "sizeBytes": 1,
        "sha256": "0",
        "mediaType": "text/plain",
    }
    script.then(answer({"data": [document]}, 201), answer({"data": ACCEPTED}, 202))
    code, out, err = run(
        "submit",
        str(tmp_path / "a.pdf"),
        *("--option", "maxConcurrent=3", "--label", "customer=a=b"),
        *("--processing", "pages=7", "-p", "ocrLanguages=en,de", "-p", "tables=false"),
    )
    assert (code, out) == (0, "job_1\n")
    assert "docmill watch job_1" in err
    body = script.seen[1].json
    assert body["options"] == {"maxConcurrent": 3}
    assert body["labels"] == {"customer": "a=b"}
    assert body["processing"] == {
        "pages": "7",
        "ocrLanguages": ["en", "de"],
        "tables": False,
    }


def test_following_shows_each_document_and_fails_when_one_did(
    script: Script, run: Run
) -> None:
    script.then(
        answer({"data": ACCEPTED}, 202),
        stream,
        page([{**task, "status": "PROCESSING"} for task in TASKS]),
        answer({"data": ENDED}),
        page(TASKS),
        page(RESULTS),
    )
    code, out, _ = run("retry", "job_1", "--follow")
    assert code == 1
    assert out.splitlines() == [
        "job_1",
        "[1/2] a.pdf: completed in 0.04 s",
        "[2/2] b.pdf: failed: x",
        "NAME   STATUS     RESULT     TIME",
        "a.pdf  COMPLETED  ok",
        "b.pdf  FAILED     encrypted",
        "job_1 COMPLETED: 1 of 2 documents succeeded in 2.50 s",
    ]


def test_watch_writes_events_for_programs(script: Script, run: Run) -> None:
    good = {**ENDED, "processedDocuments": 2, "failedDocuments": 0}
    script.then(stream, answer({"data": good}))
    code, out, _ = run("watch", "job_1", "--json")
    assert code == 0
    events = [json.loads(line) for line in out.splitlines()]
    assert [each["id"] for each in events] == [1, 2, 3, 4, 5]
    assert events[2]["data"]["processingTime"] == 40


def test_status_is_readable_by_people_and_programs(script: Script, run: Run) -> None:
    script.then(answer({"data": ENDED}), answer({"data": ENDED}))
    code, out, _ = run("status", "job_1")
    assert code == 0
    assert "Status:    COMPLETED (partial)" in out
    assert "Documents: 2 of 2 done, 1 failed" in out
    _, out, _ = run("status", "job_1", "--json")
    assert json.loads(out)["processedDocuments"] == 1


def test_list_shows_one_job_a_line(script: Script, run: Run) -> None:
    script.then(page([ENDED, {**ENDED, "id": "job_2", "name": "October"}]))
    code, out, _ = run("list", "--label", "customer=acme", "--status", "completed")
    assert code == 0
    head, first, second = out.splitlines()
    assert " ".join(head.split()) == "JOB STATUS DONE FAILED TYPE CREATED NAME"
    assert first.split() == ["job_1", "COMPLETED", "2/2", "1"]
    assert second.endswith("October")
    assert "label=customer%3Aacme" in script.seen[0].path
    assert "status=COMPLETED" in script.seen[0].path


def test_list_stops_at_its_limit(script: Script, run: Run) -> None:
    script.then(page([ENDED, {**ENDED, "id": "job_2"}]))
    _, out, _ = run("list", "--limit", "1", "--json")
    assert json.loads(out)["id"] == "job_1"


def test_results_are_a_table_or_whole_results_or_one_result(
    script: Script, run: Run
) -> None:
    large = {"documentId": "doc_1", "success": True, "data": None, "dataUrl": "/x"}
    whole = {**large, "data": {"status": "degraded"}}
    script.then(page(TASKS), page([large]), answer({"data": whole}))
    _, out, _ = run("results", "job_1")
    assert "b.pdf  FAILED     encrypted        doc_2" in out
    assert "a.pdf  COMPLETED  degraded         doc_1" in out
    script.then(page([large]), answer({"data": whole}))
    _, out, _ = run("results", "job_1", "--json")
    assert json.loads(out)["data"] == {"status": "degraded"}
    script.then(answer({"data": whole}))
    _, out, _ = run("results", "job_1", "doc_1")
    assert json.loads(out) == {"status": "degraded"}


def test_results_that_are_gone_are_named_and_the_others_written(
    script: Script, run: Run
) -> None:
    large = {"documentId": "doc_1", "success": True, "data": None, "dataUrl": "/x"}
    small = {**RESULTS[0], "documentId": "doc_2"}
    script.then(
        page([large, small]),
        lambda exchange: exchange.problem(404, "content-missing", "It is gone."),
    )
    code, out, err = run("results", "job_1", "--json")
    assert (code, json.loads(out)["documentId"]) == (1, "doc_2")
    assert err == "doc_1: It is gone.\n"
    script.then(
        page(TASKS),
        page([large]),
        lambda exchange: exchange.problem(404, "content-missing", "It is gone."),
    )
    _, out, _ = run("results", "job_1")
    assert "a.pdf  COMPLETED  missing          doc_1" in out
    script.then(
        page([large]), lambda exchange: exchange.problem(404, "not-found", "No job.")
    )
    code, _, err = run("results", "job_1", "--json")
    assert (code, err) == (1, "No job.\n")


def test_the_text_of_a_document_is_written_as_it_is(script: Script, run: Run) -> None:
    def text(exchange: Exchange) -> None:
        body = "Wörter\n\x0cauf zwei Seiten".encode()
        exchange.answer(200, body, content_type="text/plain; charset=utf-8")

    script.then(text)
    code, out, _ = run("results", "job_1", "doc_1", "--text")
    assert (code, out) == (0, "Wörter\n\x0cauf zwei Seiten\n")
    assert script.seen[0].path.endswith("/job_1/results/doc_1/text")
    code, _, err = run("results", "job_1", "--text")
    assert code == 2
    assert "name a DOCUMENT too" in err


def test_what_is_known_across_the_documents_is_written_as_json(
    script: Script, run: Run
) -> None:
    script.then(answer({"data": {"counts": {"total": 2}}}))
    code, out, _ = run("results", "job_1", "--batch")
    assert (code, json.loads(out)) == (0, {"counts": {"total": 2}})
    assert script.seen[0].path.endswith("/job_1/results/batch")


def test_cancel_says_what_it_did(script: Script, run: Run) -> None:
    receipt = {"neverStarted": 3, "finishing": 1, "finished": 2, "killed": 0}
    done = {"jobId": "job_1", "status": "PROCESSING", "receipt": receipt}
    script.then(answer({"data": done}))
    code, _, err = run("cancel", "job_1")
    assert code == 0
    assert err == "job_1 PROCESSING: 3 documents never started, 1 finishing\n"


def test_the_server_may_come_from_the_environment(
    script: Script, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.then(page([]))
    monkeypatch.setenv("DOCMILL_SERVER", address)
    with pytest.raises(SystemExit) as left:
        main(["list"])
    assert not left.value.code
    assert script.finished


def test_a_reader_that_goes_away_causes_no_traceback(
    script: Script, address: str
) -> None:
    jobs = [{**ENDED, "id": f"job_{number:06d}" * 20} for number in range(2_000)]
    script.then(page(jobs))
    arguments = ["list", "--json", "--limit", "2000", "--server", address]
    with subprocess.Popen(
        [sys.executable, "-m", "service.cli", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
