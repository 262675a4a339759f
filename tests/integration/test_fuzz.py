"""Files nobody thought of, through the real sandbox.

Each ends within its limit with a named error or with a result that keeps to its schema,
leaves nothing behind, and the worker goes on. `make test-full` tries many more.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors.sandbox import Sandbox, SandboxLimits
from tests.hostile import grammars, mutations
from tests.hostile.driving import MODULES, NAMED, ending, job, listening

JOB_TYPES = st.sampled_from(["FULL_ANALYSIS", "QUALITY_CHECK", "BATCH_ANALYSIS"])
FILES = {
    "damaged": mutations.damaged,
    "pdfs": mutations.pdfs(),
    "packed": mutations.packed(),
    "messages": grammars.messages,
    "tables": grammars.tables(),
    "documents": grammars.documents,
    "pages": grammars.pages,
    "texts": grammars.texts,
    "rich texts": grammars.rich_texts,
}
EXAMPLES, MORE_EXAMPLES = 60, 1_500
"""Of each kind; a document takes about 30 ms."""

bounded = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@dataclass
class Bench:
    sandbox: Sandbox
    files: Path
    temp: Path
    callers: list[str]
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def check(self, content: bytes, name: str, job_type: str) -> None:
        path = self.files / str(next(self.numbers))
        path.write_bytes(content)
        try:
            assert ending(self.sandbox, job(path, name, job_type)) in NAMED
        finally:
            path.unlink()
        assert list(self.files.iterdir()) == []
        assert [each for each in self.temp.rglob("*") if not each.is_dir()] == []
        assert self.callers == []


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("fuzz")
    temp, files = folder / "temp", folder / "files"
    temp.mkdir()
    files.mkdir()
    with (
        listening() as (_, callers),
        Sandbox(MODULES, SandboxLimits(), temp_parent=temp) as sandbox,
    ):
        yield Bench(sandbox, files, temp, callers)
        files.joinpath("a.txt").write_text("Hello")
        assert ending(sandbox, job(files / "a.txt", "a.txt")) == "ok"


@pytest.mark.parametrize("kind", FILES)
def test_a_file_ends_with_a_name_or_a_valid_result(bench: Bench, kind: str) -> None:
    @bounded
    @given(FILES[kind], grammars.words, JOB_TYPES)
    def holds(content: bytes, name: str, job_type: str) -> None:
        bench.check(content, name, job_type)

    holds()


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("kind", FILES)
def test_many_files_end_with_a_name_or_a_valid_result(bench: Bench, kind: str) -> None:
    @settings(bounded, max_examples=MORE_EXAMPLES, derandomize=False)
    @given(FILES[kind], grammars.words, JOB_TYPES)
    def holds(content: bytes, name: str, job_type: str) -> None:
        bench.check(content, name, job_type)

    holds()
