"""Runs the real pipeline over files, in this process."""

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from service.clock import SystemClock
from service.errors import DocumentError
from service.processing.context import OcrPlace
from service.processing.options import DEFAULT_OPTIONS, ProcessingOptions
from service.processing.pipeline import (
    Limits,
    Outcome,
    Source,
    StepReport,
    run_pipeline,
)
from service.processing.registry import build_registry

REPOSITORY = Path(__file__).resolve().parents[3]
SAMPLES = REPOSITORY / "samples"
CORPUS = REPOSITORY.parent / "shared" / "corpus"


def corpus(name: str) -> Path:
    """Give a real-world file that is kept outside the repository."""
    path = CORPUS / name
    if not path.exists():
        pytest.skip("the folder with real-world files is not here")
    return path


def source_of(path: Path, *, declared: str | None = None) -> Source:
    content = path.read_bytes()
    return Source(
        path=path,
        name=path.name,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        declared_media_type=declared,
        document_id="doc_test",
    )


def extract(
    path: Path,
    *,
    limits: Limits | None = None,
    declared: str | None = None,
    report: Callable[[StepReport], None] = lambda _: None,
    output_prefix: Path | None = None,
    job_type: str = "DATA_EXTRACTION",
    options: ProcessingOptions = DEFAULT_OPTIONS,
    ocr: OcrPlace = OcrPlace.NOWHERE,
) -> Outcome:
    """Run a job type; the files beside the result go unless a place is given."""
    with tempfile.TemporaryDirectory() as folder:
        return run_pipeline(
            build_registry().get(job_type),
            source_of(path, declared=declared),
            limits or Limits(),
            report,
            SystemClock(),
            output_prefix or Path(folder) / "made",
            options=options,
            ocr=ocr,
        )


def refusal(path: Path, *, limits: Limits | None = None) -> str:
    """Give the code with which a document is refused."""
    with pytest.raises(DocumentError) as caught:
        extract(path, limits=limits)
    assert str(path.parent) not in caught.value.message
    return caught.value.code


def issues(outcome: Outcome) -> list[str]:
    return [issue["code"] for issue in outcome.data["issues"]]


def text(outcome: Outcome) -> str:
    preview: str = outcome.data["text"]["preview"]
    return preview
