"""What comes back from a child that lives."""

import os
import platform
import re
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from actors.sandbox import Sandbox, SandboxLimits
from actors.sandbox.confine import TURN_NS
from actors.sandbox.wire import DATA_BYTES_MAX, RESULT_BYTES_MAX
from service.errors import DocumentError
from service.processing.outputs import output_path
from tests.integration.sandbox.support import (
    LONG_S,
    MEMORY_BYTES,
    MODULES,
    Bench,
    found,
)
from tests.processes import is_gone


def test_the_result_comes_back_as_the_pipeline_made_it(bench: Bench) -> None:
    result = bench.run("NOOP", "content")

    data = msgspec.json.decode(result.data)
    assert data["jobType"] == "NOOP"
    assert data["source"]["sizeBytes"] == len("content")
    assert result.status == "ok"
    assert [step.name for step in result.steps] == ["noop"]
    assert result.outputs == ()


def test_a_real_job_type_runs_with_its_parsers_loaded(bench: Bench) -> None:
    text = "The quick brown fox jumps over the lazy dog, as it does every morning."

    result = bench.run("DATA_EXTRACTION", text)

    assert result.media_type == "text/plain"
    assert b"quick brown fox" in bytes(result.data)


def test_the_server_has_one_thread_so_that_forking_is_safe(bench: Bench) -> None:
    bench.run("NOOP")

    tasks = Path(f"/proc/{bench.sandbox.server_pid}/task")
    assert len(list(tasks.iterdir())) == 1


def test_reports_come_in_order_and_pages_at_most_twenty_a_second(bench: Bench) -> None:
    bench.run("STEPS", "10")

    assert [r.step for r in bench.reports if r.page is None] == [
        "first",
        "second",
        "third",
    ]
    fractions = [report.fraction for report in bench.reports]
    assert fractions == sorted(fractions)
    pages = [report for report in bench.reports if report.page is not None]
    assert 3 <= len(pages) <= 15
    assert {report.pages for report in pages} == {10}


def test_a_refusal_keeps_its_code_and_the_child(bench: Bench) -> None:
    before = bench.child_pid()

    with pytest.raises(DocumentError) as caught:
        bench.run("REFUSE")

    assert caught.value.code == "encrypted"
    assert not caught.value.retryable
    assert len(caught.value.message) <= 500
    assert bench.child_pid() == before


def test_a_bug_is_internal_logged_without_content_and_costs_the_child(
    bench: Bench,
) -> None:
    before = bench.child_pid()

    with capture_logs() as logs, pytest.raises(DocumentError) as caught:
        bench.run("RAISE", "4711")

    assert caught.value.code == "internal"
    (entry,) = [log for log in logs if log["event"] == "document_step_failed"]
    assert "ZeroDivisionError" in entry["where"]
    assert "made_up_work.py" in entry["where"]
    assert "4711" not in str(entry) + str(caught.value)
    assert bench.child_pid() != before


@pytest.mark.parametrize("job_type", ["EXIT", "OWN_CODE"])
def test_what_a_job_type_must_not_raise_is_a_bug_of_it(
    bench: Bench, job_type: str
) -> None:
    with capture_logs() as logs, pytest.raises(DocumentError) as caught:
        bench.run(job_type)

    assert caught.value.code == "internal"
    assert not caught.value.retryable
    (entry,) = [log for log in logs if log["event"] == "document_step_failed"]
    assert "odd_work.py" in entry["where"]
    assert "secret" not in str(entry) + str(caught.value)


def test_a_child_that_ran_another_package_runs_nothing_else(tmp_path: Path) -> None:
    limits = SandboxLimits(memory_bytes=MEMORY_BYTES)
    with Sandbox(MODULES, limits, temp_parent=tmp_path) as sandbox:
        bench = Bench(sandbox, files=tmp_path, temp_parent=tmp_path)
        types = ("INSPECT", "GUEST", "GUEST", "OTHER_GUEST", "INSPECT", "INSPECT")
        pids = [found(bench.run(job_type))["pid"] for job_type in types]
        first, guest, again, other, common, last = pids
        assert first == guest == again
        assert len({guest, other, common}) == 3
        assert common == last
        assert is_gone(guest), "idle ones would add up with the packages"
        assert is_gone(other)


def test_a_child_with_a_thread_of_its_own_is_replaced(bench: Bench) -> None:
    before = bench.child_pid()
    with suppress(DocumentError):  # root alone may start one
        bench.run("LEAVE_THREAD")
    assert bench.child_pid() != before


def test_the_text_file_is_there_only_after_a_result(bench: Bench) -> None:
    job = bench.job("TEXT")
    result = bench.sandbox.run(job, time_limit_s=10, on_report=bench.reports.append)
    (text,) = result.outputs
    made = output_path(job.output_prefix, text.name)
    assert made.read_text(encoding="utf-8") == "Grüße"

    job = bench.job("TEXT", "fail")
    with pytest.raises(DocumentError, match="no"):
        bench.sandbox.run(job, time_limit_s=10, on_report=bench.reports.append)
    assert not output_path(job.output_prefix, text.name).exists()


def test_whatever_lies_beside_a_refused_document_is_removed(bench: Bench) -> None:
    job = bench.job("BESIDE", "fail")
    beside = output_path(job.output_prefix, "x")
    beside.symlink_to(job.path)

    with pytest.raises(DocumentError) as caught:
        bench.sandbox.run(job, time_limit_s=10, on_report=bench.reports.append)

    assert caught.value.code == "corrupt"
    assert list(beside.parent.glob(f"{beside.stem}.*")) == []
    assert Path(job.path).exists()


def test_a_server_ends_without_a_word(
    own_bench: Bench, capfd: pytest.CaptureFixture[str]
) -> None:
    own_bench.run("NOOP")
    own_bench.sandbox.close()

    assert capfd.readouterr().err == ""


def test_a_result_over_the_maximum_is_an_error(bench: Bench) -> None:
    with pytest.raises(DocumentError) as caught:
        bench.run("BIG_RESULT", str(RESULT_BYTES_MAX))

    assert caught.value.code == "too_large"


def test_a_result_of_megabytes_arrives_whole(bench: Bench) -> None:
    size = DATA_BYTES_MAX - 10_000

    assert len(found(bench.run("BIG_RESULT", str(size)))) == size


def test_a_larger_result_is_a_file(bench: Bench) -> None:
    job = bench.job("BIG_RESULT", str(2 * DATA_BYTES_MAX))

    result = bench.sandbox.run(job, time_limit_s=LONG_S, on_report=bench.reports.append)

    assert result.in_file
    (made,) = result.outputs
    whole = msgspec.json.decode(output_path(job.output_prefix, made.name).read_bytes())
    assert len(whole["found"]) == 2 * DATA_BYTES_MAX


def test_a_child_is_replaced_after_so_many_documents(own_bench: Bench) -> None:
    pids = [own_bench.child_pid() for _ in range(6)]

    assert pids[0] == pids[1] != pids[2] == pids[3] != pids[4] == pids[5]


def test_a_child_that_has_grown_is_replaced(bench: Bench) -> None:
    before = bench.child_pid()
    bench.run("GROW", str(MEMORY_BYTES // 32))
    assert bench.child_pid() == before

    bench.run("GROW", str(MEMORY_BYTES // 4))
    assert bench.child_pid() != before


def test_a_child_that_lost_its_folder_is_replaced(bench: Bench) -> None:
    before = bench.child_pid()

    bench.run("NO_FOLDER")

    assert bench.child_pid() != before


def test_a_child_inherits_nothing_and_is_limited(bench: Bench) -> None:
    seen = bench.inspect()

    channel = [name for name in seen["descriptors"] if name.startswith("socket:")]
    assert len(channel) == 1
    assert [d for d in seen["descriptors"] if d not in channel] == ["/dev/null"] * 3
    names = {line.partition("=")[0] for line in seen["environment"] if line}
    assert names == {
        "PATH",
        "LANG",
        "PYTHONPATH",
        "PYTHONDONTWRITEBYTECODE",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "ORT_DISABLE_TELEMETRY",
    }
    assert seen["main"] == "sandbox"
    assert seen["parent"] == bench.sandbox.server_pid
    assert seen["limits"]["CORE"] == [0, 0]
    assert seen["limits"]["NPROC"] == [0, 0]
    soft, hard = seen["limits"]["AS"]
    assert MEMORY_BYTES < soft == hard < MEMORY_BYTES + 2 * 1024**3
    assert seen["oom_score"] == "800"
    assert seen["policy"] == os.SCHED_BATCH


@pytest.mark.skipif(
    tuple(map(int, re.findall(r"\d+", platform.release())[:2])) < (6, 12),
    reason="Linux gives turns of a length that is asked for since 6.12",
)
def test_a_child_reads_for_long_before_another_has_its_turn(bench: Bench) -> None:
    assert bench.inspect()["turn_ns"] == TURN_NS


def test_temporary_files_are_gone_after_a_result_and_after_a_crash(
    bench: Bench,
) -> None:
    seen = bench.inspect()
    assert seen["temp"] == seen["folder"]
    assert seen["temp"].startswith(str(bench.temp_parent))

    bench.run("LITTER")
    assert bench.temporary_files() == []
    with pytest.raises(DocumentError, match="died"):
        bench.run("LITTER", "and abort")
    assert bench.temporary_files() == []
