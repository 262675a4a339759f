from collections.abc import Iterator

import pytest

from actors.sandbox import SandboxLimits
from service.processing.context import OcrPlace
from tests.integration.worker.workshop import Workshop


@pytest.fixture(scope="package")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    made = Workshop(tmp_path_factory.mktemp("workshop"))
    yield made
    made.close()


@pytest.fixture(scope="package")
def workshop_beside_ocr(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Workshop]:
    """A worker that knows of others that recognise text."""
    limits = SandboxLimits(ocr=OcrPlace.ELSEWHERE)
    made = Workshop(tmp_path_factory.mktemp("beside"), limits)
    yield made
    made.close()
