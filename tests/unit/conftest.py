"""A small real server with written-down answers."""

from collections.abc import Iterator

import pytest

from tests.unit.gateway_client.scripted import Script, serving


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def address(script: Script) -> Iterator[str]:
    with serving(script) as url:
        yield url
