from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.sandbox import Sandbox, SandboxLimits
from tests.integration.sandbox.support import MEMORY_BYTES, MODULES, Bench


@pytest.fixture(scope="package")
def shared_sandbox(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Sandbox, Path]]:
    """A sandbox whose children's own alarms come too late for any test."""
    temp_parent = tmp_path_factory.mktemp("sandbox")
    limits = SandboxLimits(
        memory_bytes=MEMORY_BYTES, recycle_after=1_000, kill_slack_s=600
    )
    with Sandbox(MODULES, limits, temp_parent=temp_parent) as sandbox:
        yield sandbox, temp_parent


@pytest.fixture
def bench(shared_sandbox: tuple[Sandbox, Path], tmp_path: Path) -> Bench:
    """A sandbox that all tests share, with files of this test's own."""
    sandbox, temp_parent = shared_sandbox
    return Bench(sandbox, files=tmp_path, temp_parent=temp_parent)


@pytest.fixture
def own_bench(tmp_path: Path) -> Iterator[Bench]:
    """A sandbox that the test may break; replaces a child after two documents."""
    temp_parent = tmp_path / "temp"
    temp_parent.mkdir()
    limits = SandboxLimits(memory_bytes=MEMORY_BYTES, recycle_after=2, kill_slack_s=0.2)
    with Sandbox(MODULES, limits, temp_parent=temp_parent) as sandbox:
        yield Bench(sandbox, files=tmp_path, temp_parent=temp_parent)
