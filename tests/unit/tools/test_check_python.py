import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "tools" / "check_python.sh"


def check(python: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", SCRIPT, python], capture_output=True, text=True, check=False
    )


def test_this_python_will_do() -> None:
    assert check(sys.executable).returncode == 0


def test_a_python_that_is_not_there_is_named() -> None:
    done = check("python-of-nowhere")
    assert done.returncode == 1
    assert "no 'python-of-nowhere' here" in done.stderr


@pytest.mark.parametrize(
    ("trouble", "message"),
    [("version_info", "3.11 or newer"), ("ensurepip", "python3-venv")],
)
def test_a_python_that_lacks_something_is_refused_with_what_to_do(
    tmp_path: Path, trouble: str, message: str
) -> None:
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\ncase "$2" in *{trouble}*) exit 1;; esac\necho "Python 3.9.2"\n'
    )
    python.chmod(0o755)
    done = check(python)
    assert done.returncode == 1
    assert message in done.stderr
