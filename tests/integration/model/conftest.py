import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.sandbox import Sandbox, SandboxLimits
from tests.servers.model import ModelServer, serving


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with serving() as made:
        yield made


@pytest.fixture(scope="package")
def sandbox() -> Iterator[Sandbox]:
    """One that makes pictures small, as where a vision model is configured."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(
            (),
            SandboxLimits(picture_longest_px=800, max_pictures=2),
            temp_parent=Path(folder),
        ) as made,
    ):
        yield made
