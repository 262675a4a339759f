from collections.abc import Iterator

import pytest

from gateway.client import Client


@pytest.fixture
def client(address: str) -> Iterator[Client]:
    with Client(address, timeout_s=5) as opened:
        yield opened
