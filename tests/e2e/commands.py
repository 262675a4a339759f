"""Runs the commands as people do."""

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.support import ROOT
from tests.support import eventually

SAMPLES = ROOT / "samples"
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


def written(folder: Path, **contents: str) -> list[str]:
    """Write text files; gives their paths."""
    for name, content in contents.items():
        (folder / f"{name}.txt").write_text(content)
    return [str(folder / f"{name}.txt") for name in contents]
