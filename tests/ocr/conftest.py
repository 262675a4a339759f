"""Only here docmill[ocr] is there: the other tiers show what happens without it."""

import pytest

from service.processing.ocr import ocr_installed
from tests.conftest import IN_CI


@pytest.fixture(autouse=True, scope="session")
def ocr_is_installed() -> None:
    if not ocr_installed():
        problem = "docmill[ocr] is not installed: `make test-ocr` sees to it"
        if IN_CI:
            pytest.fail(problem)
        pytest.skip(problem)
