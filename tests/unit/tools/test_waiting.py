import subprocess
import sys
from pathlib import Path

from tools.stack.waiting import free_port

ROOT = Path(__file__).parents[3]


def test_no_port_is_given_twice_before_somebody_listens() -> None:
    first = [free_port(beside=1) for _ in range(300)]
    assert len({*first, *(port + 1 for port in first)}) == 600


def test_a_port_that_was_given_is_no_other_processs() -> None:
    program = f"from tools.stack.waiting import claim; print(claim({free_port()}))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "False\n"
