"""Gives the tests of the sandbox documents, and a look at processes."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from actors.sandbox import Sandbox, SandboxJob, SandboxResult
from service.processing.reports import StepReport

MODULES = ("tests.made_up_work", "tests.integration.sandbox.odd_work")
MEMORY_BYTES = 256 * 1024 * 1024
LONG_S = 50.0


class Bench:
    """A sandbox and the documents that a test puts into it."""

    def __init__(self, sandbox: Sandbox, *, files: Path, temp_parent: Path) -> None:
        self.sandbox = sandbox
        self.temp_parent = temp_parent
        self.reports: list[StepReport] = []
        self._files = files
        self._numbers = itertools.count(1)

    def job(self, job_type: str, content: str = "") -> SandboxJob:
        number = next(self._numbers)
        path = self._files / f"{job_type}-{number}"
        path.write_text(content, encoding="utf-8")
        return SandboxJob(
            job_type=job_type,
            document_id=f"doc_{number}",
            path=path,
            name=path.name,
            size_bytes=len(content),
            sha256="0" * 64,
            output_prefix=path.with_suffix(""),
        )

    def run(
        self,
        job_type: str,
        content: str = "",
        *,
        time_limit_s: float = LONG_S,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> SandboxResult:
        return self.sandbox.run(
            self.job(job_type, content),
            time_limit_s=time_limit_s,
            on_report=self.reports.append,
            should_stop=should_stop,
        )

    def inspect(self) -> dict[str, Any]:
        """Let a child say what it sees of the world."""
        seen: dict[str, Any] = found(self.run("INSPECT"))
        return seen

    def child_pid(self) -> int:
        pid: int = self.inspect()["pid"]
        return pid

    def temporary_files(self) -> list[Path]:
        return [path for path in self.temp_parent.rglob("*") if not path.is_dir()]


def found(result: SandboxResult) -> Any:
    return msgspec.json.decode(result.data)["found"]
