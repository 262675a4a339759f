"""Children that hang, die, hog and lie; the next document is always served."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from dramatiq.threading import raise_thread_exception

from actors.sandbox import Sandbox, SandboxLimits, SandboxResult
from service.errors import ChildDiedError, DocumentError, ProcessingStoppedError
from service.processing.reports import StepReport
from tests.integration.sandbox.support import LONG_S, Bench
from tests.processes import is_gone
from tests.support import eventually
from tests.unit.processing.running import SAMPLES


def test_a_loop_in_c_code_is_killed_at_its_limit_while_a_sibling_finishes(
    bench: Bench,
) -> None:
    bench.run("NOOP")
    with ThreadPoolExecutor(2) as pool:
        began = time.monotonic()
        stuck = pool.submit(bench.run, "SPIN_IN_C", time_limit_s=2.5)
        sibling = pool.submit(bench.run, "SLEEP", "300")

        assert sibling.result().status == "ok"
        assert not stuck.done()
        with pytest.raises(DocumentError) as caught:
            stuck.result()
        spent_s = time.monotonic() - began

    assert caught.value.code == "document_timeout"
    assert not caught.value.retryable
    assert spent_s >= 2.5
    assert bench.run("NOOP").status == "ok"


@pytest.mark.parametrize("job_type", ["ABORT", "KILLED", "QUIT", "LEAVE"])
def test_a_child_that_dies_has_crashed_and_the_next_call_works(
    bench: Bench, job_type: str
) -> None:
    with pytest.raises(ChildDiedError) as caught:
        bench.run(job_type)

    assert caught.value.code == "crashed"
    assert caught.value.retryable
    assert bench.run("NOOP").status == "ok"


def test_a_crash_may_end_well_at_the_next_attempt(bench: Bench, tmp_path: Path) -> None:
    marker = tmp_path / "marker"

    with pytest.raises(ChildDiedError):
        bench.run("ABORT_ONCE", str(marker))

    assert bench.run("ABORT_ONCE", str(marker)).status == "ok"


@pytest.mark.parametrize("job_type", ["MEMORY", "MEMORY_IN_C"])
def test_a_memory_hog_is_out_of_memory(own_bench: Bench, job_type: str) -> None:
    before = own_bench.child_pid()

    with pytest.raises(ChildDiedError) as caught:
        own_bench.run(job_type)

    assert caught.value.code == "out_of_memory"
    assert caught.value.retryable
    assert own_bench.child_pid() != before


@pytest.mark.parametrize("sample", ["report-tables.pdf", "expenses.xlsx"])
def test_a_memory_hog_after_another_document_is_out_of_memory(
    own_bench: Bench, sample: str
) -> None:
    path = SAMPLES / sample
    job = replace(own_bench.job("FULL_ANALYSIS"), path=path, name=sample)
    own_bench.sandbox.run(job, time_limit_s=LONG_S, on_report=own_bench.reports.append)

    with pytest.raises(ChildDiedError) as caught:
        own_bench.run("MEMORY_IN_C")

    assert caught.value.code == "out_of_memory"


@pytest.mark.parametrize(
    "job_type",
    [
        *("BIG_FRAME", "NO_JSON", "NO_RESULT", "BAD_TEXT", "NO_REASON", "TEXT_LINK"),
        *("NO_JSON_FILE", "BAD_TEXT_FILE", "ENDLESS_FILE"),
    ],
)
def test_a_child_that_lies_is_killed(bench: Bench, job_type: str) -> None:
    before = bench.child_pid()

    with pytest.raises(ChildDiedError) as caught:
        bench.run(job_type)

    assert caught.value.code == "crashed"
    assert is_gone(before)


@pytest.mark.parametrize("job_type", ["HALF_FRAME", "FLOOD"])
def test_talk_without_an_answer_does_not_put_off_the_limit(
    bench: Bench, job_type: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        bench.run(job_type, time_limit_s=0.5)

    assert caught.value.code == "document_timeout"
    assert len(bench.reports) <= 200


def test_an_answer_given_in_advance_is_not_taken(bench: Bench) -> None:
    bench.run("UNASKED")

    assert bench.inspect()["pid"]


def test_an_orphan_of_nobody_ends_by_its_own_alarm(own_bench: Bench) -> None:
    child = own_bench.child_pid()

    def look_away(_: StepReport) -> None:
        eventually(lambda: is_gone(child))

    with pytest.raises(DocumentError) as caught:
        own_bench.sandbox.run(
            own_bench.job("SPIN_IN_C"), time_limit_s=0.3, on_report=look_away
        )
    assert caught.value.code == "document_timeout"


def test_a_stop_is_noticed_before_the_limit_and_kills(bench: Bench) -> None:
    child = bench.child_pid()
    stop = threading.Event()
    timer = threading.Timer(0.2, stop.set)
    timer.start()

    with pytest.raises(ProcessingStoppedError):
        bench.run("SPIN_IN_C", should_stop=stop.is_set)

    assert is_gone(child)
    timer.join()


def test_an_exception_that_passes_through_kills_the_child(bench: Bench) -> None:
    child = bench.child_pid()

    def interrupt(_: StepReport) -> None:
        raise KeyboardInterrupt

    job = bench.job("SPIN_IN_C")
    with pytest.raises(KeyboardInterrupt):
        bench.sandbox.run(job, time_limit_s=LONG_S, on_report=interrupt)

    assert is_gone(child)


class _TimeLimitExceededError(BaseException):
    """Stands for what Dramatiq raises into a worker thread."""


def test_an_exception_raised_into_the_thread_gets_through_soon(bench: Bench) -> None:
    child = bench.child_pid()
    begun = threading.Event()
    idents: list[int] = []

    def note(_: StepReport) -> None:
        idents.append(threading.get_ident())
        begun.set()

    job = bench.job("SPIN_IN_C")
    with ThreadPoolExecutor(1) as pool:
        stuck = pool.submit(bench.sandbox.run, job, time_limit_s=LONG_S, on_report=note)
        assert begun.wait(10)
        raise_thread_exception(idents[0], _TimeLimitExceededError)
        with pytest.raises(_TimeLimitExceededError):
            stuck.result(timeout=20)

    assert is_gone(child)


def test_a_dead_server_costs_the_document_in_hand_and_is_replaced(
    own_bench: Bench,
) -> None:
    child = own_bench.child_pid()
    server = own_bench.sandbox.server_pid
    assert server

    def kill_server(_: StepReport) -> None:
        os.kill(server, 9)

    with pytest.raises(ChildDiedError) as caught:
        own_bench.sandbox.run(
            own_bench.job("SPIN_IN_C"), time_limit_s=LONG_S, on_report=kill_server
        )

    assert caught.value.code == "crashed"
    eventually(lambda: is_gone(child))
    assert own_bench.run("NOOP").status == "ok"
    assert own_bench.sandbox.server_pid not in (None, server)


def test_a_server_that_dies_between_documents_costs_none(own_bench: Bench) -> None:
    own_bench.run("NOOP")
    server = own_bench.sandbox.server_pid
    assert server

    os.kill(server, 9)
    eventually(lambda: is_gone(server))

    assert own_bench.run("NOOP").status == "ok"


def test_a_child_that_dies_between_documents_costs_none(own_bench: Bench) -> None:
    child = own_bench.child_pid()

    os.kill(child, 9)
    eventually(lambda: is_gone(child))

    assert own_bench.run("NOOP").status == "ok"


def test_a_server_that_cannot_start_says_why_and_costs_each_document(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with Sandbox(("no_such_module",), SandboxLimits(), temp_parent=tmp_path) as broken:
        bench = Bench(broken, files=tmp_path, temp_parent=tmp_path)
        with pytest.raises(ChildDiedError):
            bench.run("DATA_EXTRACTION")

    assert "no_such_module" in capfd.readouterr().err


def test_eight_threads_use_it_at_once(bench: Bench) -> None:
    together = threading.Barrier(8)

    def many() -> list[SandboxResult]:
        together.wait()
        return [bench.run("SLEEP", "1") for _ in range(20)]

    with ThreadPoolExecutor(8) as pool:
        results = [pool.submit(many) for _ in range(8)]
        assert sum(len(result.result()) for result in results) == 160


def test_closing_stops_the_document_at_work_and_leaves_nothing(
    own_bench: Bench,
) -> None:
    child = own_bench.child_pid()
    server = own_bench.sandbox.server_pid
    assert server
    begun = threading.Event()

    with ThreadPoolExecutor(1) as pool:
        stuck = pool.submit(
            own_bench.sandbox.run,
            own_bench.job("SPIN_IN_C"),
            time_limit_s=LONG_S,
            on_report=lambda _: begun.set(),
        )
        assert begun.wait(10)
        own_bench.sandbox.close()
        with pytest.raises(ProcessingStoppedError):
            stuck.result()

    assert is_gone(child)
    assert is_gone(server)
    assert list(own_bench.temp_parent.iterdir()) == []
    with pytest.raises(ProcessingStoppedError):
        own_bench.run("NOOP")
