"""A worker's sandbox with a model behind it, as the settings make it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from prometheus_client import CollectorRegistry

from actors.model_steps import ModelSandbox
from actors.sandbox import Sandbox, SandboxJob, SandboxResult
from service.blobs import Blobs
from service.bootstrap import Tools
from service.cli.making import model_steps
from service.clock import SystemClock
from service.domain.options import ProcessingOptions
from service.metrics import Metrics
from service.processing.outputs import RESULT_OUTPUT, output_path
from service.processing.registry import build_registry
from service.processing.reports import StepReport
from service.processing.results import AnalysisResult
from service.settings import Settings
from tests.blobs import claimed_blobs
from tests.servers.model import ModelServer

INVOICE = """Invoice 4711

Muster AG, Bahnhofstrasse 1, 8001 Zurich
Invoice date: 2026-03-01
Due date: 2026-03-31

Paper, 10 boxes                    100.00
VAT 19 %                            19.00
Total                          EUR 119.00

Please pay within thirty days. Thank you for your order of ten boxes of paper.
"""


class Desk:
    """Where documents are brought to."""

    def __init__(
        self, sandbox: ModelSandbox, blobs: Blobs, metrics: Metrics, folder: Path
    ) -> None:
        self._sandbox = sandbox
        self._prefix = folder / "made"
        self._folder = folder
        self.blobs = blobs
        self.metrics = metrics
        self.reports: list[StepReport] = []
        self.outputs: list[str] = []
        self.stopping = threading.Event()

    def process(
        self,
        content: bytes | str = INVOICE,
        *,
        name: str = "letter.txt",
        model: Any = "auto",
        job_type: str = "FULL_ANALYSIS",
        time_limit_s: float = 25.0,
    ) -> dict[str, Any]:
        """Give the result as clients see it; it fits its schema."""
        data = content.encode() if isinstance(content, str) else content
        path = self._folder / name
        path.write_bytes(data)
        job = SandboxJob(
            job_type=job_type,
            document_id="doc_1",
            path=path,
            name=name,
            size_bytes=len(data),
            sha256="0" * 64,
            output_prefix=self._prefix,
            options=ProcessingOptions(model=model),
            output_key="results/job_1/task_1/1-run",
        )
        self.reports.clear()
        result = self._sandbox.run(
            job,
            time_limit_s=time_limit_s,
            on_report=self.reports.append,
            should_stop=self.stopping.is_set,
        )
        found = self._read(result)
        if job_type == "FULL_ANALYSIS":
            msgspec.convert(found, AnalysisResult)
        return found

    def left(self) -> set[str]:
        """Give the names of the files that lie beside the results now."""
        return {path.name for path in self._folder.glob("made.*")}

    def counted(self, name: str, **labels: str) -> float | None:
        """Give a metric's value."""
        return self.metrics.registry.get_sample_value(f"docmill_{name}", labels)

    def _read(self, result: SandboxResult) -> dict[str, Any]:
        self.outputs = [output.name for output in result.outputs]
        data = bytes(result.data)
        if result.in_file:
            data = output_path(self._prefix, RESULT_OUTPUT).read_bytes()
        for output in result.outputs:
            path = output_path(self._prefix, output.name)
            assert path.stat().st_size == output.size_bytes
        found: dict[str, Any] = msgspec.json.decode(data)
        return found


@contextmanager
def desk(
    sandbox: Sandbox, folder: Path, server: ModelServer | None, **chosen: Any
) -> Iterator[Desk]:
    """Set one up; `chosen` are settings."""
    if server is not None:
        chosen = {"model_url": server.url, "model_name": "small"} | chosen
    settings = Settings(data_dir=folder / "data", **chosen)
    settings.data_dir.mkdir(exist_ok=True)
    tools = Tools(
        settings=settings,
        clock=SystemClock(),
        blobs=claimed_blobs(settings.effective_blob_url),
        registry=build_registry(),
        metrics=Metrics(CollectorRegistry()),
    )
    with model_steps(tools) as steps:
        modelled = ModelSandbox(sandbox, steps, tools.clock)
        yield Desk(modelled, tools.blobs, tools.metrics, folder)
