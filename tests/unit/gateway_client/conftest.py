from collections.abc import Iterator

import pytest

from gateway.client import Client
from tests.unit.gateway_client.scripted import Script, serving


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def address(script: Script) -> Iterator[str]:
    with serving(script) as url:
        yield url


@pytest.fixture
def client(address: str) -> Iterator[Client]:
    with Client(address, timeout_s=5) as opened:
        yield opened
