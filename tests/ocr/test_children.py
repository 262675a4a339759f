"""OCR in the sandbox, whose children come from a server that has loaded the models."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from actors.sandbox import Sandbox, SandboxJob, SandboxLimits
from service.errors import ChildDiedError
from service.processing.context import OcrPlace
from tests.ocr.drawn import drawn
from tests.unit.processing.running import source_of

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One that takes a new child for each document."""
    limits = SandboxLimits(
        ocr=OcrPlace.HERE, memory_bytes=2_684_354_560, recycle_after=1
    )
    folder = tmp_path_factory.mktemp("sandbox")
    with Sandbox((), limits, temp_parent=folder) as made:
        yield made


def read(sandbox: Sandbox, folder: Path, word: str) -> str:
    """Give the result of a picture of a word."""
    path = folder / f"{word}.png"
    path.write_bytes(drawn(word))
    source = source_of(path)
    result = sandbox.run(
        SandboxJob(
            job_type="DATA_EXTRACTION",
            document_id=source.document_id,
            path=path,
            name=source.name,
            size_bytes=source.size_bytes,
            sha256=source.sha256,
            output_prefix=folder / f"made-{word}",
        ),
        time_limit_s=60,
        on_report=lambda _: None,
    )
    return bytes(result.data).decode()


def test_the_server_that_has_the_models_has_no_thread_that_a_fork_would_lose(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    assert "Threadbare" in read(sandbox, tmp_path, "Threadbare")
    threads = list(Path(f"/proc/{sandbox.server_pid}/task").iterdir())
    assert len(threads) == 1


def test_children_at_once_each_read_their_own(sandbox: Sandbox, tmp_path: Path) -> None:
    words = [f"Number{1000 + number}" for number in range(4)]
    with ThreadPoolExecutor(2) as pool:
        texts = pool.map(lambda word: read(sandbox, tmp_path, word), words)
    for word, found in zip(words, texts, strict=True):
        assert f'"preview":"{word}"' in found


def test_a_child_without_enough_memory_ends_by_name(
    tmp_path: Path,
) -> None:
    limits = SandboxLimits(ocr=OcrPlace.HERE, memory_bytes=67_108_864)
    with Sandbox((), limits, temp_parent=tmp_path) as small:
        with pytest.raises(ChildDiedError) as caught:
            read(small, tmp_path, "Narrow")
        assert caught.value.code == "out_of_memory"
