from collections.abc import Iterator

import pytest

from tests.e2e.support import Service, running


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that tests share, also with other modules; none of them may stop it."""
    folder = tmp_path_factory.mktemp("service")
    with running(folder, "DOCMILL_CHILD_MEMORY_BYTES=134217728") as service:
        yield service
