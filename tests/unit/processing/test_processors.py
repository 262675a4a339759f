"""Job types that somebody else's package adds."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from service.errors import DocumentError, SettingsError
from service.processing.context import StepContext
from service.processing.options import ProcessingOptions
from service.processing.processors import Processor, installed, processor
from service.processing.testing import run_processor
from tests.unit.processing.running import REPOSITORY, SAMPLES


class Found(msgspec.Struct, frozen=True):
    """What the type of these tests gives."""

    line_count: int
    first_line: str = ""


@processor("LINES", result=Found, limits={"max_pages": 2})
def lines(context: StepContext) -> Found:
    """Count lines."""
    context.progress(0.5)
    context.log("half\nof it")
    found = context.text.splitlines()
    context.write("copy.txt", context.text.encode(), "text/plain")
    return Found(line_count=len(found), first_line=found[0] if found else "")


def test_its_result_stands_beside_what_all_results_have() -> None:
    run = run_processor(lines, "one\ntwo")

    assert run.result["lineCount"] == 2
    assert run.result["firstLine"] == "one"
    assert run.result["jobType"] == "LINES"
    assert run.result["source"]["mediaTypeDetected"] == "text/plain"
    assert msgspec.convert(run.result, lines.job_type.result).status == "ok"
    assert run.outputs["copy.txt"] == b"one\ntwo"


def test_progress_and_log_reach_whoever_follows() -> None:
    run = run_processor(lines, "one")

    assert run.log == ("half of it",)
    said = [report for report in run.reports if report.message]
    assert [(report.step, report.message) for report in said] == [
        ("lines", "half of it")
    ]
    fractions = [report.fraction for report in run.reports]
    assert fractions == sorted(fractions)
    assert run.result["log"] == ({"step": "lines", "message": "half of it"},)


def test_any_format_was_read_before() -> None:
    content = (SAMPLES / "order.html").read_bytes()

    assert run_processor(lines, content, name="order.html").result["lineCount"] > 5


def test_its_limits_hold() -> None:
    content = (SAMPLES / "report-tables.pdf").read_bytes()

    with pytest.raises(DocumentError) as caught:
        run_processor(lines, content, name="report.pdf")
    assert caught.value.code == "too_many_pages"


def test_one_that_reads_by_itself_gets_the_file_only() -> None:
    @processor("RAW", result=Found, reads=False)
    def raw(context: StepContext) -> dict[str, int]:
        return {"line_count": context.source.path.read_bytes().count(b"\n")}

    @raw.step("again")
    def again(context: StepContext) -> None:
        context.log(context.options.model)

    run = run_processor(raw, b"\x00\n\n", options=ProcessingOptions(model="off"))

    assert run.result["lineCount"] == 2
    assert run.result["source"]["mediaTypeDetected"] == "application/octet-stream"
    assert [step.name for step in raw.job_type.steps] == ["raw", "again"]
    assert run.log == ("off",)


def test_a_result_of_another_type_is_a_mistake() -> None:
    @processor("WRONG", result=Found)
    def wrong(context: StepContext) -> dict[str, str]:
        return {"line_count": "many"}

    with pytest.raises(msgspec.ValidationError):
        run_processor(wrong, "text")


def test_issues_of_no_known_severity_are_a_mistake() -> None:
    @processor("WORSE", result=Found)
    def worse(context: StepContext) -> Found:
        severity: Any = "terrible"
        context.add_issue("ODD", severity, "It is odd.")
        return Found(line_count=1)

    with pytest.raises(msgspec.ValidationError, match="terrible"):
        run_processor(worse, "text")


@pytest.mark.parametrize(("number", "of"), [(1.5, 3), (1, 3.0), ("1", 3)])
def test_pages_are_whole_numbers(number: Any, of: Any) -> None:
    @processor("PARTS", result=Found)
    def parts(context: StepContext) -> Found:
        context.report_page(number, of)
        return Found(line_count=1)

    with pytest.raises(TypeError):
        run_processor(parts, "text")


@pytest.mark.parametrize(
    ("name", "limits"), [("lower", {}), ("", {}), ("A-B", {}), ("A", {"pages": 1})]
)
def test_a_wrong_declaration_is_refused(name: str, limits: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"job type|no limits"):
        Processor(name, result=Found, reads=True, limits=limits)


PACKAGE = """
import msgspec
from service.processing.processors import processor

class Size(msgspec.Struct):
    size: int

@processor({name!r}, result=Size, reads=False)
def measure(context):
    return Size(context.source.size_bytes)
"""


def install(folder: Path, *, name: str = "SIZE", value: str = "sizes:measure") -> None:
    """Lay out what an installer would."""
    (folder / "sizes.py").write_text(PACKAGE.format(name=name))
    facts = folder / "sizes-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: sizes\nVersion: 1\n")
    (facts / "entry_points.txt").write_text(f"[docmill.processors]\nsize = {value}\n")


def test_an_installed_package_adds_its_type_everywhere(tmp_path: Path) -> None:
    install(tmp_path)

    ended = subprocess.run(
        [sys.executable, "-m", "service.cli", "process", "--type", "SIZE", "LICENSE"],
        cwd=REPOSITORY,
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )

    assert ended.returncode == 0, ended.stderr
    size = (REPOSITORY / "LICENSE").stat().st_size
    assert msgspec.json.decode(ended.stdout)["size"] == size


@pytest.mark.parametrize(
    ("value", "reason"),
    [("sizes:nothing", "cannot be loaded"), ("sizes:Size", "not made with")],
)
def test_one_that_cannot_be_loaded_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, reason: str
) -> None:
    install(tmp_path, value=value)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sizes", raising=False)

    with pytest.raises(SettingsError, match=rf"size \({value}\).*{reason}"):
        list(installed())
