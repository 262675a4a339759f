"""The examples of the documentation run as they stand."""

import subprocess
import sys

import pytest

from tests.e2e.support import ROOT, Service

SAMPLES = ROOT / "samples"
ARGUMENTS = {
    "01_submit_and_follow.py": ["invoice-facturx.pdf", "report-cut.pdf", "stock.csv"],
    "02_own_processing.py": ["order.html", "minutes-utf8.txt"],
}
"""Files given to an example, after the address of a service if it takes one."""


def run(name: str, *addresses: str) -> str:
    files = [str(SAMPLES / each) for each in ARGUMENTS[name]]
    done = subprocess.run(
        [sys.executable, f"docs/examples/{name}", *addresses, *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=45,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


def test_every_example_is_run_here() -> None:
    examples = {each.name for each in (ROOT / "docs" / "examples").glob("*.py")}
    assert examples == set(ARGUMENTS)


@pytest.mark.parametrize("name", ARGUMENTS)
def test_an_example_says_what_it_is_and_how_to_run_it(name: str) -> None:
    text = (ROOT / "docs" / "examples" / name).read_text()
    assert text.startswith('"""')
    assert f"python docs/examples/{name}" in text


def test_submit_and_follow(service: Service) -> None:
    said = run("01_submit_and_follow.py", service.url)
    assert "accepted with 3 documents" in said
    assert "COMPLETED: 2 of 3" in said
    assert said.count("task.completed") == 2
    assert ": application/pdf" in said
    assert said.rstrip().endswith(": corrupt")


def test_own_processing() -> None:
    said = run("02_own_processing.py")
    assert "order.html: " in said
    assert "words on 1 pages" in said
    assert said.count("the longest is") == 2
