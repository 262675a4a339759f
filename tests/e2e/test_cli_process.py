"""Documents processed by a command, without a service."""

import json
from pathlib import Path

from tests.e2e.commands import MADE_UP, SAMPLES, run, written


def test_processing_options_that_need_the_service_are_refused_without_it() -> None:
    mail = str(SAMPLES / "invoice.pdf")
    done = run("process", mail, "--processing", "expandAttachments=true")
    assert (done.returncode, done.stdout) == (2, "")
    assert "docmill submit" in done.stderr
    insists = ("--type", "FULL_ANALYSIS", "--processing", "model=required")
    done = run("process", mail, *insists)
    assert done.returncode == 1
    assert ": model_unavailable: " in done.stderr


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
